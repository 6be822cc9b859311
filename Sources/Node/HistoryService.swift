import Settings
import Wire

/// Between order entry and the services thread: requests for replies that are in the journal, and the bytes read for them.
///
/// Fixed capacity, allocated at `init`; a handle whose copies share it. Order entry asks and takes; the service fills.
struct HistoryExchange: @unchecked Sendable {
    init(sessionsMax: Int, bufferBytes: Int) {}
}

/// Reads replies back from the journal, on the services thread: for sessions that resume, and for commands that were
/// sent again. Blocks on the disk if it has to; reads nothing above `gate.released`.
struct HistoryService: ~Copyable {
    init(facts: NodeFacts, gate: ReleaseGate, exchange: HistoryExchange) throws(NodeError) {}

    /// One bounded lap over the requests. Returns how much was done, 0 when idle.
    mutating func doWork() -> Int { 0 }
}
