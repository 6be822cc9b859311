import Glibc
import Platform

/// A regular file that is being sent: as many bytes as it had when it was opened.
public final class HTTPFile {
    private let descriptor: Descriptor
    public let byteCount: Int

    /// - Returns: nil when there is no regular file of that name.
    public init?(_ path: String) {
        let raw = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard raw >= 0 else { return nil }
        let descriptor = Descriptor(owning: raw)
        var status = stat()
        guard fstat(raw, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        byteCount = Int(status.st_size)
        self.descriptor = descriptor
    }

    /// Whether it still has a name: false once it was removed, or another file took its place.
    var hasName: Bool {
        var status = stat()
        return fstat(descriptor.raw, &status) == 0 && status.st_nlink > 0
    }

    /// Up to `limit` bytes from an offset; nil when they cannot be read.
    public func read(at offset: Int, limit: Int) -> [UInt8]? {
        let count = min(limit, byteCount - offset)
        let raw = descriptor.raw
        var filled = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: max(count, 0)) { buffer, initialized in
            while filled < count {
                let step = pread(raw, buffer.baseAddress! + filled, count - filled, off_t(offset + filled))
                if step < 0, errno == EINTR { continue }
                guard step > 0 else { break }
                filled += step
            }
            initialized = filled
        }
        return filled == count ? bytes : nil
    }
}
