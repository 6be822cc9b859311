import Cryptography
import Journal
import OrderEntry
import Platform
import Ring
import Settings
import Wire

/// Owns the TCP side: listener, sockets, sessions, receive buffers, send buffers. First and last stage of the ring.
///
/// It is the ring's producer (messages in) and its follower 0 (answers out): one agent owns each socket, so that no
/// session state is shared between threads. The session's rules are `OrderEntry`'s pure state machine; this is the
/// shell around it. All requests go through the thread's `IOUring`, tagged `CompletionTag.orderEntry`.
///
/// A turn of the thread: `complete` for each completion, `receive`, then the stages behind it, then `reply`, then one
/// submit for all of them.
///
/// Who comes too fast waits; who does not read is closed; nothing that a client does allocates:
///
/// - The ring is full, or a session's answers would not fit its send buffer: its bytes stay in their receive buffers,
///   and its socket is not read.
/// - A session has as many resends to be answered as may wait: the same.
/// - A session's send buffer is full while the network still has bytes of it: it is closed. While the network has none,
///   the session was only told too much at once (a mass cancel): it catches up from the journal.
struct OrderEntryAgent: ~Copyable {
    var producer: RingProducer
    var consumer: RingConsumer
    var reader: CommittedReader
    let gate: ReleaseGate
    let listener: Descriptor
    let counters: OrderEntryCounters
    let venueId: Bytes32
    let durability: Durability
    let rules: SessionRules
    let commandPrefix: Bytes32
    let logonPrefix: Bytes32
    let commitmentPrefix: Bytes32

    private let table: ClientTable
    let clients: UnsafeMutablePointer<ClientSession>
    let clientsMax: Int
    let quota: Int
    var freePlaces: PlaceQueue
    /// Sessions that have bytes to be taken, or an end to be submitted, or are not being read.
    var queue: PlaceQueue
    /// Sessions with output.
    var dirty: PlaceQueue
    var held: HeldBuffers
    var attachments: AttachmentTable
    var context = CommandContext()
    var lanes: HistoryLanes
    var tickets: UInt64 = 0
    var connections: UInt64 = 0
    var openCount = 0
    var isAccepting = false
    var isStopping = false
    var ringIsFull = false
    /// Monotonic clock, as of this turn, nanoseconds.
    var now: UInt64 = 0
    /// A turn that comes so long after the one before may not have seen what came in between.
    private static let lateNanoseconds: UInt64 = 10_000_000
    private var wasLate = false
    var timersAt: UInt64 = 0
    var timerPlace = 0

    /// The port that is listened on: the configured one, or the one that the system chose for 0.
    let port: UInt16

    /// Bytes of memory that sessions take, for the report at start.
    let byteCount: Int

    /// Takes its handles and all its memory, and opens the listener.
    ///
    /// - Parameters:
    ///   - producer: the ring's producer.
    ///   - consumer: the ring's follower 0.
    ///   - reader: begins behind the last record before the first slot. For a slot with status `journaled`, take
    ///     records from it up to and with `slot.lastSequence`, once `gate.released` is not below that.
    ///   - gate: what may be told. A slot whose records are not released yet stops the reply half: later answers
    ///     keep their place behind it.
    ///   - history: where replies that were sent before are asked for (resume, resend); the services thread
    ///   works it off.
    init(
        facts: NodeFacts, producer: consuming RingProducer, consumer: consuming RingConsumer,
        reader: consuming CommittedReader, gate: ReleaseGate, history: HistoryExchange, counters: OrderEntryCounters
    ) throws(NodeError) {
        // What may fail comes first: a type that owns cannot be half made.
        let opened = try Opened(facts.settings.orderEntry)
        self.init(facts, opened, producer, consumer, reader, gate, history, counters)
    }

    private init(
        _ facts: NodeFacts, _ opened: consuming Opened, _ producer: consuming RingProducer,
        _ consumer: consuming RingConsumer, _ reader: consuming CommittedReader, _ gate: ReleaseGate,
        _ history: HistoryExchange, _ counters: OrderEntryCounters
    ) {
        let settings = facts.settings.orderEntry
        self.producer = producer
        self.consumer = consumer
        self.reader = reader
        rules = SessionRules(settings)
        port = opened.port
        self.gate = gate
        venueId = facts.venueId
        durability = facts.durability
        self.counters = counters
        commandPrefix = Self.bytes(facts.prefixes.command)
        logonPrefix = Self.bytes(facts.prefixes.logon)
        commitmentPrefix = Self.bytes(facts.prefixes.commitment)
        quota = settings.quotaPerTurn
        clientsMax = settings.sessionsMax
        freePlaces = PlaceQueue(capacity: clientsMax)
        queue = PlaceQueue(capacity: clientsMax)
        dirty = PlaceQueue(capacity: clientsMax)
        held = HeldBuffers(capacity: settings.receiveBuffers)
        attachments = AttachmentTable(
            sessions: clientsMax, perSession: rules.accountsMax, accounts: Int(facts.settings.venue.accountsMax))
        lanes = HistoryLanes(history, sessionsMax: clientsMax, slots: facts.settings.ringSlots)
        byteCount =
            opened.table.byteCount + lanes.byteCount
            + AttachmentTable.byteCount(
                sessions: clientsMax, perSession: rules.accountsMax, accounts: Int(facts.settings.venue.accountsMax))
        clients = opened.table.clients
        for place in 0..<clientsMax { freePlaces.append(place) }
        table = opened.table
        listener = opened.listener
    }

    private static func bytes(_ hash: Hash256) -> Bytes32 { hash.withUnsafeBytes { Bytes32(from: $0.baseAddress!) } }

    /// On the thread that owns `io`, before the first turn: begins to accept.
    mutating func start(_ io: inout IOUring) {
        now = SystemClock.monotonicNanoseconds()
        accept(&io)
    }

    /// Moves received messages into slots and publishes them; timers of the sessions. Bounded work: each session has
    /// a quota a turn, and a full ring ends it.
    /// - Returns: messages taken; 0 when idle.
    mutating func receive(_ io: inout IOUring) -> Int {
        let before = now
        now = SystemClock.monotonicNanoseconds()
        if !isAccepting, !isStopping { accept(&io) }
        ringIsFull = false
        var taken = 0
        var turns = queue.count
        while turns > 0, let place = queue.popFirst() {
            turns -= 1
            clients[place].isQueued = false
            taken += takeFrames(place, &io)
            if needsAnotherTurn(place) { enqueue(place) }
        }
        // When this thread did not run for a while, what clients sent meanwhile is taken in the next turn: nobody is
        // closed for a silence that was the node's.
        wasLate = now - before > Self.lateNanoseconds && !wasLate
        if !wasLate { checkTimers(&io) }
        producer.publish()
        counters.messages.add(UInt64(taken))
        return taken
    }

    /// Takes the slots that the sequencer handed on, answers them in order, and prepares sends: one in flight per
    /// socket.
    /// - Returns: slots answered; 0 when idle.
    mutating func reply(_ io: inout IOUring) -> Int {
        let available = consumer.available()
        var answered = 0
        while answered < available, answer(consumer.slot(answered)) { answered += 1 }
        consumer.advance(answered)
        let laps = serveHistory()
        flush(&io)
        return answered + laps
    }

    /// The node is asked to stop: accepts and reads nothing more, and terminates its sessions once everything in
    /// flight is answered. Called once.
    mutating func beginStopping(_ io: inout IOUring) {
        isStopping = true
        if isAccepting { _ = io.cancel(tag(.accept, 0), userData: tag(.cancel, 0)) }
        for place in 0..<clientsMax where clients[place].isOpen { end(place, .venueClosing) }
    }

    /// After `beginStopping`: whether every slot is answered and every send is done.
    mutating func isQuiet() -> Bool { producer.inFlight() == 0 && openCount == 0 }
}

extension SessionRules {
    init(_ settings: OrderEntrySettings) {
        self.init(
            negotiateTimeout: UInt64(settings.negotiateTimeoutMilliseconds) * 1_000_000,
            frameTimeout: UInt64(settings.frameTimeoutMilliseconds) * 1_000_000,
            heartbeat: UInt64(settings.heartbeatMilliseconds) * 1_000_000,
            badSignaturesMax: UInt32(settings.badSignaturesMax), accountsMax: settings.accountsPerSessionMax)
    }
}

/// What order entry takes of the system at start.
private struct Opened: ~Copyable {
    let listener: Descriptor
    let port: UInt16
    let table: ClientTable

    init(_ settings: OrderEntrySettings) throws(NodeError) {
        guard let address = IPv4Address(settings.address) else {
            throw .resources("order_entry.address \(settings.address) is no IPv4 address")
        }
        let endpoint = IPv4Endpoint(address, port: settings.port)
        let rules = SessionRules(settings)
        let listener = try platform { () throws(PlatformError) in try Sockets.listen(at: endpoint) }
        let raw = listener.raw
        let bound = try platform { () throws(PlatformError) in try Sockets.localEndpoint(of: raw) }
        let table = try platform { () throws(PlatformError) in try ClientTable(settings, rules) }
        port = bound.port
        self.listener = listener
        self.table = table
    }
}
