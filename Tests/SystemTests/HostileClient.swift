import Cryptography
import Glibc
import Platform
import Wire

/// A socket that does what no client should. What it reads are whole frames, or the end of the connection.
final class HostileClient {
    let socket: Descriptor
    private var received: [UInt8] = []

    /// - Parameter receiveBuffer: bytes; a small one is full sooner.
    init(_ port: UInt16, receiveBuffer: Int32? = nil) throws {
        socket = try Sockets.connect(to: IPv4Endpoint(.loopback, port: port))
        if let receiveBuffer { try Sockets.setReceiveBuffer(socket.raw, bytes: receiveBuffer) }
        var limit = timeval(tv_sec: 120, tv_usec: 0)
        setsockopt(socket.raw, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    /// The other end of a connection that was taken.
    init(accepted: consuming Descriptor) { socket = accepted }

    /// Sends what the other side still takes: false when it has hung up.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { buffer in
            do {
                try Sockets.sendAll(socket.raw, buffer)
                return true
            } catch { return false }
        }
    }

    /// The next message, heartbeats too; nil when the connection has ended.
    func receive() -> Received? {
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
            guard count > 0 else { return nil }
            received += buffer[..<count]
        }
    }

    /// Reads to the end of the connection. Returns the reason of the Terminate that came before it, if one did.
    func end() -> TerminationReason? {
        var reason: TerminationReason?
        while let message = receive() {
            if message.template == Template.terminate { reason = message.withMessage { TerminateMessage($0).reason } }
        }
        return reason
    }

    static func negotiate(heartbeatMilliseconds: UInt32 = 0) -> [UInt8] {
        frame(
            bytes(NegotiateMessage.size) {
                NegotiateMessage.encode(
                    at: $0, protocolVersion: 1, heartbeatMilliseconds: heartbeatMilliseconds)
            })
    }
}

/// Closes the sending side alone.
func shutDownSending(_ client: HostileClient) { Glibc.shutdown(client.socket.raw, Int32(SHUT_WR)) }

/// As many open files as the system allows this process.
func raiseFileLimit() {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
}
