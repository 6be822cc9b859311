import Cryptography
import Platform
import Wire

/// The venue to sign for.
struct VenueIdentity: Sendable {
    let id: Hash256
    let prefixes: Prefixes

    init(id: Hash256) {
        self.id = id
        prefixes = Prefixes(venue: id)
    }
}

/// An account, the key that signs for it, and the key's next nonce.
struct Trader: Sendable {
    let account: UInt32
    let slot: UInt16
    let key: SigningKey
    var nonce: UInt64 = 1

    init(account: UInt32, slot: UInt16 = 0, key: SigningKey) {
        self.account = account
        self.slot = slot
        self.key = key
    }

    /// The next nonce, used up.
    mutating func nextNonce() -> UInt64 {
        defer { nonce += 1 }
        return nonce
    }
}

/// Frames one after the other, where a frame is signed in place.
enum SignedFrame {
    /// Bytes before the message: the prefix, whose last 6 bytes the framing header takes when all is signed.
    static let headroom = Limits.prefixBytes

    /// Signs the message of `count` bytes at `message`, before which `headroom` and behind which 64 bytes are free.
    /// - Returns: the whole frame.
    static func seal(
        _ message: UnsafeMutableRawPointer, count: Int, prefix: Hash256, key: SigningKey
    ) -> UnsafeRawBufferPointer {
        prefix.store(to: message - headroom)
        key.sign(message - headroom, count: headroom + count, into: message + count)
        let frame = message - FrameHeader.size
        FrameHeader.encode(at: frame, contentBytes: count + Limits.signatureBytes)
        return UnsafeRawBufferPointer(start: frame, count: FrameHeader.size + count + Limits.signatureBytes)
    }
}

/// Preparation: waits, allocates, and is never part of a measurement.
extension OrderLink {
    static let replyTimeoutNanoseconds: UInt64 = 60_000_000_000

    /// Connects, logs the traders on and establishes. Their nonces go on behind the marks that the node names.
    static func established(
        _ endpoint: IPv4Endpoint, _ venue: VenueIdentity, _ traders: inout [Trader]
    ) throws(BenchmarkError) -> OrderLink {
        var link = try OrderLink(to: endpoint)
        try link.send(NegotiateMessage.size) {
            NegotiateMessage.encode(at: $0, protocolVersion: 1, heartbeatMilliseconds: 60_000)
        }
        let challenge = try link.receive(Template.challenge)
        let (bytes, id) = challenge.withUnsafeBytes {
            (ChallengeMessage($0.baseAddress!).challenge, Hash256(loading: $0.baseAddress! + 40))
        }
        guard id == venue.id else { throw .otherVenue }
        for index in traders.indices {
            let trader = traders[index]
            try link.send(LogonMessage.size, venue.prefixes.logon, trader.key) {
                LogonMessage.encode(
                    at: $0, account: trader.account, keySlot: trader.slot, flags: [], resumeSequence: 0,
                    resumeIndex: 0, challenge: bytes)
            }
            let answer = try link.receive(Template.logonAccepted)
            traders[index].nonce = answer.withUnsafeBytes { LogonAcceptedMessage($0.baseAddress!).nonceMark } + 1
        }
        try link.send(EstablishMessage.size) { EstablishMessage.encode(at: $0) }
        _ = try link.receive(Template.established)
        return link
    }

    /// Sends a command and waits until it is applied.
    mutating func apply(
        _ size: Int, _ venue: VenueIdentity, _ key: SigningKey, _ encode: (UnsafeMutableRawPointer) -> Void
    ) throws(BenchmarkError) -> [UInt8] {
        try send(size, venue.prefixes.command, key, encode)
        return try receive(nil)
    }

    /// Sends a message, signed when there is a key.
    mutating func send(
        _ size: Int, _ prefix: Hash256? = nil, _ key: SigningKey? = nil,
        _ encode: (UnsafeMutableRawPointer) -> Void
    ) throws(BenchmarkError) {
        let room = SignedFrame.headroom + size + Limits.signatureBytes
        let memory = UnsafeMutableRawPointer.allocate(byteCount: room, alignment: 64)
        defer { memory.deallocate() }
        let message = memory + SignedFrame.headroom
        encode(message)
        var arrived: [[UInt8]] = []
        if let prefix, let key {
            let frame = SignedFrame.seal(message, count: size, prefix: prefix, key: key)
            try sendAll(frame) { arrived.append(Self.copy($0)) }
        } else {
            FrameHeader.encode(at: message - FrameHeader.size, contentBytes: size)
            let frame = UnsafeRawBufferPointer(start: message - FrameHeader.size, count: FrameHeader.size + size)
            try sendAll(frame) { arrived.append(Self.copy($0)) }
        }
        waiting += arrived
    }

    /// The next message of a template (nil: the next that is no heartbeat). A refusal is an error.
    mutating func receive(_ template: UInt16?) throws(BenchmarkError) -> [UInt8] {
        let limit = SystemClock.monotonicNanoseconds() + Self.replyTimeoutNanoseconds
        while true {
            while !waiting.isEmpty {
                let message = waiting.removeFirst()
                let found = message.withUnsafeBytes { MessageHeader($0.baseAddress!).templateId }
                if found == Template.heartbeat { continue }
                try Self.check(message, found)
                if template == nil || template == found { return message }
            }
            var arrived: [[UInt8]] = []
            try poll { arrived.append(Self.copy($0)) }
            waiting += arrived
            if arrived.isEmpty {
                guard SystemClock.monotonicNanoseconds() < limit else { throw .silence("a reply") }
                let raw = socket.raw
                _ = try system { () throws(PlatformError) in
                    try Platform.poll(raw, for: .readable, timeoutMilliseconds: 100)
                }
            }
        }
    }

    private static func check(_ message: [UInt8], _ template: UInt16) throws(BenchmarkError) {
        var failure: BenchmarkError?
        message.withUnsafeBytes {
            let base = $0.baseAddress!
            switch template {
            case Template.commandRejected:
                let reply = CommandRejectedMessage(base)
                failure = .refused(template: reply.templateId, reason: reply.reason, expected: reply.expected)
            case Template.logonRejected:
                failure = .refused(template: Template.logon, reason: LogonRejectedMessage(base).reason, expected: 0)
            case Template.terminate: failure = .sessionEnded(TerminateMessage(base).reason)
            default: break
            }
        }
        if let failure { throw failure }
    }

    static func copy(_ message: UnsafeRawPointer) -> [UInt8] {
        let length = Int(FrameHeader.length(message - FrameHeader.size)) - FrameHeader.size
        return [UInt8](UnsafeRawBufferPointer(start: message, count: length))
    }
}
