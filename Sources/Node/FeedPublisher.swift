import Platform
import Settings
import Wire

/// Turns records into ITCH messages in MoldUDP64 packets and multicasts them, in order, never blocking.
///
/// Runs inside `PublishAgent`. A full socket is a counted gap, which the request server fills. Requests through the
/// thread's `IOUring` are tagged `CompletionTag.publish`.
struct FeedPublisher: ~Copyable {
    /// Opens the socket; takes all memory.
    init(facts: NodeFacts, counters: FeedCounters) throws(NodeError) {}

    /// On the thread that owns `io`, before the first turn.
    mutating func start(_ io: inout IOUring) {}

    /// Encodes one record's messages; sends packets that are full. Records come in order, without gaps, starting with
    /// the first one of this start of the node (genesis or restart), each released. A record with a FeedSessionStarted
    /// effect begins a new session; end of messages ends it.
    mutating func append(_ record: RecordView, _ io: inout IOUring) {}

    /// No released record waits: sends what was begun, and heartbeats when the time has come.
    /// - Returns: packets sent.
    mutating func flush(_ io: inout IOUring) -> Int { 0 }

    /// Takes one of its completions.
    mutating func complete(_ completion: Completion, _ io: inout IOUring) {}
}
