import Glibc
import Platform
import Settings
import Synchronization
import Wire

/// Everything that a node multicasts, as a thread of the test received it.
final class FeedTap: Sendable {
    private struct State {
        var messages: [Key: [UInt8]] = [:]
        var conflicts: [Key] = []
        var isStopped = false
        var hasEnded = false
    }

    /// A message's name: session and sequence.
    struct Key: Hashable {
        let session: String
        let sequence: UInt64
    }

    private let state = Mutex(State())

    /// Joins the group of a configuration.
    init(_ settings: MarketDataSettings) throws {
        let group = IPv4Endpoint(IPv4Address(settings.group)!, port: settings.port)
        let socket = try Sockets.multicastReceiver(group: group, interface: IPv4Address(settings.interface)!)
        let tap = Unmanaged.passUnretained(self).toOpaque()
        nonisolated(unsafe) let unsafeTap = tap
        let raw = fcntl(socket.raw, F_DUPFD_CLOEXEC, 0)
        var thread = pthread_t()
        let start = Start(tap: unsafeTap, socket: raw)
        pthread_create(
            &thread, nil,
            { argument in
                let start = Unmanaged<Start>.fromOpaque(argument!).takeRetainedValue()
                Unmanaged<FeedTap>.fromOpaque(start.tap).takeUnretainedValue().receive(start.socket)
                return nil
            }, Unmanaged.passRetained(start).toOpaque())
        pthread_detach(thread)
    }

    private final class Start {
        let tap: UnsafeMutableRawPointer
        let socket: Int32

        init(tap: UnsafeMutableRawPointer, socket: Int32) {
            self.tap = tap
            self.socket = socket
        }
    }

    /// Stops receiving; what was received.
    func stop() -> (messages: [Key: [UInt8]], conflicts: [Key]) {
        state.withLock { $0.isStopped = true }
        while !state.withLock({ $0.hasEnded }) { sched_yield() }
        return state.withLock { ($0.messages, $0.conflicts) }
    }

    private func receive(_ socket: Int32) {
        var buffer = [UInt8](repeating: 0, count: 2048)
        var wait = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        while true {
            let isReadable = poll(&wait, 1, 50) > 0
            if !isReadable, state.withLock({ $0.isStopped }) { break }
            let count = recv(socket, &buffer, buffer.count, Int32(MSG_DONTWAIT))
            if count > 0 { buffer.withUnsafeBytes { take(UnsafeRawBufferPointer(rebasing: $0[..<count])) } }
        }
        close(socket)
        state.withLock { $0.hasEnded = true }
    }

    private func take(_ bytes: UnsafeRawBufferPointer) {
        guard let packet = MoldUDP64(bytes) else { return }
        var sequence = packet.sequence
        packet.forEachMessage { message in
            let key = Key(session: packet.session.text, sequence: sequence)
            let copy = [UInt8](message)
            state.withLock { state in
                if let known = state.messages.updateValue(copy, forKey: key), known != copy {
                    state.conflicts.append(key)
                }
            }
            sequence += 1
        }
    }
}
