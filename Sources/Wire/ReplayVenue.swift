/// A venue that records are replayed through: the fast one, or the naive one.
public protocol ReplayVenue: ~Copyable {
    /// A venue of the capacities of genesis; the genesis record itself is applied like any other.
    init(genesis: GenesisMessage)
    /// Applies a record's command.
    mutating func apply(_ command: Command, into effects: inout EffectWriter) -> Progress
    /// Brings near what a command will touch. The message has the structure of its template and may hold any values.
    mutating func prefetch(_ message: UnsafeRawPointer, count: Int)
    /// Sequence of a command that is not done.
    var pendingCause: UInt64? { get }
    /// Highest nonce that a key has used; nil when the slot was never used.
    func nonceMark(account: UInt32, slot: UInt16) -> UInt64?
    /// Generation of the feed session in force.
    var feedGeneration: UInt32 { get }
    /// Writes the canonical bytes of the state (rule STA-1).
    func writeState<S: StateSink & ~Copyable>(into sink: inout S)
}

extension ReplayVenue where Self: ~Copyable {
    /// A naive venue has nothing to bring near.
    public mutating func prefetch(_ message: UnsafeRawPointer, count: Int) {}
}
