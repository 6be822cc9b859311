import Cryptography
import Glibc
import GlassbookClient
import Platform
import Wire

/// A server that follows the protocol as far as its script wants it to, on a thread of its own.
final class ScriptedServer: Sendable {
    /// Where it listens.
    let endpoint: IPv4Endpoint
    /// What it says it is.
    static let venue = withUnsafeBytes(of: Bytes32(1, 2, 3, 4)) { Hash256(loading: $0.baseAddress!) }
    private let thread: UInt

    /// One connection, as the script sees it.
    struct Connection: ~Copyable {
        let socket: Descriptor

        /// Sends bytes as they are; a client that is gone ends nothing here.
        func send(_ bytes: [UInt8]) {
            bytes.withUnsafeBytes { bytes in
                do { try Sockets.sendAll(socket.raw, bytes) } catch {}
            }
        }

        /// Reads so many bytes; fewer when the client closes.
        @discardableResult
        func receive(_ count: Int) -> [UInt8] {
            var result: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: max(count, 1))
            while result.count < count {
                let wanted = count - result.count
                let got = buffer.withUnsafeMutableBytes {
                    Sockets.receive(socket.raw, into: UnsafeMutableRawBufferPointer(rebasing: $0[..<wanted]))
                }
                if got <= 0 { break }
                result += buffer[..<got]
            }
            return result
        }

        /// Reads one frame.
        @discardableResult
        func receiveFrame() -> [UInt8] {
            let head = receive(FrameHeader.size)
            guard head.count == FrameHeader.size else { return head }
            let length = head.withUnsafeBytes { Int(FrameHeader.length($0.baseAddress!)) }
            return head + receive(length - FrameHeader.size)
        }

        /// Reads frames up to one of a template; none when the client closes.
        func receiveFrame(_ template: UInt16) {
            while case let frame = receiveFrame(), frame.count >= FrameHeader.size + MessageHeader.size {
                let found = frame.withUnsafeBytes { MessageHeader($0.baseAddress! + FrameHeader.size).templateId }
                if found == template { return }
            }
        }

        /// Answers Negotiate.
        func negotiate(heartbeatMilliseconds: UInt32 = 60_000) {
            receiveFrame()
            send(Frames.challenge(heartbeatMilliseconds: heartbeatMilliseconds))
        }

        /// Answers Negotiate, one Logon and Establish.
        func establish(account: UInt32 = 7, heartbeatMilliseconds: UInt32 = 60_000) {
            negotiate(heartbeatMilliseconds: heartbeatMilliseconds)
            receiveFrame()
            send(Frames.logonAccepted(account))
            receiveFrame()
            send(Frames.established)
        }

        /// Reads until the client closes.
        func drain() { while !receive(4096).isEmpty {} }
    }

    private final class Job {
        let listener: Int32
        let script: @Sendable (borrowing Connection) -> Void

        init(_ listener: Int32, _ script: @escaping @Sendable (borrowing Connection) -> Void) {
            self.listener = listener
            self.script = script
        }
    }

    /// Listens, and gives the first connection to the script; when it returns, the connection is closed.
    init(_ script: @escaping @Sendable (borrowing Connection) -> Void) throws {
        let listener = try Sockets.listen(at: IPv4Endpoint(.loopback, port: 0))
        endpoint = try Sockets.localEndpoint(of: listener.raw)
        var thread = pthread_t()
        let job = Job(listener.release(), script)
        pthread_create(
            &thread, nil,
            { argument in
                let job = Unmanaged<Job>.fromOpaque(argument!).takeRetainedValue()
                let listener = Descriptor(owning: job.listener)
                let raw = accept(listener.raw, nil, nil)
                if raw >= 0 { job.script(Connection(socket: Descriptor(owning: raw))) }
                return nil
            }, Unmanaged.passRetained(job).toOpaque())
        self.thread = UInt(thread)
    }

    /// Waits until the script has ended.
    func finish() { pthread_join(pthread_t(thread), nil) }
}

extension SessionOptions {
    /// For a server whose thread does not run for a while, on a busy machine.
    static var patient: SessionOptions {
        var options = SessionOptions()
        options.timeoutMilliseconds = 120_000
        // In force until the challenge says another one.
        options.heartbeatMilliseconds = 60_000
        return options
    }
}

/// Frames of a server.
enum Frames {
    static func frame(_ size: Int, _ encode: (UnsafeMutableRawPointer) -> Void) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: FrameHeader.size + size) { buffer, count in
            let base = UnsafeMutableRawPointer(buffer.baseAddress!)
            FrameHeader.encode(at: base, contentBytes: size)
            encode(base + FrameHeader.size)
            count = FrameHeader.size + size
        }
    }

    static func challenge(heartbeatMilliseconds: UInt32 = 60_000) -> [UInt8] {
        frame(ChallengeMessage.size) {
            ChallengeMessage.encode(
                at: $0, challenge: Bytes32(5, 6, 7, 8), venueId: Bytes32(1, 2, 3, 4), sessionId: 12, time: 1,
                heartbeatMilliseconds: heartbeatMilliseconds, durability: .journaled)
        }
    }

    static func logonAccepted(_ account: UInt32, nonceMark: UInt64 = 40, sequence: UInt64 = 90) -> [UInt8] {
        frame(LogonAcceptedMessage.size) {
            LogonAcceptedMessage.encode(
                at: $0, account: account, keySlot: 0, nonceMark: nonceMark, sequence: sequence)
        }
    }

    static let established = frame(EstablishedMessage.size) {
        EstablishedMessage.encode(at: $0, sessionId: 12, accounts: 1)
    }

    static let heartbeat = frame(HeartbeatMessage.size) { HeartbeatMessage.encode(at: $0, time: 1) }

    static func terminate(_ reason: TerminationReason) -> [UInt8] {
        frame(TerminateMessage.size) { TerminateMessage.encode(at: $0, reason: reason, detail: 0) }
    }

    static func resumeComplete(_ account: UInt32, through: UInt64) -> [UInt8] {
        frame(ResumeCompleteMessage.size) {
            ResumeCompleteMessage.encode(at: $0, account: account, throughSequence: through)
        }
    }

    static func accepted(
        _ sequence: UInt64, index: UInt32 = 0, account: UInt32 = 7, resent: UInt8 = 0
    ) -> [UInt8] {
        frame(OrderAcceptedMessage.size) {
            OrderAcceptedMessage.encode(
                at: $0, account: account, index: index, sequence: sequence, time: 1, entry: Null.u16,
                durability: .journaled, resent: resent, orderId: 5, clientOrderId: 6, instrument: 0,
                priceTicks: 100, quantityLots: 3, side: .buy, orderType: .limit, timeInForce: .goodTillCancel)
        }
    }
}
