import Glibc
import Platform
import Wire

/// A line between a client and the node that breaks when the client has sent its first command: the answer never comes.
final class SeveredLine: Sendable {
    let port: UInt16
    private let thread: Joined

    /// A thread that can be waited for.
    private final class Joined: @unchecked Sendable {
        private var thread: PinnedThread?

        init(_ body: sending @escaping () -> Void) throws { thread = try PinnedThread(name: "severed", body: body) }

        func join() { thread = nil }
    }

    /// - Parameter passesCommand: whether the node gets the command, and has answered it by the time of the break.
    init(to node: UInt16, passesCommand: Bool) throws {
        let listener = try Sockets.listen(at: IPv4Endpoint(.loopback, port: 0))
        port = try Sockets.localEndpoint(of: listener.raw).port
        let raw = listener.release()
        thread = try Joined {
            let listener = Descriptor(owning: raw)
            let accepted = accept(listener.raw, nil, nil)
            guard accepted >= 0, let server = try? HostileClient(node) else { return }
            Self.pass(HostileClient(accepted: Descriptor(owning: accepted)), server, passesCommand)
        }
    }

    /// Waits until the line is broken.
    func finish() { thread.join() }

    private static func pass(_ client: HostileClient, _ server: HostileClient, _ passesCommand: Bool) {
        while let message = client.receive() {
            let isSession = [Template.negotiate, Template.logon, Template.establish, Template.heartbeat].contains(
                message.template)
            if !isSession && !passesCommand { return }
            server.send(frame(message.bytes))
            if message.template == Template.heartbeat { continue }
            guard let answer = server.receive(), isSession else { return }
            client.send(frame(answer.bytes))
        }
    }
}
