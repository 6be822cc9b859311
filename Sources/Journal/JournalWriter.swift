import CPlatform
import Cryptography
import Platform
import Wire

/// Where the chain of a writer stands.
@usableFromInline struct WriterHead {
    @usableFromInline var nextSequence: UInt64
    @usableFromInline var hash: Bytes32
    @usableFromInline var time: UInt64
    @usableFromInline var nextFeedSequence: UInt64

    @inlinable init(nextSequence: UInt64, hash: Bytes32, time: UInt64, nextFeedSequence: UInt64) {
        self.nextSequence = nextSequence
        self.hash = hash
        self.time = time
        self.nextFeedSequence = nextFeedSequence
    }
}

/// The one writer of a journal. `reserve`, fill, `commit`: no allocation, no lock, no system call.
///
/// A record is written where it stays. `commit` fills the head, hashes everything before the hash, and stores length
/// and complement last, as one aligned word with release order: whoever maps the file sees the record whole or not
/// at all. Before that store the word behind the record is zeroed, so what a draft left behind is never looked at.
///
/// The format is specified in `Journal.md`.
public struct JournalWriter: ~Copyable, @unchecked Sendable {
    @usableFromInline let store: SegmentStore
    @usableFromInline let words: SharedWordsHandle
    @usableFromInline var hasher = Blake2b256.Stream()
    @usableFromInline let hashing: Bool
    @usableFromInline var base: UnsafeMutableRawPointer
    @usableFromInline var offset: Int
    @usableFromInline var segmentBytes: Int
    @usableFromInline var lastStart: Int
    @usableFromInline var segment: UInt64
    private var genesisHash: Bytes32
    private let helper: PinnedThread

    @usableFromInline var head: WriterHead

    /// Sequence of the record that comes next.
    @inlinable public var nextSequence: UInt64 { head.nextSequence }
    /// Hash of the last record; zero before the first.
    @inlinable public var headHash: Bytes32 { head.hash }
    /// Time of the last record, ns Unix UTC; the next one's is not below it.
    @inlinable public var lastTime: UInt64 { head.time }
    /// Sequence of the next market-data message.
    @inlinable public var nextFeedSequence: UInt64 { head.nextFeedSequence }
    /// Feed session of the market-data messages to come: set by the node when a session begins.
    public var feedGeneration: UInt32
    /// Number of this start of the node, of those that came as far as their restart record: it stands in every record.
    public let epoch: UInt32
    /// What was found when the journal was opened.
    public let opening: JournalOpening

    /// Takes over a store whose segment `current` is mapped, and starts the helper thread.
    init(store: SegmentStore, opening: JournalOpening, current: MappedSegment, offset: Int) throws(JournalError) {
        self.store = store
        self.opening = opening
        words = store.words
        hashing = store.options.hashing
        base = current.base
        self.offset = offset
        segmentBytes = current.byteCount
        lastStart = current.lastStart
        segment = current.number
        head = WriterHead(
            nextSequence: opening.lastSequence + 1, hash: opening.headHash, time: opening.lastTime,
            nextFeedSequence: opening.nextFeedSequence)
        feedGeneration = opening.feedGeneration
        genesisHash = opening.genesisHash
        // A start that died between a continuation and its restart record has begun an epoch that this one finishes.
        // One more would be an epoch without a restart record, for which an audit convicts.
        epoch = opening.startIsUnfinished ? opening.epoch : opening.epoch + 1
        store.table.add(current)
        words.store(.currentSegment, segment)
        words.store(.linkedSegment, segment)
        words.store(.unsynchronizedSegment, segment)
        words.store(.committed, JournalPosition(segment: segment, offset: offset).rawValue)
        words.store(.durableSequence, opening.lastSequence)
        let core = store.options.helperCore
        do throws(PlatformError) {
            helper = try PinnedThread(name: "journal", core: core) {
                var helper = SegmentHelper(store: store)
                helper.run()
            }
        } catch { throw .system(error) }
    }

    deinit { store.stop.stop() }

    // MARK: Hot path

    /// Room for a record with a command of `commandLength` bytes, at the tail.
    ///
    /// - Returns: nil when a new segment is due and no spare is ready: the disk is full (`spareError` says), the
    ///   helper thread is behind, or a reader of this process is too far behind. Nothing is journaled then, hence
    ///   nothing may be accepted; a later call may succeed.
    @inlinable public mutating func reserve(commandLength: Int) -> RecordDraft? {
        precondition(
            commandLength >= 0 && RecordDraft.effectsCapacity(commandLength: commandLength) >= 0,
            "no record holds a command of that length")
        if offset > lastStart {
            guard roll() else { return nil }
        }
        platform_store_relaxed_u64(base + offset, LengthWord.reservedWord(Limits.recordBytesMax))
        return RecordDraft(base: base + offset, commandLength: commandLength)
    }

    /// Gives a draft back unused.
    @inlinable public mutating func discard(_ draft: RecordDraft) {
        precondition(draft.base == base + offset, "a draft that is not the last one")
        platform_store_release_u64(draft.base, 0)
    }

    /// Makes a draft the next record. Returns its sequence.
    @inlinable @discardableResult
    public mutating func commit(_ draft: RecordDraft, _ content: RecordHead) -> UInt64 {
        precondition(draft.base == base + offset, "a draft that is not the last one")
        precondition(
            content.effectsLength >= 0 && content.effectsLength <= draft.effectsCapacity
                && content.effectsLength & 7 == 0,
            "effects that no record holds")
        precondition(content.time >= head.time, "time went back")
        let record = draft.base
        let length = RecordLayout.bytesMin + RecordLayout.padded(draft.commandLength) + content.effectsLength
        fill(record, draft.commandLength, content)
        // What an earlier draft left behind could look like a record: the next length word says that it is none.
        if offset + length < segmentBytes { platform_store_relaxed_u64(record + length, 0) }
        let hash = record + (length - RecordLayout.hashBytes)
        let word = LengthWord.committedWord(length)
        if hashing {
            hasher.update(littleEndian: word)
            hasher.update(UnsafeRawPointer(record + 8), count: length - 8 - RecordLayout.hashBytes)
            hasher.finish(into: hash)
        } else {
            Bytes32.zero.store(to: hash)
        }
        let sequence = head.nextSequence
        head = WriterHead(
            nextSequence: sequence + 1, hash: Bytes32(from: UnsafeRawPointer(hash)), time: content.time,
            nextFeedSequence: content.feedSequence &+ UInt64(truncatingIfNeeded: content.feedMessages))
        platform_store_release_u64(record, word)
        publish(length)
        if sequence == 1 { genesisHash(is: head.hash) }
        return sequence
    }

    @inlinable mutating func fill(_ record: UnsafeMutableRawPointer, _ commandLength: Int, _ content: RecordHead) {
        record.storeBytes(of: head.nextSequence, toByteOffset: RecordLayout.sequence, as: UInt64.self)
        record.storeBytes(of: content.time, toByteOffset: RecordLayout.time, as: UInt64.self)
        record.storeBytes(of: content.arrivalTime, toByteOffset: RecordLayout.arrivalTime, as: UInt64.self)
        record.storeBytes(of: content.arrivalTicket, toByteOffset: RecordLayout.arrivalTicket, as: UInt64.self)
        record.storeBytes(of: epoch, toByteOffset: RecordLayout.epoch, as: UInt32.self)
        record.storeBytes(of: content.kind.rawValue, toByteOffset: RecordLayout.kind, as: UInt16.self)
        record.storeBytes(of: content.flags.rawValue, toByteOffset: RecordLayout.flags, as: UInt16.self)
        record.storeBytes(of: content.feedSequence, toByteOffset: RecordLayout.feedSequence, as: UInt64.self)
        record.storeBytes(
            of: UInt32(truncatingIfNeeded: commandLength), toByteOffset: RecordLayout.commandLength, as: UInt32.self)
        record.storeBytes(
            of: UInt32(truncatingIfNeeded: content.effectsLength), toByteOffset: RecordLayout.effectsLength,
            as: UInt32.self)
        head.hash.store(to: record + RecordLayout.previousHash)
        var offset = RecordLayout.body + commandLength
        let end = RecordLayout.body + RecordLayout.padded(commandLength)
        while offset < end {
            record.storeBytes(of: 0, toByteOffset: offset, as: UInt8.self)
            offset += 1
        }
    }

    /// Moves the cursors that the readers of this process follow.
    @inlinable mutating func publish(_ length: Int) {
        let start = JournalPosition(segment: segment, offset: offset)
        offset += length
        words.store(.lastRecord, start.rawValue)
        words.store(.committed, JournalPosition(segment: segment, offset: offset).rawValue)
    }

    @usableFromInline mutating func genesisHash(is hash: Bytes32) { genesisHash = hash }

    // MARK: Rolling

    /// Goes on in the spare segment: false without one. No system call: the helper gives the file its name later,
    /// and recovery knows a begun segment by its header whatever its name.
    @usableFromInline mutating func roll() -> Bool {
        guard words.load(.spareReady) == 1, let spare = store.spare else { return false }
        store.spare = nil
        let header = SegmentHeader(
            venueId: store.venueId, genesisHash: genesisHash, number: segment + 1, firstSequence: nextSequence,
            previousHash: headHash, feedSequence: nextFeedSequence, feedGeneration: feedGeneration, epoch: epoch,
            segmentBytes: UInt64(spare.byteCount))
        header.encode(at: spare.base)
        let next = MappedSegment(
            number: segment + 1, firstSequence: nextSequence, base: spare.base, byteCount: spare.byteCount,
            descriptor: spare.descriptor)
        store.table.add(next)
        base = next.base
        offset = SegmentHeader.byteCount
        segmentBytes = next.byteCount
        lastStart = next.lastStart
        segment = next.number
        // In this order: see SegmentHelper.makeSpare.
        words.store(.currentSegment, segment)
        words.store(.spareReady, 0)
        return true
    }
}
