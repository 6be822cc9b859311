import Cryptography
import Dispatch
import GlassbookClient
import Platform
import Testing
import Wire

/// Servers that break the protocol in every way that bytes allow: the client says how, and never crashes or grows.
@Suite struct HostileServerTests {
    static let account: UInt32 = 7

    static func signer() -> Signer {
        Signer(account: account, key: SigningKey(insecureDeterministic: 7), venue: ScriptedServer.venue)
    }

    /// Opens a session with a server of that script, and receives until it throws.
    private func fate(
        options: SessionOptions = .patient,
        _ script: @escaping @Sendable (borrowing ScriptedServer.Connection) -> Void
    ) throws -> (messages: [Message], error: ClientError) {
        let server = try ScriptedServer(script)
        var messages: [Message] = []
        do throws(ClientError) {
            let session = try Session.open(server.endpoint, [Self.signer()], options: options)
            while true {
                guard let message = try session.receive(timeoutMilliseconds: 120_000) else { throw .timedOut }
                messages.append(message)
            }
        } catch {
            server.finish()
            return (messages, error)
        }
    }

    /// What an established session makes of bytes.
    private func fate(of bytes: [UInt8]) throws -> ClientError {
        try fate { connection in
            connection.establish()
            connection.send(bytes)
        }.error
    }

    @Test func framesThatCannotBe() throws {
        var other = Frames.heartbeat
        other[4] = 0x5B
        #expect(try fate(of: other) == .protocolViolation(.encoding(0x5B50)))
        for length in [0, 6, 13, 6_255, 0xFFFF_FFFF] as [UInt32] {
            let head = (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * $0)) } + [0xEB, 0x50]
            #expect(try fate(of: head) == .protocolViolation(.frameLength(length)))
        }
        // A length that fits a frame, and a message that does not fit the length.
        var long = Frames.heartbeat
        long[3] += 8
        #expect(
            try fate(of: long + [UInt8](repeating: 0, count: 8))
                == .protocolViolation(.structure(.invalidLength)))
    }

    @Test func messagesThatServersDoNotSend() throws {
        func changed(_ offset: Int, _ value: UInt8, _ frame: [UInt8] = Frames.accepted(91)) -> [UInt8] {
            var frame = frame
            frame[offset] = value
            return frame
        }
        #expect(try fate(of: changed(8, 200)) == .protocolViolation(.structure(.unknownTemplate)))
        #expect(try fate(of: changed(10, 2)) == .protocolViolation(.structure(.unknownTemplate)))
        #expect(try fate(of: changed(12, 1)) == .protocolViolation(.structure(.unsupportedVersion)))
        #expect(try fate(of: changed(6, 63)) == .protocolViolation(.structure(.invalidLength)))
        let establish = Frames.frame(EstablishMessage.size) { EstablishMessage.encode(at: $0) }
        #expect(try fate(of: establish) == .protocolViolation(.template(Template.establish)))
        // Durability, resent, side, order type.
        for offset in [40, 41, 74, 75] {
            #expect(
                try fate(of: changed(offset, 9))
                    == .protocolViolation(.fieldValue(template: Template.orderAccepted)))
        }
    }

    @Test func messagesOutOfPlace() throws {
        func outOfPlace(_ template: UInt16) -> ClientError { .protocolViolation(.outOfPlace(template: template)) }
        #expect(try fate(of: Frames.challenge()) == outOfPlace(Template.challenge))
        #expect(try fate(of: Frames.established) == outOfPlace(Template.established))
        #expect(try fate(of: Frames.logonAccepted(7)) == outOfPlace(Template.logonAccepted))
        #expect(try fate(of: Frames.resumeComplete(7, through: 90)) == outOfPlace(Template.resumeComplete))
        #expect(try fate(of: Frames.accepted(91, account: 8)) == .protocolViolation(.foreignAccount(8)))
        for first in [Frames.heartbeat, Frames.established, Frames.logonAccepted(7)] {
            let error = try fate { connection in
                connection.receiveFrame()
                connection.send(first)
            }.error
            guard case .protocolViolation(.outOfPlace) = error else {
                Issue.record("\(error)")
                continue
            }
        }
        // Established before Establish.
        let early = try fate { connection in
            connection.negotiate()
            connection.receiveFrame()
            connection.send(Frames.established)
        }
        #expect(early.error == outOfPlace(Template.established))
    }

    @Test func numbersThatDoNotGrow() throws {
        let (messages, error) = try fate { connection in
            connection.establish()
            for (sequence, index) in [(91, 0), (91, 1), (95, 0), (95, 0)] as [(UInt64, UInt32)] {
                connection.send(Frames.accepted(sequence, index: index))
            }
        }
        #expect(messages.count == 3)
        #expect(error == .protocolViolation(.outOfOrder(ReplyNumber(sequence: 95, index: 0))))
    }

    @Test func oneByteAtATimeIsStillTheProtocol() throws {
        let (messages, error) = try fate { connection in
            connection.establish()
            for byte in Frames.accepted(91) + Frames.heartbeat + Frames.terminate(.badSignatures) {
                connection.send([byte])
            }
        }
        #expect(messages.count == 1)
        #expect(error == .terminated(.badSignatures))
    }

    @Test func streamsThatEndAnywhere() throws {
        let stream = Frames.challenge() + Frames.logonAccepted(7) + Frames.established + Frames.accepted(91)
        for end in 0..<stream.count {
            let (messages, error) = try fate { connection in
                connection.send(Array(stream[..<end]))
                Sockets.endSending(connection.socket.raw)
                connection.drain()
            }
            #expect(messages.isEmpty && error == .connectionLost, "after \(end) bytes: \(error)")
        }
    }

    /// Every byte of a stream changed, one at a time: the client ends in one of its errors.
    @Test func streamsWithAnyByteChanged() throws {
        let stream =
            Frames.challenge() + Frames.logonAccepted(7) + Frames.established + Frames.accepted(91)
            + Frames.terminate(.logout)
        for place in stream.indices {
            var changed = stream
            changed[place] ^= UInt8(1 << (place % 8))
            let bytes = changed
            let (messages, _) = try fate { connection in
                connection.send(bytes)
                Sockets.endSending(connection.socket.raw)
                connection.drain()
            }
            #expect(messages.count <= 1)
        }
    }

    @Test func garbage() throws {
        var state: UInt64 = 1
        for _ in 0..<200 {
            let bytes = (0..<512).map { _ -> UInt8 in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(truncatingIfNeeded: state >> 33)
            }
            let error = try fate(of: bytes)
            guard case .protocolViolation = error else {
                Issue.record("\(error)")
                return
            }
        }
    }

    @Test func aSilentServerIsGivenUp() throws {
        let (_, error) = try fate { connection in
            connection.establish(heartbeatMilliseconds: 100)
            connection.drain()
        }
        #expect(error == .serverSilent)
    }

    @Test func aServerThatNeverReadsIsGivenUp() throws {
        let isGone = DispatchSemaphore(value: 0)
        let server = try ScriptedServer { connection in
            connection.establish()
            isGone.wait()
        }
        var options = SessionOptions.patient
        // Long enough for the handshake of a server that does not run for seconds.
        options.timeoutMilliseconds = 5_000
        do {
            let session = try Session.open(server.endpoint, [Self.signer()], options: options)
            let frames = [UInt8](repeating: 0, count: 64 << 20)
            #expect(throws: ClientError.timedOut) { try session.send(frames: frames) }
            #expect(throws: ClientError.timedOut) { try session.receive() }
        }
        isGone.signal()
        server.finish()
    }

    @Test func moreThanIsKeptEndsTheSession() throws {
        var options = SessionOptions.patient
        options.pendingMax = 10
        let (messages, error) = try fate(options: options) { connection in
            connection.negotiate()
            connection.receiveFrame()
            connection.send(Frames.logonAccepted(7))
            // Before Established, which the client waits for.
            for sequence in 91...101 as ClosedRange<UInt64> { connection.send(Frames.accepted(sequence)) }
            connection.drain()
        }
        #expect(messages.isEmpty && error == .tooManyPending)
    }

    /// Where a resume goes on, whatever a session has seen.
    @Test func resumePointsLoseNothing() throws {
        func number(_ sequence: UInt64, _ index: UInt32) -> ReplyNumber {
            ReplyNumber(sequence: sequence, index: index)
        }
        let server = try ScriptedServer { connection in
            connection.negotiate()
            connection.receiveFrame()
            connection.send(Frames.logonAccepted(7))
            connection.receiveFrame()
            connection.send(Frames.accepted(50, resent: 1) + Frames.established)
            // Live, while the resume goes on: does not move the point.
            connection.send(Frames.accepted(91))
            connection.send(Frames.accepted(60, index: 2, resent: 1))
            connection.send(Frames.resumeComplete(7, through: 90))
            connection.send(Frames.accepted(92, index: 1))
            connection.drain()
        }
        do {
            let session = try Session(connectingTo: server.endpoint, venue: ScriptedServer.venue, options: .patient)
            let signer = Self.signer()
            try session.logOn(signer, resumeFrom: number(50, 0))
            #expect(signer.nonce == 40)
            try session.establish()
            var points: [ReplyNumber?] = []
            for _ in 0..<6 {
                #expect(try session.receive(timeoutMilliseconds: 120_000) != nil)
                points.append(session.resumePoint(of: 7))
            }
            #expect(
                points == [
                    number(50, 1), number(50, 1), number(50, 1), number(60, 3), number(91, 0), number(92, 2),
                ])
        }
        server.finish()
    }
}
