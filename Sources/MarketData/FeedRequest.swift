import Wire

/// A request for messages that a receiver missed, checked.
public struct FeedRequest: Equatable, Sendable {
    /// First message wanted.
    public let sequence: UInt64
    /// How many, from 1.
    public let count: UInt16

    /// Nil when the bytes are no request for this session; there is no answer to those.
    ///
    /// - Parameter nextSequence: number of the message that is not yet made; what is wanted lies before it.
    public init?(_ bytes: UnsafeRawBufferPointer, session: FeedSession, nextSequence: UInt64) {
        guard let base = bytes.baseAddress, bytes.count == MoldUDP64.headerBytes, FeedSession(from: base) == session
        else { return nil }
        sequence = BigEndian.u64(base, 10)
        count = BigEndian.u16(base, 18)
        guard sequence >= 1, sequence < nextSequence, count != MoldUDP64.heartbeat, count != MoldUDP64.endOfSession
        else { return nil }
    }
}
