import Ledger
import Wire

/// The venue: a function of its records. What the node compiles against; the rules follow.
public struct Venue: ~Copyable, @unchecked Sendable {
    /// Takes all memory, by the capacities of genesis.
    public init(genesis: GenesisMessage) {}

    /// Applies a record of any kind.
    public mutating func apply(_ command: Command, into effects: inout EffectWriter) -> Progress { .done }

    /// Writes the canonical bytes of the state.
    public func writeState<S: StateSink & ~Copyable>(into sink: inout S) {}

    /// Brings near what a command will touch.
    public mutating func prefetch(_ message: UnsafeRawPointer, count: Int) {}

    /// The keys, for verifiers on other threads.
    public var keys: KeyTable { KeyTable() }

    /// Highest nonce that a key in force has used; nil when there is no such key.
    public func nonceMark(account: UInt32, slot: UInt16) -> UInt64? { nil }

    /// Sequence of a command that is not done: a continuation is due.
    public var pendingCause: UInt64? { nil }

    /// Calls `body` with the 32 bytes of the venue key in force for a purpose.
    public func withVenueKey(_ purpose: VenueKeyPurpose, _ body: (UnsafeRawPointer) -> Bool) -> Bool { false }

    /// Bytes of memory that the venue holds.
    public var byteCount: Int { 0 }
}
