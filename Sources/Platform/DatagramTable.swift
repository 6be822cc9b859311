import Glibc

/// Message headers for datagrams that are sent through an `IOUring`, made once: each has one buffer and one address.
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
    ///   - destination: where all of them go.
    public init(count: Int, capacity: Int, destination: IPv4Endpoint) {
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
}
