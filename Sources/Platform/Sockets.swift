import Glibc

/// Makes sockets. All are close-on-exec; `Sockets+Datagram.swift` has those of UDP.
public enum Sockets {
    /// A TCP socket that listens: `SO_REUSEADDR`, so that a restarted node gets its port back at once, and
    /// `TCP_NODELAY`, which the accepted connections inherit.
    ///
    /// - Throws: `systemCall("bind", …)` with `EADDRINUSE` when the port is taken.
    public static func listen(at endpoint: IPv4Endpoint, backlog: Int32 = 1024) throws(PlatformError) -> Descriptor {
        let socket = try make(SOCK_STREAM)
        try set(socket.raw, Int32(SOL_SOCKET), SO_REUSEADDR, 1)
        try set(socket.raw, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        try bind(socket.raw, to: endpoint)
        _ = try retrying("listen", endpoint.description) { Glibc.listen(socket.raw, backlog) }
        return socket
    }

    /// Takes one connection that waits at a nonblocking listener. It is nonblocking and close-on-exec, and the caller's
    /// to close.
    /// - Returns: the descriptor, or a negated error number (`EAGAIN`: none waits).
    public static func acceptNonblocking(_ listener: Int32) -> Int32 {
        let socket = Glibc.accept(listener, nil, nil)
        if socket < 0 { return -errno }
        _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
        _ = fcntl(socket, F_SETFL, O_NONBLOCK)
        return socket
    }

    /// Says that nothing more is sent on a stream; what was sent still arrives.
    public static func endSending(_ socket: Int32) { _ = shutdown(socket, Int32(SHUT_WR)) }

    /// A TCP connection with `TCP_NODELAY`. Blocks until it stands or the time is over; the descriptor itself blocks.
    ///
    /// - Throws: `systemCall("connect", …)` with `ECONNREFUSED`, `ETIMEDOUT`, ….
    public static func connect(
        to endpoint: IPv4Endpoint, timeoutMilliseconds: Int32 = 5000
    ) throws(PlatformError) -> Descriptor {
        let socket = try connectNonblocking(to: endpoint)
        let events = try poll(socket.raw, for: .writable, timeoutMilliseconds: timeoutMilliseconds)
        if events.isEmpty { throw .systemCall("connect", subject: endpoint.description, .timedOut) }
        try finishConnecting(socket.raw, to: endpoint)
        let flags = try retrying("fcntl") { fcntl(socket.raw, F_GETFL) }
        _ = try retrying("fcntl") { fcntl(socket.raw, F_SETFL, flags & ~O_NONBLOCK) }
        return socket
    }

    /// A nonblocking TCP connection that is being made, with `TCP_NODELAY`: it stands once the socket is writable and
    /// `finishConnecting` does not throw.
    public static func connectNonblocking(to endpoint: IPv4Endpoint) throws(PlatformError) -> Descriptor {
        let socket = try make(SOCK_STREAM)
        try set(socket.raw, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
        try socket.setNonblocking()
        let result = withSocketAddress(endpoint) { Glibc.connect(socket.raw, $0, $1) }
        if result != 0, Errno.current != .inProgress {
            throw .systemCall("connect", subject: endpoint.description, .current)
        }
        return socket
    }

    /// Throws what became of a connection that was being made, when it did not come to stand.
    public static func finishConnecting(_ socket: Int32, to endpoint: IPv4Endpoint) throws(PlatformError) {
        var error: Int32 = 0
        var size = socklen_t(MemoryLayout<Int32>.size)
        _ = try retrying("getsockopt") { getsockopt(socket, Int32(SOL_SOCKET), SO_ERROR, &error, &size) }
        if error != 0 { throw .systemCall("connect", subject: endpoint.description, Errno(rawValue: error)) }
    }

    /// Where a socket is bound: tells the port that the system chose for port 0.
    public static func localEndpoint(of socket: Int32) throws(PlatformError) -> IPv4Endpoint {
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &size) }
        }
        guard result == 0 else { throw .systemCall("getsockname", subject: "", .current) }
        return IPv4Endpoint(address)
    }

    /// Asks for a receive buffer of so many bytes; the kernel doubles it and keeps to its own maximum.
    public static func setReceiveBuffer(_ socket: Int32, bytes: Int32) throws(PlatformError) {
        try set(socket, Int32(SOL_SOCKET), SO_RCVBUF, bytes)
    }

    /// Sends from a connected socket. Never raises SIGPIPE.
    /// - Returns: bytes taken, or a negated error number (`EAGAIN`: would block).
    public static func send(_ socket: Int32, _ bytes: UnsafeRawBufferPointer, blocking: Bool = true) -> Int {
        let flags = Int32(MSG_NOSIGNAL) | (blocking ? 0 : Int32(MSG_DONTWAIT))
        let count = Glibc.send(socket, bytes.baseAddress, bytes.count, flags)
        return count >= 0 ? count : -Int(errno)
    }

    /// Receives from a connected socket.
    /// - Returns: bytes, 0 at the end of a stream, or a negated error number (`EAGAIN`: nothing there).
    public static func receive(
        _ socket: Int32, into bytes: UnsafeMutableRawBufferPointer, blocking: Bool = true
    ) -> Int {
        while true {
            let count = recv(socket, bytes.baseAddress, bytes.count, blocking ? 0 : Int32(MSG_DONTWAIT))
            if count >= 0 { return count }
            // A process that was stopped and goes on is interrupted where it waits with a limit.
            if errno != EINTR { return -Int(errno) }
        }
    }

    /// Sends every byte on a blocking stream socket.
    public static func sendAll(_ socket: Int32, _ bytes: UnsafeRawBufferPointer) throws(PlatformError) {
        var sent = 0
        while sent < bytes.count {
            let count = send(socket, UnsafeRawBufferPointer(rebasing: bytes[sent...]))
            if count == -Int(EINTR) { continue }
            guard count > 0 else { throw .systemCall("send", subject: "", Errno(rawValue: Int32(-count))) }
            sent += count
        }
    }

    static func make(_ type: __socket_type) throws(PlatformError) -> Descriptor {
        let kind = Int32(type.rawValue | SOCK_CLOEXEC.rawValue)
        return Descriptor(owning: try retrying("socket") { socket(AF_INET, kind, 0) })
    }

    static func bind(_ socket: Int32, to endpoint: IPv4Endpoint) throws(PlatformError) {
        _ = try retrying("bind", endpoint.description) {
            withSocketAddress(endpoint) { Glibc.bind(socket, $0, $1) }
        }
    }

    static func set<Value: BitwiseCopyable>(
        _ socket: Int32, _ level: Int32, _ option: Int32, _ value: Value
    ) throws(PlatformError) {
        var value = value
        let size = socklen_t(MemoryLayout<Value>.size)
        _ = try retrying("setsockopt", "option \(option)") { setsockopt(socket, level, option, &value, size) }
    }
}
