import CPlatform
import Wire

/// Follows the writer of the same process, over the writer's own mappings: the publisher, the sender of replies.
///
/// It sees a record once its commit is done, and never checks it again: the bytes were hashed a moment ago by the
/// process that reads them. A segment stays mapped until every reader has passed it.
public struct CommittedReader: ~Copyable, @unchecked Sendable {
    private let store: SegmentStore
    private let words: SharedWordsHandle
    private let passed: UnsafeMutableRawPointer
    private var base: UnsafeMutableRawPointer
    private var lastStart: Int
    private var position: JournalPosition
    private var committed: JournalPosition

    /// Sequence of the record that comes next.
    public private(set) var nextSequence: UInt64

    init?(store: SegmentStore, at position: JournalPosition, nextSequence: UInt64) {
        guard let segment = store.table.find(position.segment) else { return nil }
        guard let passed = store.register(at: position) else { return nil }
        self.store = store
        self.passed = passed
        words = store.words
        base = segment.base
        lastStart = segment.lastStart
        self.position = position
        committed = position
        self.nextSequence = nextSequence
    }

    deinit { platform_store_release_u64(passed, 0) }

    /// The next record, or nil when there is none yet. The view is valid until the next call.
    public mutating func next() -> RecordView? {
        if position >= committed {
            committed = JournalPosition(rawValue: words.load(.committed))
            if position >= committed { return nil }
        }
        if position.offset > lastStart { enterNextSegment() }
        let record = RecordView(UnsafeRawPointer(base + position.offset))
        assert(record.sequence == nextSequence && record.sizesAddUp)
        platform_store_release_u64(passed, position.rawValue + 1)
        position = JournalPosition(segment: position.segment, offset: position.offset + record.length)
        nextSequence += 1
        return record
    }

    /// A record was committed beyond the end of this segment: it is the first of the next one.
    private mutating func enterNextSegment() {
        guard let segment = store.table.find(position.segment + 1) else {
            preconditionFailure("a segment with committed records that this reader needs is not mapped")
        }
        base = segment.base
        lastStart = segment.lastStart
        position = JournalPosition(segment: segment.number, offset: SegmentHeader.byteCount)
    }
}
