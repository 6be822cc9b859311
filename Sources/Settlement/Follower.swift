import Platform

/// Something that follows the journal, on a thread of its own: the log, receipts, data availability, history.
///
/// A follower has its own `TailReader` and its own position on disk, and shares nothing with the others but the
/// journal, which it only reads, and the small progress objects of its context. So one that is slow, waits for a
/// network or fails never holds up another.
public protocol Follower: SendableMetatype {
    /// Name of the thread, and in logs and counters: up to 15 bytes.
    static var name: String { get }

    /// Prepares it; called on its thread, and again after `run` threw.
    init(_ context: FollowerContext) throws

    /// Follows the journal until asked to stop; finishes what it began before it returns.
    ///
    /// Nothing above the durable mark (`TailReader.durableSequence`) may be signed or published.
    ///
    /// - Throws: what it cannot get past by itself. `SettlementError.isFatal` ends the process; after anything else the
    ///   error is logged and the follower is made anew after a pause that grows from one second to a minute.
    mutating func run(until stop: StopFlag) throws
}
