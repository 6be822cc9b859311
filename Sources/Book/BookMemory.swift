import Glibc

/// One block of anonymous memory on huge pages, returned when this ends.
@usableFromInline
struct BookMemory: ~Copyable, @unchecked Sendable {
    let mapping: UnsafeMutableRawPointer
    let mappingBytes: Int
    /// The block's first byte, on a huge page's boundary.
    let base: UnsafeMutableRawPointer
    let bytes: Int

    /// Maps `bytes` zeroed bytes, and makes them present if asked to.
    ///
    /// Huge pages are asked for and not insisted on: without them the same book is slower, by the misses of the
    /// address translation.
    init(bytes: Int, isPopulated: Bool) throws(BookError) {
        precondition(bytes > 0 && bytes % BookLayout.hugePageBytes == 0)
        // A huge page more than asked for, to have an aligned start.
        let mappingBytes = bytes + BookLayout.hugePageBytes
        let mapping = mmap(
            nil, mappingBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        guard let mapping, mapping != MAP_FAILED else { throw .memory(errno: errno) }
        let base = mapping.alignedUp(toMultipleOf: BookLayout.hugePageBytes)
        _ = madvise(base, bytes, MADV_HUGEPAGE)
        if isPopulated, madvise(base, bytes, MADV_POPULATE_WRITE) != 0 {
            let reason = errno
            guard reason == EINVAL else {
                munmap(mapping, mappingBytes)
                throw .memory(errno: reason)
            }
            // A kernel before 5.14: touch every page instead.
            Self.touch(base, bytes)
        }
        self.mapping = mapping
        self.mappingBytes = mappingBytes
        self.base = base
        self.bytes = bytes
    }

    deinit {
        munmap(mapping, mappingBytes)
    }

    private static func touch(_ base: UnsafeMutableRawPointer, _ bytes: Int) {
        let pageBytes = 4096
        for offset in stride(from: 0, to: bytes, by: pageBytes) {
            base.storeBytes(of: 0, toByteOffset: offset, as: UInt8.self)
        }
    }
}
