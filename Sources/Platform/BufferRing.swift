import CPlatform
import Glibc

/// The receive buffers of an `IOUring`: the kernel takes one for each multishot receive, user code gives it back.
///
/// A handle: copies share the memory, which lives as long as the ring.
@usableFromInline
@frozen
struct BufferRing: @unchecked Sendable {
    @usableFromInline
    let entries: UnsafeMutablePointer<platform_uring_buffer>
    @usableFromInline
    let memory: UnsafeMutableRawPointer
    @usableFromInline
    let count: UInt32
    @usableFromInline
    let size: UInt32

    /// Maps the buffers, registers their ring and gives all of them to the kernel.
    init(_ ring: inout platform_uring, _ configuration: IOUring.Configuration) throws(PlatformError) {
        count = configuration.bufferCount
        size = configuration.bufferSize
        let byteCount = Int(count) * Int(size)
        let mapped = mmap(
            nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | Int32(MAP_POPULATE), -1, 0)
        guard let mapped, mapped != MAP_FAILED else {
            throw .systemCall("mmap", subject: "\(byteCount) bytes of receive buffers", .current)
        }
        var error: Int32 = 0
        guard let entries = platform_uring_map_buffers(&ring, count, &error) else {
            munmap(mapped, byteCount)
            if -error == EINVAL { throw .unsupported("provided buffer rings of io_uring (Linux 5.19)") }
            throw .systemCall("io_uring_register_buf_ring", subject: "", Errno(rawValue: -error))
        }
        self.entries = entries
        memory = mapped
        for identifier in 0..<count { give(UInt16(identifier)) }
    }

    /// Unmaps everything; only after the io_uring is gone.
    func deallocate() {
        platform_uring_unmap_buffers(entries, count)
        munmap(memory, Int(count) * Int(size))
    }

    @inlinable
    func address(_ identifier: UInt16) -> UnsafeMutableRawPointer {
        assert(UInt32(identifier) < count, "a buffer of this ring")
        return memory + Int(identifier) &* Int(size)
    }

    /// Gives one buffer to the kernel.
    @inlinable
    func give(_ identifier: UInt16) {
        platform_uring_provide(entries, address(identifier), size, identifier, count &- 1)
    }
}
