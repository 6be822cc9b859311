import Platform
import Settings

/// How a venue is: every counter, what it gained in a second, and what wants attention.
public struct StatusReport: Sendable {
    /// One counter.
    public struct Row: Sendable, Equatable {
        public let name: String
        public let value: UInt64
        /// What it gained per second between the first and the last reading; nil when nothing.
        public let perSecond: UInt64?
    }

    /// The readings that it is made of.
    public let readings: Readings
    /// What wants attention.
    public let alarms: [Alarm]
    /// Processes that should run and do not, and files that cannot be read: what and why, in words.
    public let faults: [String]

    /// Nothing wants attention.
    public var isWell: Bool { alarms.isEmpty && faults.isEmpty }

    public init(_ readings: Readings, _ settings: NodeSettings) {
        self.readings = readings
        var faults: [String] = []
        for process in MonitoredProcess.allCases {
            if let problem = readings.last.problems[process] { faults.append("\(process.rawValue): \(problem)") }
            guard let reading = readings.last.processes[process] else {
                // Without settlement the promises of the genesis record are broken within their time.
                if readings.last.problems[process] == nil {
                    let path = VenueReading.path(process, settings)
                    faults.append("\(process.rawValue): never ran here: there is no \(path)")
                }
                continue
            }
            if !reading.isRunning {
                faults.append("\(process.rawValue): process \(reading.process) has ended; these are its last values")
            } else if let first = readings.first.processes[process], first.created != reading.created {
                faults.append("\(process.rawValue): was started again between the readings")
            }
        }
        self.faults = faults
        // What has ended, or has just begun, neither grows nor stands still.
        alarms = AlarmRules.all(settings, over: readings.last.time - readings.first.time).flatMap { rule -> [Alarm] in
            guard readings.last.processes[rule.process]?.isRunning == true,
                readings.first.processes[rule.process]?.created == readings.last.processes[rule.process]?.created
            else { return [] }
            return rule.alarms(readings)
        }
    }

    /// The counters of a process, in the order of its file.
    public func rows(_ process: MonitoredProcess) -> [Row] {
        guard let last = readings.last.processes[process] else { return [] }
        let first = readings.first.processes[process]
        let elapsed = readings.last.time - readings.first.time
        return last.counters.map { name, value in
            var perSecond: UInt64?
            if let before = first?[name], first?.created == last.created, value > before, elapsed > 0 {
                let (product, overflow) = (value - before).multipliedReportingOverflow(by: 1_000_000_000)
                perSecond = overflow ? .max : product / elapsed
            }
            return Row(name: name, value: value, perSecond: perSecond)
        }
    }
}

/// Takes readings, an interval apart.
public struct StatusSampler: Sendable {
    private let settings: NodeSettings
    private let intervalNanoseconds: UInt64
    private var before: VenueReading?

    /// - Parameter intervalMilliseconds: 1,000 or more, so that what a second should have brought can be missed.
    public init(_ settings: NodeSettings, intervalMilliseconds: Int) {
        precondition(intervalMilliseconds >= 1_000, "an interval of a second or more")
        self.settings = settings
        intervalNanoseconds = UInt64(intervalMilliseconds) * 1_000_000
    }

    /// Reads three times, and takes an interval for it; the first reading is the last one of the call before.
    public mutating func next() -> StatusReport {
        let first = before ?? VenueReading(settings)
        SystemClock.sleep(nanoseconds: intervalNanoseconds / 2)
        let middle = VenueReading(settings)
        SystemClock.sleep(nanoseconds: intervalNanoseconds / 2)
        let last = VenueReading(settings)
        before = last
        return StatusReport(Readings(first: first, middle: middle, last: last), settings)
    }
}
