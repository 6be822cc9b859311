import Journal
import Platform
import Ring
import Settings
import Wire

/// Owns the TCP side: listener, sockets, sessions, receive buffers, send buffers. First and last stage of the ring.
///
/// It is the ring's producer (messages in) and its follower 0 (answers out): one agent owns each socket, so that no
/// session state is shared between threads. The session's rules are `OrderEntry`'s pure state machine; this is the shell
/// around it. All requests go through the thread's `IOUring`, tagged `CompletionTag.orderEntry`.
///
/// A turn of the thread: `complete` for each completion, `receive`, then the stages behind it, then `reply`, then one
/// submit for all of them.
struct OrderEntryAgent: ~Copyable {
    private var producer: RingProducer
    private var consumer: RingConsumer
    private var reader: CommittedReader
    private let gate: ReleaseGate
    private let listener: Descriptor

    /// The port that is listened on: the configured one, or the one that the system chose for 0.
    let port: UInt16

    /// Takes its handles and all its memory, and opens the listener.
    ///
    /// - Parameters:
    ///   - producer: the ring's producer.
    ///   - consumer: the ring's follower 0.
    ///   - reader: begins behind the last record before the first slot. For a slot with status `journaled`, take
    ///     records from it up to and with `slot.lastSequence`, once `gate.released` is not below that.
    ///   - gate: what may be told. A slot whose records are not released yet stops the reply half: later answers
    ///     keep their place behind it.
    ///   - history: where replies that were sent before are asked for (resume, resend); the services thread works it off.
    init(
        facts: NodeFacts, producer: consuming RingProducer, consumer: consuming RingConsumer,
        reader: consuming CommittedReader, gate: ReleaseGate, history: HistoryExchange, counters: OrderEntryCounters
    ) throws(NodeError) {
        self.producer = producer
        self.consumer = consumer
        self.reader = reader
        self.gate = gate
        let settings = facts.settings.orderEntry
        guard let address = IPv4Address(settings.address) else {
            throw .resources("order_entry.address \(settings.address) is no IPv4 address")
        }
        let endpoint = IPv4Endpoint(address, port: settings.port)
        let listener = try platform { () throws(PlatformError) in try Sockets.listen(at: endpoint) }
        let raw = listener.raw
        port = try platform { () throws(PlatformError) in try Sockets.localEndpoint(of: raw) }.port
        self.listener = listener
    }

    /// Bytes of memory that it holds, for the report at start; the receive buffers are the thread's.
    var byteCount: Int { 0 }

    /// On the thread that owns `io`, before the first turn: begins to accept.
    mutating func start(_ io: inout IOUring) {}

    /// Takes one of its completions: a connection, received bytes, a finished send.
    mutating func complete(_ completion: Completion, _ io: inout IOUring) {}

    /// Moves received messages into slots and publishes them; timers of the sessions. Bounded work: each session has
    /// a quota a turn, and a full ring ends it.
    /// - Returns: messages taken; 0 when idle.
    mutating func receive(_ io: inout IOUring) -> Int { 0 }

    /// Takes the slots that the sequencer handed on, answers them in order, and prepares sends: one in flight per
    /// socket.
    /// - Returns: slots answered; 0 when idle.
    mutating func reply(_ io: inout IOUring) -> Int {
        let count = consumer.available()
        consumer.advance(count)
        return count
    }

    /// The node is asked to stop: accepts and reads nothing more, and terminates its sessions once everything in flight is
    /// answered. Called once.
    mutating func beginStopping(_ io: inout IOUring) {}

    /// After `beginStopping`: whether every slot is answered and every send is done.
    mutating func isQuiet() -> Bool { producer.inFlight() == 0 }
}
