import CPlatform
import Glibc

/// The one owner of a shared mapping of a file: unmaps it at the end of its life.
///
/// Stores into it are in the page cache at once: they survive the process, and a loss of power only after the file
/// was synchronised. If the file is truncated by someone else, touching what is gone ends the process with SIGBUS:
/// files are allocated before they are mapped (`File.allocate`) and never shortened while in use.
@frozen
public struct Mapping: ~Copyable, @unchecked Sendable {
    /// Start, aligned to a page.
    public let base: UnsafeMutableRawPointer
    /// Bytes.
    public let byteCount: Int

    /// What the mapping may be used for.
    public enum Access: Sendable {
        /// A store faults.
        case readOnly
        /// Stores reach the file.
        case readWrite
    }

    /// Maps the first `byteCount` bytes of an open file, which must be at least that long.
    public init(_ descriptor: borrowing Descriptor, byteCount: Int, _ access: Access, path: String = "")
        throws(PlatformError)
    {
        guard byteCount > 0 else { throw .invalidArgument("mapping of \(byteCount) bytes of \(path)") }
        let protection = access == .readOnly ? PROT_READ : PROT_READ | PROT_WRITE
        let address = mmap(nil, byteCount, protection, MAP_SHARED, descriptor.raw, 0)
        guard let address, address != MAP_FAILED else { throw .systemCall("mmap", subject: path, .current) }
        base = address
        self.byteCount = byteCount
    }

    deinit { munmap(base, byteCount) }

    /// Gives the memory away mapped: whoever takes it calls `Mapping.unmap`.
    public consuming func release() -> UnsafeMutableRawPointer {
        let base = base
        discard self
        return base
    }

    /// Unmaps memory that `release` gave away.
    public static func unmap(_ base: UnsafeMutableRawPointer, byteCount: Int) {
        munmap(base, byteCount)
    }

    /// Makes pages present and writable, as far as the kernel can (Linux 5.14): a hint, whose failure costs a page
    /// fault later and nothing else. Both bounds are rounded outwards to pages.
    public static func populateForWriting(_ start: UnsafeMutableRawPointer, byteCount: Int) {
        advise(start, byteCount, PLATFORM_MADV_POPULATE_WRITE)
    }

    /// Makes pages present for reading: one call where reading would take a fault for every few pages.
    public static func populateForReading(_ start: UnsafeMutableRawPointer, byteCount: Int) {
        advise(start, byteCount, PLATFORM_MADV_POPULATE_READ)
    }

    private static func advise(_ start: UnsafeMutableRawPointer, _ byteCount: Int, _ advice: Int32) {
        let from = UInt(bitPattern: start) & ~4095
        let to = (UInt(bitPattern: start) + UInt(byteCount) + 4095) & ~4095
        guard let first = UnsafeMutableRawPointer(bitPattern: from), to > from else { return }
        _ = madvise(first, Int(to - from), advice)
    }
}
