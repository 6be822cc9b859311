import Foundation
import Glibc
import Platform

/// Entry bundles that came over a network, kept in a file without a name so that a second walk need not ask for them
/// again. Bounded: what is beyond `byteCountMax`, or does not fit on the disk, is asked for again. Nothing is concluded
/// from where bytes come from: they are checked as if they had just arrived.
final class FetchedBundles {
    /// Bytes that are kept at most: entries of about 700,000 orders.
    static let byteCountMax = 256 << 20

    private let file: Descriptor
    /// By the number of the bundle, from the first on without gaps.
    private var places: [(offset: Int, count: Int, isPartial: Bool)] = []
    private var end = 0
    private let limit: Int
    private let first: UInt64

    /// - Parameter first: number of the first bundle that is kept.
    /// - Returns: nil when there is no place for temporary files.
    init?(first: UInt64 = 0, limit: Int = byteCountMax) {
        var path = Array((NSTemporaryDirectory() + "/verifier-XXXXXX").utf8CString)
        let raw = mkstemp(&path)
        guard raw >= 0 else { return nil }
        unlink(path)
        _ = fcntl(raw, F_SETFD, FD_CLOEXEC)
        file = Descriptor(owning: raw)
        (self.first, self.limit) = (first, limit)
    }

    /// Keeps a bundle, if it is the next one and there is room.
    func keep(_ number: UInt64, _ bytes: [UInt8], isPartial: Bool) {
        guard number == first + UInt64(places.count), bytes.count <= limit - end else { return }
        let (raw, offset) = (file.raw, end)
        let written = bytes.withUnsafeBytes { pwrite(raw, $0.baseAddress, $0.count, off_t(offset)) }
        guard written == bytes.count else { return }
        places.append((end, bytes.count, isPartial))
        end += bytes.count
    }

    /// A bundle that was kept; nil when it was not.
    func bundle(_ number: UInt64) -> (bytes: [UInt8], isPartial: Bool)? {
        guard number >= first, number - first < UInt64(places.count) else { return nil }
        let (offset, count, isPartial) = places[Int(number - first)]
        let raw = file.raw
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            initialized = max(pread(raw, buffer.baseAddress, count, off_t(offset)), 0)
        }
        return bytes.count == count ? (bytes, isPartial) : nil
    }
}
