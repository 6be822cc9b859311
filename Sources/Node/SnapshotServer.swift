import Settings
import Wire

/// The snapshot server (GLIMPSE over SoupBinTCP): a tailer's feed book for receivers that join late, on the services
/// thread.
struct SnapshotServer: ~Copyable {
    /// The port that is listened on.
    let port: UInt16

    /// Opens the listener; takes all memory.
    init(facts: NodeFacts, gate: ReleaseGate) throws(NodeError) { port = facts.settings.marketData.snapshotPort }

    /// Follows the journal up to `gate.released`, accepts, sends: a bounded amount. Returns how much was done, 0 when
    /// idle.
    mutating func doWork() -> Int { 0 }

    /// Bytes of memory that it holds, for the report at start.
    var byteCount: Int { 0 }
}
