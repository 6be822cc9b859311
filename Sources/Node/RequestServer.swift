import Settings
import Wire

/// The MoldUDP64 request server: sends again what a receiver missed, from the journal, on the services thread.
struct RequestServer: ~Copyable {
    /// The port that is listened on.
    let port: UInt16

    /// Opens the socket.
    init(facts: NodeFacts, gate: ReleaseGate) throws(NodeError) { port = facts.settings.marketData.requestPort }

    /// A bounded number of requests; serves nothing above `gate.released`. Returns how much was done, 0 when idle.
    mutating func doWork() -> Int { 0 }
}
