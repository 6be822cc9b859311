import Glibc

/// UDP: plain, and multicast to one interface.
extension Sockets {
    /// A UDP socket bound to an endpoint (port 0: the system's choice).
    public static func datagram(boundTo endpoint: IPv4Endpoint) throws(PlatformError) -> Descriptor {
        let socket = try make(SOCK_DGRAM)
        try bind(socket.raw, to: endpoint)
        return socket
    }

    /// A UDP socket that sends to multicast groups through one interface.
    ///
    /// - Parameters:
    ///   - interface: the address of the interface (`IP_MULTICAST_IF`); 127.0.0.1 for the loopback one, which needs no
    ///     route. Without it the system's routes decide, and a feed for this machine may leave it.
    ///   - timeToLive: 0 keeps packets on this machine, 1 on its network.
    ///   - loops: whether receivers on this machine get them too; the loopback interface delivers them anyway.
    public static func multicastSender(
        interface: IPv4Address, timeToLive: UInt8 = 1, loops: Bool = true
    ) throws(PlatformError) -> Descriptor {
        let socket = try make(SOCK_DGRAM)
        try set(socket.raw, Int32(IPPROTO_IP), IP_MULTICAST_IF, interface.network)
        try set(socket.raw, Int32(IPPROTO_IP), IP_MULTICAST_TTL, timeToLive)
        try set(socket.raw, Int32(IPPROTO_IP), IP_MULTICAST_LOOP, UInt8(loops ? 1 : 0))
        return socket
    }

    /// A UDP socket that receives one multicast group through one interface. Several on one machine each get all.
    ///
    /// - Parameters:
    ///   - group: bound to, so that other groups on the same port stay out.
    ///   - receiveBufferBytes: room for bursts; what does not fit is lost, as on any network.
    public static func multicastReceiver(
        group: IPv4Endpoint, interface: IPv4Address, receiveBufferBytes: Int32 = 4 << 20
    ) throws(PlatformError) -> Descriptor {
        guard group.address.isMulticast else {
            throw .invalidArgument("group \(group.address): expected 224.0.0.0 to 239.255.255.255")
        }
        let socket = try make(SOCK_DGRAM)
        try set(socket.raw, Int32(SOL_SOCKET), SO_REUSEADDR, 1)
        try setReceiveBuffer(socket.raw, bytes: receiveBufferBytes)
        try bind(socket.raw, to: group)
        let membership = ip_mreq(imr_multiaddr: group.address.network, imr_interface: interface.network)
        try set(socket.raw, Int32(IPPROTO_IP), IP_ADD_MEMBERSHIP, membership)
        return socket
    }

    /// Sends one datagram, never blocking.
    /// - Returns: bytes sent, or a negated error number (`EAGAIN` or `ENOBUFS`: the socket is full, nothing was sent).
    public static func send(
        _ socket: Int32, _ bytes: UnsafeRawBufferPointer, to destination: borrowing Destination
    ) -> Int {
        let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
        let count = sendto(
            socket, bytes.baseAddress, bytes.count, flags, destination.address, destination.length)
        return count >= 0 ? count : -Int(errno)
    }

    /// Receives one datagram and where it came from, never blocking.
    /// - Returns: its bytes (cut to the memory's size), or a negated error number (`EAGAIN`: nothing there).
    public static func receive(
        _ socket: Int32, into bytes: UnsafeMutableRawBufferPointer, from source: inout IPv4Endpoint
    ) -> Int {
        var address = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let count = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                recvfrom(socket, bytes.baseAddress, bytes.count, Int32(MSG_DONTWAIT), $0, &size)
            }
        }
        guard count >= 0 else { return -Int(errno) }
        source = IPv4Endpoint(address)
        return count
    }

    /// An endpoint in the system's form, made once for many sends.
    public struct Destination: ~Copyable, @unchecked Sendable {
        let address: UnsafeMutablePointer<sockaddr>
        let length = socklen_t(MemoryLayout<sockaddr_in>.size)

        public init(_ endpoint: IPv4Endpoint) {
            let memory = UnsafeMutablePointer<sockaddr_in>.allocate(capacity: 1)
            memory.initialize(to: endpoint.socketAddress)
            // Both are the system's; sockaddr is the common head of all address families.
            address = UnsafeMutableRawPointer(memory).assumingMemoryBound(to: sockaddr.self)
        }

        deinit { UnsafeMutableRawPointer(address).deallocate() }

        /// Changes where it points to.
        public mutating func set(_ endpoint: IPv4Endpoint) {
            UnsafeMutableRawPointer(address).storeBytes(of: endpoint.socketAddress, as: sockaddr_in.self)
        }
    }
}
