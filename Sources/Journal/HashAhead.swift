import Cryptography
import Glibc
import Platform
import Synchronization
import Wire

/// Checks the hashes of a segment's records on a thread of its own, ahead of who reads them: a hash costs about as much
/// as everything else that a start does with a record.
///
/// It has a mapping of its own, so that it depends on nobody's. It only ever says that hashes hold; a record that it
/// has not reached, or whose hash does not hold, is the reader's to check and to judge. Not for segments that are being
/// written: it ends where nothing is committed.
final class HashAhead: Sendable {
    private let shared: Shared
    private let thread: PinnedThread

    /// Bytes that it is ahead at most: what both touch stays in the cache.
    private static let distanceMax = 1 << 20

    /// Begins with the record at `offset` of a segment; nil when there is no thread or no mapping to be had.
    init?(_ segment: borrowing SegmentReading, offset: Int) {
        do throws(PlatformError) {
            let mapping = try Mapping(segment.descriptor, byteCount: segment.mapping.byteCount, .readOnly)
            let shared = Shared(mapping, offset: offset, lastStart: segment.lastStart)
            self.shared = shared
            thread = try PinnedThread(name: "hashes") { shared.run() }
        } catch { return nil }
    }

    deinit { shared.stopped.store(true, ordering: .relaxed) }

    /// Whether the hash of the record that ends at `end` holds, and those before it. Also says where the reader is.
    func hold(through end: Int) -> Bool {
        shared.reader.store(end, ordering: .relaxed)
        return end <= shared.verified.load(ordering: .acquiring)
    }

    private final class Shared: @unchecked Sendable {
        private let mapping: Mapping
        private let lastStart: Int
        private var populated: Int
        let verified: Atomic<Int>
        let reader: Atomic<Int>
        let stopped = Atomic(false)

        init(_ mapping: consuming Mapping, offset: Int, lastStart: Int) {
            self.mapping = mapping
            self.lastStart = lastStart
            populated = offset
            verified = Atomic(offset)
            reader = Atomic(offset)
        }

        func run() {
            var offset = verified.load(ordering: .relaxed)
            while offset <= lastStart && !stopped.load(ordering: .relaxed) {
                if offset > reader.load(ordering: .relaxed) + HashAhead.distanceMax {
                    sched_yield()
                    continue
                }
                if offset + Limits.recordBytesMax > populated { populate() }
                let base = UnsafeRawPointer(mapping.base) + offset
                guard ChainState.ownFault(at: base, hashing: true) == nil else { return }
                offset += RecordView(base).length
                verified.store(offset, ordering: .releasing)
            }
        }

        private func populate() {
            let bytes = min(4 << 20, mapping.byteCount - populated)
            guard bytes > 0 else { return }
            Mapping.populateForReading(mapping.base + populated, byteCount: bytes)
            populated += bytes
        }
    }
}
