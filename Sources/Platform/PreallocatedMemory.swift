import CPlatform
import Glibc

/// Anonymous memory that is taken once, at start: aligned to 2 MiB, on huge pages where the system grants them,
/// and present before the first use, so that no page fault falls on the hot path.
@frozen
public struct PreallocatedMemory: ~Copyable, @unchecked Sendable {
    /// The first byte, aligned to `alignment`.
    public let base: UnsafeMutableRawPointer

    /// Usable bytes: what was asked for, rounded up to whole pages.
    public let byteCount: Int

    /// The start's alignment: one huge page of x86-64.
    @inlinable
    public static var alignment: Int { 2 << 20 }

    @inlinable
    static var pageSize: Int { 4096 }

    /// Maps, aligns, zeroes and populates memory.
    ///
    /// - Parameters:
    ///   - byteCount: at least 1; from 2 MiB on, whole huge pages serve it.
    ///   - hugePages: whether to ask for transparent huge pages (`MADV_HUGEPAGE`); a system that has them switched
    ///     off serves ordinary pages, silently, because only speed differs.
    /// - Throws: `systemCall("mmap", …)` with `ENOMEM` when there is not enough memory.
    public init(byteCount: Int, hugePages: Bool = true) throws(PlatformError) {
        guard byteCount > 0 else { throw .invalidArgument("memory of \(byteCount) bytes: expected at least 1") }
        let size = (byteCount + Self.pageSize - 1) & ~(Self.pageSize - 1)
        let reserved = size + Self.alignment
        let mapped = mmap(nil, reserved, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let mapped, mapped != MAP_FAILED else {
            throw .systemCall("mmap", subject: "\(reserved) bytes", .current)
        }
        // Cut the reservation down to the aligned part.
        let start = UInt(bitPattern: mapped)
        let skipped = Int((UInt(Self.alignment) - start % UInt(Self.alignment)) % UInt(Self.alignment))
        if skipped > 0 { munmap(mapped, skipped) }
        let tail = reserved - skipped - size
        if tail > 0 { munmap(mapped + skipped + size, tail) }
        base = mapped + skipped
        self.byteCount = size
        if hugePages { _ = madvise(base, size, PLATFORM_MADV_HUGEPAGE) }
        Self.populate(base, size)
    }

    deinit { munmap(base, byteCount) }

    /// Makes every page present and writable. Kernels before 5.14 lack the advice: there each page is touched.
    private static func populate(_ base: UnsafeMutableRawPointer, _ size: Int) {
        if madvise(base, size, PLATFORM_MADV_POPULATE_WRITE) == 0 { return }
        for offset in stride(from: 0, to: size, by: pageSize) {
            base.storeBytes(of: 0, toByteOffset: offset, as: UInt8.self)
        }
    }
}
