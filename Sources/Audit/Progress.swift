/// How far an audit is: told about twice a second, never more often.
public struct AuditProgress: Sendable {
    /// The last record that was replayed.
    public var records: UInt64
    /// Records that there are; nil when that is not known.
    public var total: UInt64?
    /// Those of both that were not replayed, because the audit began behind them.
    public var before: UInt64 = 0
    /// Seconds since the start.
    public var seconds: Double

    /// Records per second.
    public var rate: Double { seconds > 0 ? Double(records - min(before, records)) / seconds : 0 }
    /// Seconds that are left; nil when it is not known how many records there are.
    public var secondsLeft: Double? {
        guard let total, rate > 0 else { return nil }
        return Double(total - min(records, total)) / rate
    }
}

/// Tells of progress.
struct ProgressTeller {
    private let tell: (@Sendable (AuditProgress) -> Void)?
    private let total: UInt64?
    private let before: UInt64
    private let start = ContinuousClock.now
    private var told = ContinuousClock.now
    /// Records between two looks at the clock.
    private static let stride: UInt64 = 4096

    init(total: UInt64?, before: UInt64 = 0, _ tell: (@Sendable (AuditProgress) -> Void)?) {
        (self.total, self.before) = (total, before)
        self.tell = tell
    }

    /// After each record.
    mutating func reached(_ records: UInt64) {
        guard records % Self.stride == 0, let tell else { return }
        let now = ContinuousClock.now
        guard now - told > .milliseconds(500) else { return }
        told = now
        let seconds = (now - start) / .seconds(1)
        tell(AuditProgress(records: records, total: total, before: before, seconds: seconds))
    }
}
