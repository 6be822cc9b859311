import Glibc

/// An IPv4 address, in host byte order.
@frozen
public struct IPv4Address: Equatable, Hashable, Sendable, CustomStringConvertible {
    /// 127.0.0.1 is 0x7F000001.
    public let value: UInt32

    @inlinable
    public init(value: UInt32) { self.value = value }

    /// Parses four decimal numbers with dots between; nil for anything else, names included.
    public init?(_ text: String) {
        var address = in_addr()
        guard inet_pton(AF_INET, text, &address) == 1 else { return nil }
        value = UInt32(bigEndian: address.s_addr)
    }

    public static let any = IPv4Address(value: 0)
    public static let loopback = IPv4Address(value: 0x7F00_0001)

    /// Whether this names a multicast group: 224.0.0.0 to 239.255.255.255.
    public var isMulticast: Bool { value >> 28 == 0xE }

    public var description: String {
        "\(value >> 24).\(value >> 16 & 255).\(value >> 8 & 255).\(value & 255)"
    }

    var network: in_addr { in_addr(s_addr: value.bigEndian) }
}

/// An IPv4 address and a port.
@frozen
public struct IPv4Endpoint: Equatable, Hashable, Sendable, CustomStringConvertible {
    public let address: IPv4Address
    /// In host byte order; 0 lets the system choose where it binds.
    public let port: UInt16

    @inlinable
    public init(_ address: IPv4Address, port: UInt16) {
        self.address = address
        self.port = port
    }

    /// Parses `127.0.0.1:4600`; nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let address = IPv4Address(String(parts[0])), let port = UInt16(parts[1]) else {
            return nil
        }
        self.init(address, port: port)
    }

    public var description: String { "\(address):\(port)" }

    @usableFromInline
    init(_ socketAddress: sockaddr_in) {
        address = IPv4Address(value: UInt32(bigEndian: socketAddress.sin_addr.s_addr))
        port = UInt16(bigEndian: socketAddress.sin_port)
    }

    /// The system's form.
    public var socketAddress: sockaddr_in {
        var result = sockaddr_in()
        result.sin_family = sa_family_t(AF_INET)
        result.sin_port = port.bigEndian
        result.sin_addr = address.network
        return result
    }
}

/// Calls `body` with the system's form of an endpoint.
func withSocketAddress<Result>(
    _ endpoint: IPv4Endpoint, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
) -> Result {
    var address = endpoint.socketAddress
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
    }
}
