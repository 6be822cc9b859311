import Platform
import Settings

/// The counters of all processes of a venue, at one moment.
public struct VenueReading: Sendable {
    /// Monotonic ns.
    public let time: UInt64
    /// What was read. A process that never ran has no file, and no place here.
    public let processes: [MonitoredProcess: ProcessReading]
    /// Files that cannot be read.
    public let problems: [MonitoredProcess: String]

    /// Reads what is there.
    public init(_ settings: NodeSettings) {
        var processes: [MonitoredProcess: ProcessReading] = [:]
        var problems: [MonitoredProcess: String] = [:]
        for process in MonitoredProcess.allCases {
            let path = Self.path(process, settings)
            guard File.exists(path) else { continue }
            do throws(PlatformError) { processes[process] = try ProcessReading(path: path) } catch {
                problems[process] = "\(error)"
            }
        }
        time = SystemClock.monotonicNanoseconds()
        self.processes = processes
        self.problems = problems
    }

    /// A counter; nil when the process never ran, or has none of that name.
    subscript(_ process: MonitoredProcess, _ name: String) -> UInt64? { processes[process]?[name] }

    /// Where a process has its counters.
    static func path(_ process: MonitoredProcess, _ settings: NodeSettings) -> String {
        switch process {
        case .node: settings.countersFile
        case .settlement: settings.settlementDirectory + "/counters"
        }
    }
}
