import Cryptography
import Foundation
import Glibc
import Platform
import Wire

/// A client made of a blocking socket and the schema: nothing of `GlassbookClient`, so that both are held to the page.
final class RawClient {
    private let socket: Descriptor
    private var received: [UInt8] = []
    private let venue: VenueFixture
    private(set) var challenge = Bytes32.zero

    struct Failure: Error, CustomStringConvertible {
        let description: String
        init(_ text: String) { description = text }
    }

    /// Connects; nothing is sent.
    init(_ port: UInt16, _ venue: VenueFixture, receiveBufferBytes: Int32? = nil) throws {
        self.venue = venue
        socket = try Sockets.connect(to: IPv4Endpoint(.loopback, port: port))
        if let receiveBufferBytes { try Sockets.setReceiveBuffer(socket.raw, bytes: receiveBufferBytes) }
        var limit = timeval(tv_sec: 120, tv_usec: 0)
        setsockopt(socket.raw, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    /// Connects, negotiates, logs on for these accounts and establishes. Returns the client.
    static func established(
        _ port: UInt16, _ venue: VenueFixture, _ accounts: [(account: UInt32, key: SigningKey)],
        receiveBufferBytes: Int32? = nil
    ) throws -> RawClient {
        let client = try RawClient(port, venue, receiveBufferBytes: receiveBufferBytes)
        try client.negotiate()
        for (account, key) in accounts {
            try client.logon(account, key)
            let answer = try client.receive()
            guard answer.template == Template.logonAccepted else { throw Failure("logon: \(answer.template)") }
        }
        try client.establish()
        return client
    }

    /// Asks for the challenge and takes it.
    func negotiate() throws {
        try send(
            frame(
                bytes(NegotiateMessage.size) {
                    NegotiateMessage.encode(at: $0, protocolVersion: 1, heartbeatMilliseconds: 60_000)
                }))
        let answer = try receive()
        guard answer.template == Template.challenge else { throw Failure("negotiate: template \(answer.template)") }
        challenge = answer.withMessage { ChallengeMessage($0).challenge }
    }

    /// Sends a logon; the answer is the caller's to receive.
    func logon(
        _ account: UInt32, _ key: SigningKey, slot: UInt16 = 0, resume: (sequence: UInt64, index: UInt32) = (0, 0)
    ) throws {
        let message = bytes(LogonMessage.size) {
            LogonMessage.encode(
                at: $0, account: account, keySlot: slot, flags: [], resumeSequence: resume.sequence,
                resumeIndex: resume.index, challenge: challenge)
        }
        try send(frame(venue.sign(message, key, .logon)))
    }

    /// Establishes and takes the answer.
    func establish() throws {
        try send(frame(bytes(EstablishMessage.size) { EstablishMessage.encode(at: $0) }))
        let answer = try receive()
        guard answer.template == Template.established else { throw Failure("establish: template \(answer.template)") }
    }

    /// Sends a command signed by a key.
    func send(_ message: [UInt8], by key: SigningKey) throws { try send(frame(venue.sign(message, key))) }

    /// Sends bytes as they are.
    func send(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try Sockets.sendAll(socket.raw, $0) } }

    /// The next message that is no heartbeat.
    func receive() throws -> Received {
        while true {
            let message = try receiveAny()
            if message.template != Template.heartbeat { return message }
        }
    }

    /// The next message of a template; others are passed over.
    func receive(_ template: UInt16, or other: UInt16? = nil) throws -> Received {
        while true {
            let message = try receive()
            if message.template == template || message.template == other { return message }
        }
    }

    private func receiveAny() throws -> Received {
        while true {
            if received.count >= FrameHeader.size {
                let length = received.withUnsafeBytes { Int(FrameHeader.length($0.baseAddress!)) }
                if received.count >= length {
                    let content = Array(received[FrameHeader.size..<length])
                    received.removeFirst(length)
                    return Received(bytes: content)
                }
            }
            var buffer = [UInt8](repeating: 0, count: 65_536)
            let count = buffer.withUnsafeMutableBytes { Sockets.receive(socket.raw, into: $0) }
            guard count > 0 else {
                throw Failure(count == 0 ? "the node closed the connection" : "receive: errno \(-count)")
            }
            received += buffer[..<count]
        }
    }
}

/// A message from the node.
struct Received: Equatable {
    let bytes: [UInt8]

    var template: UInt16 { bytes.withUnsafeBytes { MessageHeader($0.baseAddress!).templateId } }

    func withMessage<Value>(_ body: (UnsafeRawPointer) throws -> Value) rethrows -> Value {
        try bytes.withUnsafeBytes { try body($0.baseAddress!) }
    }

    /// Sequence of a reply.
    var sequence: UInt64 { withMessage { OrderAcceptedMessage($0).sequence } }
    var index: UInt32 { withMessage { OrderAcceptedMessage($0).index } }
    var durability: Durability? { withMessage { OrderAcceptedMessage($0).durability } }
    var isResent: Bool { withMessage { OrderAcceptedMessage($0).resent } == 1 }
    /// Reason of a CommandRejected.
    var reason: Reason? {
        template == Template.commandRejected ? withMessage { CommandRejectedMessage($0).reason } : nil
    }
    var expected: UInt64 { withMessage { CommandRejectedMessage($0).expected } }
}
