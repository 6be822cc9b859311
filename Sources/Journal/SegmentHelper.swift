import Platform
import Wire

/// The helper thread of a journal: everything that calls the kernel, so that the writer never does.
///
/// It keeps one spare segment allocated and mapped, gives segments their names once they are begun, makes pages ahead
/// of the tail present, unmaps segments that nobody needs, and puts the durable mark on disk about once a second. The
/// writer tells it nothing but its position, by a store; so this thread looks, at most every `pauseMin`, and less
/// often the longer nothing moved.
struct SegmentHelper: ~Copyable {
    private let store: SegmentStore
    /// End of the pages that were made present in the current segment.
    private var populated = JournalPosition(rawValue: 0)
    private var synchronizationsSeen: UInt64 = 0
    private var durableFlushed: UInt64 = 0
    private var flushedAt: UInt64 = 0
    private var refreshedAt: UInt64 = 0
    private var spareTriedAt: UInt64 = 0
    private var firstMapped: UInt64

    static let pauseMin: UInt64 = 500_000
    static let pauseMax: UInt64 = 8_000_000
    /// Pause between attempts to make a spare on a full disk.
    static let sparePause: UInt64 = 50_000_000
    /// How often the mark is put on disk, and pages near an idle tail are made present again.
    static let second: UInt64 = 1_000_000_000
    /// Pages near the tail that are made writable again after each fdatasync, which write-protects them.
    static let nearBytes = 32 << 10

    init(store: SegmentStore) {
        self.store = store
        firstMapped = store.words.load(.currentSegment)
    }

    /// Runs until the store's stop flag is set.
    mutating func run() {
        var pause = Self.pauseMin
        while !store.stop.isStopped {
            let worked = turn(now: SystemClock.monotonicNanoseconds())
            pause = worked ? Self.pauseMin : min(pause * 2, Self.pauseMax)
            store.stop.wait(nanoseconds: pause)
        }
        // The last segment must not be left under the spare's name by an orderly end.
        _ = linkSegments()
        flushMark()
    }

    /// One look at everything; true when there was something to do.
    private mutating func turn(now: UInt64) -> Bool {
        var worked = linkSegments()
        worked = makeSpare(now: now) || worked
        worked = populate(now: now) || worked
        worked = unmapPassed() || worked
        if now - flushedAt >= Self.second {
            flushedAt = now
            flushMark()
        }
        return worked
    }

    /// Gives the segment that the writer began its name, and makes the name safe on disk: before that, nothing in
    /// it counts as durable.
    private func linkSegments() -> Bool {
        let current = store.words.load(.currentSegment), linked = store.words.load(.linkedSegment)
        guard current > linked, store.words.load(.fatalError) == 0 else { return false }
        // The writer cannot be further than one ahead: there is no new spare before this is done.
        guard let segment = store.table.find(current) else { return false }
        do throws(PlatformError) {
            try File.rename(
                store.path(JournalFiles.spare), to: store.path(JournalFiles.segment(segment.firstSequence)))
            try FileDirectory.synchronize(store.directory)
            store.words.store(.linkedSegment, current)
        } catch {
            store.words.store(.fatalError, UInt64(UInt32(bitPattern: error.errno?.rawValue ?? -1)))
        }
        return true
    }

    /// Makes a spare when there is none, and its place in the table is free.
    private mutating func makeSpare(now: UInt64) -> Bool {
        let words = store.words
        // The order of these loads matters: the writer names its new segment before it takes the spare, so whoever
        // sees the spare taken sees a current segment that is not linked yet, and leaves its file alone.
        guard words.load(.spareReady) == 0 else { return false }
        let current = words.load(.currentSegment)
        guard words.load(.linkedSegment) == current else { return false }
        guard store.table.isFree(current + 1) else { return false }
        if words.load(.spareError) != 0, now - spareTriedAt < Self.sparePause { return false }
        spareTriedAt = now
        let bytes = store.options.segmentBytes
        let path = store.path(JournalFiles.spare)
        do throws(PlatformError) {
            try File.remove(path)
            let descriptor = try Segment.create(directory: store.directory, name: JournalFiles.spare, byteCount: bytes)
            let mapping = try Mapping(descriptor, byteCount: Int(bytes), .readWrite, path: path)
            Mapping.populateForWriting(mapping.base, byteCount: min(store.options.populateBytes, Int(bytes)))
            store.spare = MappedSegment(
                number: 0, firstSequence: 0, base: mapping.release(), byteCount: Int(bytes),
                descriptor: descriptor.release())
            words.store(.spareError, 0)
            words.store(.spareReady, 1)
        } catch {
            words.store(.spareError, UInt64(UInt32(bitPattern: error.errno?.rawValue ?? -1)))
        }
        return true
    }

    /// Makes pages ahead of the tail present: each page once as the tail comes near, those next to the tail again
    /// after each fdatasync, and once a second while idle, since written-back pages fault again on the next store.
    private mutating func populate(now: UInt64) -> Bool {
        let tail = JournalPosition(rawValue: store.words.load(.committed))
        let current = store.words.load(.currentSegment)
        guard let segment = store.table.find(current) else { return false }
        let offset = tail.segment == current ? tail.offset : SegmentHeader.byteCount
        if populated.segment != current {
            populated = JournalPosition(segment: current, offset: min(store.options.populateBytes, segment.byteCount))
        }
        var worked = false
        let target = min(offset + store.options.populateBytes, segment.byteCount)
        if target - populated.offset >= Self.nearBytes || (target == segment.byteCount && populated.offset < target) {
            let from = max(populated.offset, offset)
            Mapping.populateForWriting(segment.base + from, byteCount: target - from)
            populated = JournalPosition(segment: current, offset: target)
            worked = true
        }
        let synchronizations = store.words.load(.synchronizations)
        if synchronizations != synchronizationsSeen || now - refreshedAt >= Self.second {
            synchronizationsSeen = synchronizations
            refreshedAt = now
            let near = min(min(Self.nearBytes, store.options.populateBytes), segment.byteCount - offset)
            if near > 0 { Mapping.populateForWriting(segment.base + offset, byteCount: near) }
        }
        return worked
    }

    /// Unmaps segments before the current one that are synchronised and that every reader has passed.
    private mutating func unmapPassed() -> Bool {
        let words = store.words
        let needed = min(
            words.load(.unsynchronizedSegment), words.load(.linkedSegment),
            words.earliestReader()?.segment ?? .max)
        var worked = false
        while firstMapped < needed, let segment = store.table.find(firstMapped) {
            store.table.remove(segment)
            firstMapped += 1
            worked = true
        }
        return worked
    }

    /// Puts the mark on disk when it has changed: without this, a loss of power could leave one that is half a
    /// minute old. An error is left to the segments' own fdatasync, which stops the node.
    private mutating func flushMark() {
        let durable = store.words.load(.durableSequence)
        guard durable != durableFlushed else { return }
        durableFlushed = durable
        let raw = store.mark.withLock { $0.descriptor.raw }
        try? File.synchronizeData(raw)
    }
}
