import Platform

/// Which fdatasync comes next: group commit with one in flight. A pure state machine: the caller submits what it
/// says, and tells the result.
///
/// - What an fdatasync covers is captured before it is submitted; records committed meanwhile wait for the next.
/// - A segment is synchronised to its end before the one that follows it.
/// - Nothing in a segment counts before its name is safe in the directory.
/// - After a failure nothing is known about what reached the disk, and a second fdatasync may report success for
///   pages that were dropped: the state is final, and the process has to end.
public struct SyncState: Equatable, Sendable {
    /// What the caller has to do.
    public enum Action: Equatable, Sendable {
        /// Nothing now.
        case none
        /// Synchronise the data of that segment's file; it covers the records through that point.
        case synchronize(RecordPoint)
    }

    /// The segment that is synchronised next, or now.
    public private(set) var segment: UInt64
    /// The last durable sequence.
    public private(set) var durable: UInt64
    /// What the fdatasync in flight covers; nil when none is.
    public private(set) var inFlight: RecordPoint?
    /// The error after which nothing is done any more.
    public private(set) var failure: Errno?
    private var closesSegment = false

    /// - Parameters:
    ///   - segment: the segment that holds the first record after `durable`, or the tail.
    ///   - durable: sequence up to which everything is durable.
    public init(segment: UInt64, durable: UInt64) {
        self.segment = segment
        self.durable = durable
    }

    /// What to do now.
    ///
    /// - Parameters:
    ///   - tail: the last committed record.
    ///   - end: the last record of `segment`, when the tail is in a later one.
    ///   - linked: number of the last segment whose name is safe on disk.
    public mutating func next(tail: RecordPoint, end: RecordPoint?, linked: UInt64) -> Action {
        guard inFlight == nil, failure == nil, linked >= segment else { return .none }
        let closes = tail.segment > segment
        guard let point = closes ? end : tail else { return .none }
        assert(point.segment == segment || !closes)
        guard closes || point.sequence > durable else { return .none }
        inFlight = RecordPoint(segment: segment, sequence: point.sequence, hash: point.hash)
        closesSegment = closes
        return .synchronize(inFlight!)
    }

    /// Takes the result of the fdatasync in flight: 0, or a negative errno value.
    ///
    /// - Returns: the point that is durable now; nil after a failure.
    public mutating func completed(_ result: Int32) -> RecordPoint? {
        guard let point = inFlight else { preconditionFailure("no fdatasync is in flight") }
        inFlight = nil
        guard result >= 0 else {
            failure = Errno(rawValue: -result)
            return nil
        }
        precondition(point.sequence >= durable, "the durable sequence went back")
        durable = point.sequence
        if closesSegment { segment += 1 }
        return point
    }
}
