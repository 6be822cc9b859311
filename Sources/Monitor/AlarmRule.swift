import Platform

/// When a counter wants somebody's attention. `AlarmRules` has them all; Node.md and Settlement.md say what is behind.
struct AlarmRule: Sendable {
    /// What is looked at, of three readings: the first, one half an interval later, and the last.
    enum Condition: Sendable {
        /// It is more than it was.
        case grows
        /// It is not 0.
        case any
        /// It is more than a limit: what the limit is.
        case above(UInt64, String)
        /// It is less than a limit, and another counter of its process is not 0: what the limit is.
        case below(UInt64, String, once: String)
        /// In every reading it is above a limit, and in no reading less than in the one before.
        case staysAbove(UInt64, String)
        /// It did not move, and is less than another counter was in the first reading.
        case standsStillBehind(MonitoredProcess, String)
        /// It is less than another counter was in the first reading, a second ago or more.
        case isBehind(MonitoredProcess, String)
        /// It did not move, while another counter of its process grew by so much or more, and none of some others did.
        case standsStillWhile(String, by: UInt64, without: [String])
        /// 99 % of what a histogram took between the readings are above a limit in ns.
        case ninetyNinePercentAbove(UInt64, String)
    }

    let process: MonitoredProcess
    /// Of a counter or histogram; N stands for a number.
    let name: String
    let condition: Condition
    /// What it means, in a few words.
    let meaning: String

    init(_ process: MonitoredProcess, _ name: String, _ condition: Condition, _ meaning: String) {
        (self.process, self.name, self.condition, self.meaning) = (process, name, condition, meaning)
    }

    /// Whether the rule is about a name.
    func covers(_ other: String) -> Bool {
        guard name.contains("-N") else { return name == other }
        let parts = name.split(separator: "N", maxSplits: 1).map(String.init)
        let digits = other.dropFirst(parts[0].count).dropLast(parts[1].count)
        return other.hasPrefix(parts[0]) && other.hasSuffix(parts[1]) && !digits.isEmpty
            && digits.allSatisfy { $0.isASCII && $0.isNumber }
    }

    /// The alarms that three readings give, in the order of the file.
    func alarms(_ readings: Readings) -> [Alarm] {
        guard let last = readings.last.processes[process] else { return [] }
        if case .ninetyNinePercentAbove(let limit, let text) = condition {
            guard let now = last.histograms.first(where: { $0.name == name }),
                let before = readings.first.processes[process]?.histograms.first(where: { $0.name == name }),
                let value = now.since(before).percentile(perMillion: 990_000), value > limit
            else { return [] }
            return [Alarm(process: process, name: name, value: value, expected: "at most \(text)", meaning: meaning)]
        }
        return last.counters.filter { covers($0.name) }.compactMap { counter in
            expected(counter.name, counter.value, readings).map {
                Alarm(process: process, name: counter.name, value: counter.value, expected: $0, meaning: meaning)
            }
        }
    }

    /// What the value should have been; nil when it is that.
    private func expected(_ name: String, _ value: UInt64, _ readings: Readings) -> String? {
        // What was not there began at 0.
        let all = [readings.first, readings.middle, readings.last].map { $0[process, name] ?? 0 }
        switch condition {
        case .grows: return value > all[0] ? "\(all[0]), as before" : nil
        case .any: return value > 0 ? "0" : nil
        case .above(let limit, let text): return value > limit ? "at most \(text)" : nil
        case .below(let limit, let text, let cause):
            return value < limit && readings.last[process, cause] ?? 0 > 0 ? "at least \(text)" : nil
        case .staysAbove(let limit, let text):
            let isFalling = all[1] < all[0] || all[2] < all[1]
            return all.allSatisfy({ $0 > limit }) && !isFalling ? "at most \(text), or falling" : nil
        case .standsStillBehind(let other, let leader):
            guard let lead = readings.first[other, leader], value < lead, value == all[0] else { return nil }
            return "\(lead), as \(leader)"
        case .isBehind(let other, let leader):
            guard let lead = readings.first[other, leader], value < lead else { return nil }
            return "at least \(lead), as \(leader)"
        case .standsStillWhile(let cause, let least, let others):
            // In the first half of the time: what came last has not had its effect yet.
            guard value == all[0], readings.middle.grew(process, cause, since: readings.first) >= least,
                others.allSatisfy({ readings.last.grew(process, $0, since: readings.first) == 0 })
            else { return nil }
            return "more than \(value), because \(cause) grew"
        case .ninetyNinePercentAbove: return nil
        }
    }
}

extension VenueReading {
    /// By how much a counter grew since an earlier reading.
    fileprivate func grew(_ process: MonitoredProcess, _ name: String, since earlier: VenueReading) -> UInt64 {
        let now = self[process, name] ?? 0, before = earlier[process, name] ?? 0
        return now > before ? now - before : 0
    }
}

/// A counter that wants attention.
public struct Alarm: Sendable, Equatable, Encodable {
    public let process: MonitoredProcess
    /// Of the counter or histogram.
    public let name: String
    /// What it is.
    public let value: UInt64
    /// What it should be.
    public let expected: String
    /// What it means.
    public let meaning: String
}

/// Three readings of a venue: what grows, and what stands still, takes some time to see.
public struct Readings: Sendable {
    public let first: VenueReading
    /// Half an interval later.
    public let middle: VenueReading
    public let last: VenueReading

    public init(first: VenueReading, middle: VenueReading, last: VenueReading) {
        (self.first, self.middle, self.last) = (first, middle, last)
    }
}
