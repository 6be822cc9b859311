import Cryptography
import Platform
import Wire

/// What a session asks for. The defaults fit a client on the same network.
public struct SessionOptions: Sendable {
    /// Silence after which each side sends a heartbeat, milliseconds, 100 to 60,000; 0 = the server's default.
    public var heartbeatMilliseconds: UInt32 = 0
    /// Time for the connection, for each answer of the handshake, and for the network to take what is sent.
    public var timeoutMilliseconds: Int32 = 5_000
    /// Room for bytes that came and were not taken.
    public var receiveBytes = 1 << 20
    /// Messages that are kept while a call waits for something else.
    public var pendingMax = 65_536

    /// The defaults above.
    public init() {}
}

/// A session with a venue: blocking calls with time-outs, on one thread.
///
/// Heartbeats are sent inside `receive`: a session on which nothing is called for three intervals is ended by the
/// server. Nothing that a server sends makes it crash or grow: memory is that of `SessionOptions`.
public final class Session {
    /// What is known of an account of this session.
    struct Attachment {
        var isAttached = false
        var isResuming = false
        /// The first reply that was not received yet.
        var nextReply: ReplyNumber
        /// Number of the last live reply.
        var last = ReplyNumber(sequence: 0, index: 0)
    }

    /// How far the session is.
    enum State: Equatable {
        case negotiating
        case negotiated
        case establishing
        case established
        case ended(ClientError)
    }

    /// Number of this connection, as the server's log has it.
    public internal(set) var sessionId: UInt64 = 0
    /// Level at which the server sends replies.
    public internal(set) var durability = Durability.notJournaled
    /// Interval in force for both sides, milliseconds.
    public internal(set) var heartbeatMilliseconds: UInt32
    /// The venue's id: BLAKE2b-256 of the genesis body.
    public let venue: Hash256

    let options: SessionOptions
    var stream: Stream
    var state = State.negotiating
    var challenge = Bytes32.zero
    var attachments: [UInt32: Attachment] = [:]
    var hasSentCommands = false
    private var pending: [Message] = []
    private var pendingStart = 0

    /// Connects and negotiates: waits for the challenge, and compares the venue.
    public init(
        connectingTo endpoint: IPv4Endpoint, venue: Hash256, options: SessionOptions = SessionOptions()
    ) throws(ClientError) {
        self.options = options
        self.venue = venue
        heartbeatMilliseconds = options.heartbeatMilliseconds == 0 ? 1_000 : options.heartbeatMilliseconds
        stream = try Stream(
            to: endpoint, timeoutMilliseconds: options.timeoutMilliseconds, receiveBytes: options.receiveBytes)
        try negotiate()
    }

    /// Connects, logs on for the accounts of these signers, establishes.
    public static func open(
        _ endpoint: IPv4Endpoint, _ signers: [Signer], options: SessionOptions = SessionOptions()
    ) throws(ClientError) -> Session {
        guard let venue = signers.first?.venue else { throw .invalidState("a session needs an account") }
        let session = try Session(connectingTo: endpoint, venue: venue, options: options)
        for signer in signers { try session.logOn(signer) }
        try session.establish()
        return session
    }

    /// Number of the socket, to wait for it beside others.
    public var descriptor: Int32 { stream.descriptor }

    /// Whether commands are accepted.
    public var isEstablished: Bool { state == .established }

    /// Where a resume of this account goes on: the first reply that this session has not delivered. Nil when the
    /// account is not attached.
    public func resumePoint(of account: UInt32) -> ReplyNumber? {
        guard let attachment = attachments[account], attachment.isAttached else { return nil }
        return attachment.nextReply
    }

    /// The next message; nil when the time is over. 0 takes what is there without waiting.
    ///
    /// - Throws: `connectionLost`, `terminated`, `serverSilent`, `protocolViolation`: the session is over, and
    ///   `resumePoint` says where the next one goes on.
    public func receive(timeoutMilliseconds: Int = 0) throws(ClientError) -> Message? {
        if let message = takePending() { return message }
        return try receiveNew(until: Self.deadline(timeoutMilliseconds))
    }

    /// The next reply; other messages are passed over. Nil when the time is over.
    public func receiveReply(timeoutMilliseconds: Int = 0) throws(ClientError) -> Reply? {
        let deadline = Self.deadline(timeoutMilliseconds)
        while true {
            if let message = takePending() {
                if case .reply(let reply) = message { return reply }
                continue
            }
            guard let message = try receiveNew(until: deadline) else { return nil }
            if case .reply(let reply) = message { return reply }
        }
    }

    /// Signs a command and sends it. Returns its nonce, which the answer to a refused one names.
    @discardableResult
    public func send(_ body: CommandBody, by signer: Signer, deadline: UInt64 = 0) throws(ClientError) -> UInt64 {
        try requireCommands()
        let frame = try signer.sign(body, deadline: deadline)
        try send(frames: frame)
        return signer.nonce
    }

    /// Sends frames that were signed before, one or many. Waits while the network takes none, reading meanwhile; what
    /// comes is kept for `receive`.
    public func send(frames: UnsafeRawBufferPointer) throws(ClientError) {
        try requireCommands()
        hasSentCommands = true
        try transmit(frames)
    }

    /// Sends frames that were signed before.
    public func send(frames: [UInt8]) throws(ClientError) {
        try frames.withUnsafeBufferPointer { bytes throws(ClientError) in
            try send(frames: UnsafeRawBufferPointer(bytes))
        }
    }

    /// Says that nothing was sent for long, when that is so: for callers that do not receive for a while.
    public func keepAlive() throws(ClientError) {
        try check()
        let interval = UInt64(heartbeatMilliseconds) * 1_000_000
        if SystemClock.monotonicNanoseconds() &- stream.lastSent >= interval { try sendHeartbeat() }
    }

    /// Ends the session: waits for what is still answered, and returns it, with what was not received before.
    public func terminate(timeoutMilliseconds: Int = 5_000) throws(ClientError) -> [Message] {
        try check()
        try transmitMessage(TerminateMessage.size) { TerminateMessage.encode(at: $0, reason: .logout, detail: 0) }
        let deadline = Self.deadline(timeoutMilliseconds)
        while true {
            do throws(ClientError) {
                guard let message = try receiveNew(until: deadline) else { throw ClientError.timedOut }
                try keep(message)
            } catch {
                let messages = Array(pending[pendingStart...])
                pending.removeAll()
                pendingStart = 0
                guard error == .terminated(.logout) || error == .connectionLost else { throw error }
                state = .ended(.terminated(.logout))
                return messages
            }
        }
    }

    // MARK: Messages that wait for their caller

    /// Keeps a message for `receive`.
    func keep(_ message: Message) throws(ClientError) {
        guard pending.count - pendingStart < options.pendingMax else { throw end(.tooManyPending) }
        pending.append(message)
    }

    private func takePending() -> Message? {
        guard pendingStart < pending.count else { return nil }
        let message = pending[pendingStart]
        pendingStart += 1
        if pendingStart == pending.count {
            pending.removeAll(keepingCapacity: true)
            pendingStart = 0
        } else if pendingStart >= 1024 && pendingStart * 2 >= pending.count {
            pending.removeFirst(pendingStart)
            pendingStart = 0
        }
        return message
    }

    private func requireCommands() throws(ClientError) {
        try check()
        guard state == .established || state == .establishing else {
            throw .invalidState("a command before establish")
        }
    }

    /// Throws what ended the session.
    func check() throws(ClientError) {
        if case .ended(let error) = state { throw error }
    }

    /// Notes that the session is over.
    func end(_ error: ClientError) -> ClientError {
        if error.endsSession { state = .ended(error) }
        return error
    }

    /// A moment from now, monotonic ns.
    static func deadline(_ milliseconds: Int) -> UInt64 {
        milliseconds <= 0 ? 0 : SystemClock.monotonicNanoseconds() + UInt64(milliseconds) * 1_000_000
    }
}
