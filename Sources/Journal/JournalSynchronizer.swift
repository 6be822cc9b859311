import CPlatform
import Platform
import Wire

/// Makes a journal durable: `SyncState` over the writer's cursors. The node submits what `next` says to its
/// io_uring; any thread may own it, as long as it is one.
public struct JournalSynchronizer: ~Copyable, @unchecked Sendable {
    private let store: SegmentStore
    private var state: SyncState
    private let bootId = BootId.current()

    /// One fdatasync: of which file, and up to which record it makes the journal durable.
    ///
    /// An fdatasync write-protects the pages that it wrote, the tail's among them, and the next store into each costs
    /// 2 to 3 µs. An `IORING_OP_MADVISE` with `MADV_POPULATE_WRITE` over `tail`, linked behind the fdatasync, makes
    /// them writable again on the kernel's worker; without it the helper thread does, within half a millisecond.
    public struct Request: Equatable, @unchecked Sendable {
        /// The file; open for as long as the request is in flight.
        public let descriptor: Int32
        /// Sequence of the last record that it covers.
        public let throughSequence: UInt64
        /// Pages from the tail on, as far as the writer may get while the request is in flight; mapped for as long
        /// as it is.
        public let tail: UnsafeMutableRawPointer
        /// Bytes of them.
        public let tailBytes: Int
    }

    init(store: SegmentStore) {
        self.store = store
        state = SyncState(
            segment: store.words.load(.unsynchronizedSegment), durable: store.words.load(.durableSequence))
    }

    /// The last durable sequence.
    public var durableSequence: UInt64 { state.durable }

    /// Whether an fdatasync is in flight.
    public var isInFlight: Bool { state.inFlight != nil }

    /// The fdatasync to submit now, or nil. No system call.
    public mutating func next() -> Request? {
        guard state.inFlight == nil, let tail = lastCommitted() else { return nil }
        if tail.segment == state.segment, tail.sequence == state.durable { return nil }
        let end = tail.segment > state.segment ? endOfSegment(state.segment) : nil
        let linked = store.words.load(.linkedSegment)
        guard case .synchronize(let point) = state.next(tail: tail, end: end, linked: linked) else { return nil }
        guard let segment = store.table.find(point.segment) else {
            preconditionFailure("a segment that is not synchronised is not mapped")
        }
        let (tailStart, tailBytes) = pagesFromTail()
        return Request(
            descriptor: segment.descriptor, throughSequence: point.sequence, tail: tailStart, tailBytes: tailBytes)
    }

    /// Whole pages from the last committed record on.
    private func pagesFromTail() -> (UnsafeMutableRawPointer, Int) {
        let end = JournalPosition(rawValue: store.words.load(.committed))
        guard let segment = store.table.find(end.segment) else {
            preconditionFailure("the segment of the last record is not mapped")
        }
        let start = min(end.offset, segment.byteCount - 1) & ~4095
        return (segment.base + start, min(SegmentHelper.nearBytes, segment.byteCount - start))
    }

    /// Takes the result of the request in flight: 0, or a negative errno value. Publishes the durable mark.
    ///
    /// - Throws: `synchronizationFailed`: the process has to end without another acknowledgement.
    public mutating func completed(_ result: Int32) throws(JournalError) {
        guard let point = state.completed(result) else { throw .synchronizationFailed(state.failure!) }
        let words = store.words
        store.mark.withLock {
            $0.publish(DurableMark(sequence: point.sequence, hash: point.hash, bootId: bootId))
        }
        words.store(.durableSequence, point.sequence)
        words.store(.unsynchronizedSegment, state.segment)
        words.store(.synchronizations, words.load(.synchronizations) + 1)
    }

    /// Makes everything that is committed durable, with blocking calls: at an orderly end, and in tools.
    public mutating func synchronizeBlocking() throws(JournalError) {
        precondition(state.inFlight == nil, "an fdatasync is in flight")
        while let tail = lastCommitted(), tail.sequence > state.durable {
            if let request = next() {
                let status = synchronizeData(request.descriptor)
                try completed(status)
            } else {
                // The name of a begun segment is on its way to the disk.
                let fatal = store.words.load(.fatalError)
                if fatal != 0 { throw .synchronizationFailed(Errno(rawValue: Int32(truncatingIfNeeded: fatal))) }
                SystemClock.sleep(nanoseconds: SegmentHelper.pauseMin)
            }
        }
    }

    private func synchronizeData(_ descriptor: Int32) -> Int32 {
        do throws(PlatformError) {
            try File.synchronizeData(descriptor)
            return 0
        } catch { return -(error.errno?.rawValue ?? 1) }
    }

    /// The last committed record, or nil when this process has committed none.
    private func lastCommitted() -> RecordPoint? {
        let word = store.words.load(.lastRecord)
        guard word != 0 else { return nil }
        let position = JournalPosition(rawValue: word)
        guard let segment = store.table.find(position.segment) else { return nil }
        let record = RecordView(UnsafeRawPointer(segment.base + position.offset))
        return RecordPoint(segment: position.segment, sequence: record.sequence, hash: record.hash)
    }

    /// The last record of a segment, as the header of the next one tells.
    private func endOfSegment(_ number: UInt64) -> RecordPoint? {
        guard let next = store.table.find(number + 1) else { return nil }
        let hash = Bytes32(from: UnsafeRawPointer(next.base) + SegmentHeader.previousHashOffset)
        return RecordPoint(segment: number, sequence: next.firstSequence - 1, hash: hash)
    }
}
