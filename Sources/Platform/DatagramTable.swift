import Glibc

/// Message headers for datagrams through an `IOUring`, made once: each has one buffer and one address.
///
/// A header that was submitted belongs to the kernel until its completion; which ones are free is the caller's to
/// know (a datagram's index makes a good tag).
public struct DatagramTable: ~Copyable, @unchecked Sendable {
    @usableFromInline
    let headers: UnsafeMutablePointer<msghdr>
    @usableFromInline
    let vectors: UnsafeMutablePointer<iovec>
    @usableFromInline
    let addresses: UnsafeMutablePointer<sockaddr_in>
    @usableFromInline
    let memory: UnsafeMutableRawPointer

    /// Datagrams in the table.
    public let count: Int
    /// Bytes of each datagram's buffer.
    public let capacity: Int

    /// - Parameters:
    ///   - count: datagrams, at least 1.
    ///   - capacity: bytes of each one's buffer, at least 1.
    ///   - destination: the address that all of them start with.
    public init(count: Int, capacity: Int, destination: IPv4Endpoint = IPv4Endpoint(.any, port: 0)) {
        precondition(count > 0 && capacity > 0, "a table of something")
        self.count = count
        self.capacity = capacity
        headers = .allocate(capacity: count)
        vectors = .allocate(capacity: count)
        addresses = .allocate(capacity: count)
        memory = .allocate(byteCount: count * capacity, alignment: 64)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: count * capacity)
        addresses.initialize(repeating: destination.socketAddress, count: count)
        for index in 0..<count {
            let buffer = memory + index * capacity
            (vectors + index).initialize(to: iovec(iov_base: buffer, iov_len: capacity))
            var header = msghdr()
            header.msg_name = UnsafeMutableRawPointer(addresses + index)
            header.msg_namelen = socklen_t(MemoryLayout<sockaddr_in>.size)
            header.msg_iov = vectors + index
            header.msg_iovlen = 1
            (headers + index).initialize(to: header)
        }
    }

    deinit {
        headers.deallocate()
        vectors.deallocate()
        addresses.deallocate()
        memory.deallocate()
    }

    /// The buffer of one datagram: `capacity` bytes.
    @inlinable
    public func buffer(_ index: Int) -> UnsafeMutableRawPointer {
        assert(index >= 0 && index < count, "a datagram of this table")
        return memory + index &* capacity
    }

    /// The header that sends the first `length` bytes of a datagram's buffer to its address.
    @inlinable
    public func forSending(_ index: Int, length: Int) -> UnsafePointer<msghdr> {
        assert(index >= 0 && index < count && length <= capacity, "a datagram of this table")
        vectors[index].iov_len = length
        return UnsafePointer(headers + index)
    }

    /// The header that receives into the whole of a datagram's buffer, and its sender into its address.
    @inlinable
    public func forReceiving(_ index: Int) -> UnsafeMutablePointer<msghdr> {
        assert(index >= 0 && index < count, "a datagram of this table")
        vectors[index].iov_len = capacity
        headers[index].msg_namelen = socklen_t(MemoryLayout<sockaddr_in>.size)
        return headers + index
    }

    /// A datagram's address: where it goes, or where it came from. An answer leaves it as it is.
    @inlinable
    public func endpoint(_ index: Int) -> IPv4Endpoint { IPv4Endpoint(addresses[index]) }

    /// Directs a datagram elsewhere.
    public func setEndpoint(_ index: Int, _ endpoint: IPv4Endpoint) {
        assert(index >= 0 && index < count, "a datagram of this table")
        addresses[index] = endpoint.socketAddress
    }
}
