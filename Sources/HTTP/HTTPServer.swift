import Glibc
import Platform

/// A bounded HTTP/1.1 server on the thread that runs it: what strangers send can make it neither grow nor wait.
///
/// At most `connectionsMax` connections, 8 KiB and one body of each for requests and 64 KiB for answers, and a time-out
/// for every step. It belongs to one thread of its own: on a pool that others fill, it would let honest requests wait.
public final class HTTPServer {
    /// Connections at a time; one more closes the longest idle, or is told to come again.
    public static let connectionsMax = 256
    /// Bytes of memory that a connection takes at most, where requests have no body.
    public static let connectionBytesMax = HTTPRequest.headBytesMax + HTTPConnection.chunkBytes
    /// Longest time for a request to come, and between two steps of an answer, milliseconds.
    public static let patienceMilliseconds: UInt64 = 30_000
    /// Longest time that answers under way are given when the server stops, milliseconds.
    public static let graceMilliseconds: UInt64 = 1_000
    /// Connections beyond the others that were answered for the last time, and whose other side has not ended yet.
    static let endedMax = 64
    /// Connections that are taken at a time, so that those who are connected get their turn.
    private static let acceptedMax = 64
    /// Longest wait for something to happen, and so for a stop to be seen, milliseconds.
    private static let turnMilliseconds: Int32 = 50

    private let listener: Descriptor
    private let connectionsMax: Int
    private let patience: UInt64
    private let clock: () -> UInt64
    private(set) var connections: [HTTPConnection] = []
    /// The system has no descriptor to give: the listener is not asked in the next turn, which would not wait.
    private var pauses = false

    /// Where it listens: with the port that the system chose where it was asked for 0.
    public let endpoint: IPv4Endpoint

    /// Listens; `run` serves.
    ///
    /// - Throws: `systemCall` when the port is taken.
    public convenience init(
        at endpoint: IPv4Endpoint, connectionsMax: Int = connectionsMax,
        patienceMilliseconds: UInt64 = patienceMilliseconds
    ) throws(PlatformError) {
        try self.init(
            at: endpoint, connectionsMax: connectionsMax, patienceMilliseconds: patienceMilliseconds,
            clock: SystemClock.monotonicNanoseconds)
    }

    init(
        at endpoint: IPv4Endpoint, connectionsMax: Int, patienceMilliseconds: UInt64, clock: @escaping () -> UInt64
    ) throws(PlatformError) {
        listener = try Sockets.listen(at: endpoint)
        try listener.setNonblocking()
        self.endpoint = try Sockets.localEndpoint(of: listener.raw)
        self.connectionsMax = connectionsMax
        patience = patienceMilliseconds * 1_000_000
        self.clock = clock
    }

    /// Serves until asked to stop; then sends answers that are under way, in bounded time, and closes all connections.
    public func run(until stop: StopFlag, _ service: any HTTPService) throws(PlatformError) {
        defer { connections = [] }
        while !stop.isStopped { try turn(service) }
        connections.forEach { $0.finish() }
        let end = clock() + Self.graceMilliseconds * 1_000_000
        while connections.contains(where: { $0.wait == .room }), clock() < end { try turn(service, accepts: false) }
    }

    /// Waits until something happens, for a bounded time, and does what there is to do.
    func turn(_ service: any HTTPService, accepts: Bool = true) throws(PlatformError) {
        // Before the poll: what it does not show had not come by then, however late this thread goes on.
        let asked = clock()
        var entries = [pollfd(fd: accepts && !pauses ? listener.raw : -1, events: Int16(POLLIN), revents: 0)]
        pauses = false
        for connection in connections {
            let events = connection.wait == .room ? POLLOUT : POLLIN
            entries.append(pollfd(fd: connection.socket.raw, events: Int16(events), revents: 0))
        }
        guard Glibc.poll(&entries, nfds_t(entries.count), Self.turnMilliseconds) >= 0 else {
            if Errno.current == .interrupted { return }
            throw .systemCall("poll", subject: "", .current)
        }
        for (connection, entry) in zip(connections, entries.dropFirst()) {
            if entry.revents != 0 { connection.step(service) }
            // A step that went on has moved the deadline. One that left bytes unread has not seen all there is.
            if asked >= connection.deadline, entry.revents == 0 || connection.isDrained { connection.expire() }
        }
        connections.removeAll { $0.wait == .nothing }
        if entries[0].revents != 0 { accept() }
        forgetEnded()
    }

    private func accept() {
        for _ in 0..<Self.acceptedMax {
            let raw = Sockets.acceptNonblocking(listener.raw)
            guard raw >= 0 else {
                pauses = ![Errno.wouldBlock, .interrupted].contains(Errno(rawValue: -raw))
                return
            }
            let connection = HTTPConnection(Descriptor(owning: raw), patience: patience, clock: clock)
            if connections.count(where: { $0.wait != .end }) >= connectionsMax, !closeIdle() {
                connection.refuse(.refused(503, "too many connections; try again"))
                guard connection.wait == .end else { continue }
                forgetEnded(besides: 1)
            }
            connections.append(connection)
        }
    }

    /// Closes the connection that has been idle for longest. One whose request has just come is not idle.
    private func closeIdle() -> Bool {
        let idle = connections.indices.filter { index in
            guard connections[index].isIdle else { return false }
            let events = try? poll(connections[index].socket.raw, for: .readable, timeoutMilliseconds: 0)
            return events?.isEmpty ?? true
        }
        guard let longest = idle.min(by: { connections[$0].deadline < connections[$1].deadline }) else { return false }
        connections.remove(at: longest)
        return true
    }

    /// Closes the oldest of the ended connections where they are too many.
    private func forgetEnded(besides others: Int = 0) {
        var surplus = connections.count { $0.wait == .end } + others - Self.endedMax
        guard surplus > 0 else { return }
        connections.removeAll { connection in
            guard surplus > 0, connection.wait == .end else { return false }
            surplus -= 1
            return true
        }
    }
}
