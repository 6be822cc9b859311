import CPlatform
import Platform
import Wire

/// Where the chain of valid records ends, and how.
public struct JournalTail: Equatable, Sendable {
    /// File name of the segment.
    public internal(set) var file: String
    /// Offset behind the last valid record.
    public internal(set) var offset: UInt64
    /// What stands there.
    public internal(set) var fault: RecordFault
    /// Whether something was written there that has to be cut.
    public internal(set) var isTorn: Bool
    /// Names of later segments that are cut with it.
    public internal(set) var laterFiles: [String] = []
}

/// Reads a journal from its first segment to its tail and checks everything: headers, structure, chain, hashes. It
/// changes nothing and needs no lock, so it also serves while the node writes. One segment is mapped at a time.
public struct JournalScan: ~Copyable {
    /// The journal's directory.
    public let directory: String
    private(set) var current: SegmentReading
    private(set) var chain: ChainState
    private(set) var offset = SegmentHeader.byteCount
    private var populated = SegmentHeader.byteCount
    private let mark: DurableMark?
    private let hashing: Bool
    private let sameBoot: Bool
    /// Of the segment that is being read, once a part of it was read that makes a thread worth while.
    private var ahead: HashAhead?
    private var mayHashAhead: Bool

    /// Where in a segment a thread begins to hash ahead, bytes.
    private static let hashAheadOffset = 1 << 20
    /// Hash of record 1; zero when it is not in this journal.
    public private(set) var genesisHash: Bytes32
    /// Sequence of the next market-data message.
    public private(set) var nextFeedSequence: UInt64
    /// Feed session of the last record.
    public private(set) var feedGeneration: UInt32
    /// How the journal ends; nil until `next` has returned nil.
    public private(set) var tail: JournalTail?

    /// Opens a journal.
    ///
    /// - Parameters:
    ///   - fromStart: whether it has to begin with record 1; else it may begin with any segment.
    ///   - sequence: reading begins with the segment that holds this record, or would hold it next.
    ///   - hashing: false leaves the hashes of records that the durable mark covers to the caller; behind the mark a
    ///     hash tells the tail.
    /// - Throws: `noJournal`; `damage` when the first segment's header or the durable mark does not hold.
    public init(
        directory: String, fromStart: Bool = true, at sequence: UInt64 = 1, hashing: Bool = true
    ) throws(JournalError) {
        let segments = try JournalFiles.segments(directory)
        guard let oldest = segments.first else { throw .noJournal(directory: directory) }
        let first = segments.last { $0 <= sequence } ?? oldest
        let segment = try SegmentReading(directory: directory, name: JournalFiles.segment(first))
        let header = segment.header
        if fromStart, oldest != 1 || (first == 1) != (header.number == 1) {
            throw .damage(Damage(sequence: 1, file: segment.name, offset: 0, cause: .header(.sequence)))
        }
        mark = try DurableMarkFile(directory: directory, .readOnly)?.read(venueId: header.venueId)
        sameBoot = mark.map { !$0.bootId.isZero && $0.bootId == BootId.current() } ?? false
        chain = ChainState(nextSequence: first, previousHash: header.previousHash)
        self.hashing = hashing
        self.directory = directory
        firstSequence = first
        genesisHash = header.genesisHash
        nextFeedSequence = header.feedSequence
        feedGeneration = header.feedGeneration
        current = segment
        mayHashAhead = hashing && (try? CPUSet.available().count) ?? 1 > 1
    }

    /// Hash of the genesis body.
    public var venueId: Bytes32 { current.header.venueId }
    /// Number of the segment that is being read.
    public var segmentNumber: UInt64 { current.header.number }
    /// Sequence that reading began with: that of the first record of a segment.
    public let firstSequence: UInt64
    /// Sequence of the last record that was read.
    public var lastSequence: UInt64 { chain.nextSequence - 1 }
    /// Hash of that record.
    public var headHash: Bytes32 { chain.previousHash }
    /// Sequence that the durable mark names; 0 without a mark.
    public var durableSequence: UInt64 { mark?.sequence ?? 0 }
    /// Whether the machine was started again since the mark was written; true without a mark.
    public var followsAnotherBoot: Bool { !sameBoot }

    /// The next record, or nil at the tail: then `tail` says how the journal ends. The view is valid until the next
    /// call.
    ///
    /// - Throws: `damage`, with sequence, file and offset.
    public mutating func next() throws(JournalError) -> RecordView? {
        if tail != nil { return nil }
        while true {
            if offset > current.lastStart {
                guard try enterNextSegment() else { return nil }
            }
            populateAhead()
            let base = current.base + offset
            let isLeftOut = !hashing && chain.nextSequence <= durableSequence
            guard let fault = chain.fault(at: base, hashing: !isLeftOut && !isHashed(RecordView(base))) else {
                return try accept(RecordView(base))
            }
            if try judge(fault) { return nil }
        }
    }

    /// What stands behind the last record, unchecked: it may be anything, or nothing. For prefetching, and nothing
    /// else: `Limits.recordBytesMax` bytes can be read. Nil at the end of a segment.
    public var upcoming: RecordView? {
        offset <= current.lastStart ? RecordView(current.base + offset) : nil
    }

    /// Whether a thread has checked the hash of the record that stands next; its length may be anything.
    private mutating func isHashed(_ record: RecordView) -> Bool {
        if let ahead { return ahead.hold(through: offset + record.length) }
        guard mayHashAhead, offset >= Self.hashAheadOffset else { return false }
        ahead = HashAhead(current, offset: offset)
        mayHashAhead = ahead != nil
        return false
    }

    private mutating func accept(_ record: RecordView) throws(JournalError) -> RecordView {
        if let mark, record.sequence == mark.sequence, record.hash != mark.hash {
            throw .historyReplaced(sequence: mark.sequence)
        }
        if record.sequence == 1 { genesisHash = record.hash }
        nextFeedSequence = record.feedSequence
        var effects = record.effects
        while let effect = effects.read() {
            nextFeedSequence &+= UInt64(truncatingIfNeeded: effect.feedMessages)
            if effect.template == Template.feedSessionStarted {
                feedGeneration = FeedSessionStartedMessage(effect.base).generation
            }
        }
        chain.advance(over: record)
        offset += record.length
        return record
    }

    /// Pages are made present a few MiB at a time: a page fault costs more than hashing a small record.
    private mutating func populateAhead() {
        let window = 4 << 20
        guard offset + Limits.recordBytesMax > populated, populated < current.mapping.byteCount else { return }
        let bytes = min(window, current.mapping.byteCount - populated)
        Mapping.populateForReading(current.mapping.base + populated, byteCount: bytes)
        populated += bytes
    }

    // MARK: From segment to segment

    /// Goes on in the segment that follows a full one; false when there is none, which is the tail.
    private mutating func enterNextSegment() throws(JournalError) -> Bool {
        let name = JournalFiles.segment(chain.nextSequence)
        let later = try laterSegments()
        let next: SegmentReading
        if later.first == chain.nextSequence {
            do {
                next = try SegmentReading(directory: directory, name: name)
            } catch {
                guard case .damage(let damage) = error, damage.cause == .header(.unwritten) else { throw error }
                return try judgeUnwrittenSegment(name, later)
            }
        } else if let first = later.first {
            let file = JournalFiles.segment(first)
            throw .damage(Damage(sequence: chain.nextSequence, file: file, offset: 0, cause: .header(.sequence)))
        } else if let spare = begunSpare() {
            next = spare
        } else {
            return try endOfFullSegment()
        }
        if let fault = placeFault(next.header) {
            throw .damage(Damage(sequence: chain.nextSequence, file: next.name, offset: 0, cause: .header(fault)))
        }
        nextFeedSequence = next.header.feedSequence
        feedGeneration = next.header.feedGeneration
        ahead = nil
        current = next
        offset = SegmentHeader.byteCount
        populated = SegmentHeader.byteCount
        return true
    }

    /// Why a header does not follow from where the scan stands; nil when it does.
    private func placeFault(_ header: SegmentHeader) -> SegmentFault? {
        let genesisHolds = header.genesisHash == genesisHash
        if header.venueId != current.header.venueId || !genesisHolds { return .venue }
        if header.number != current.header.number + 1 { return .number }
        if header.firstSequence != chain.nextSequence { return .sequence }
        if header.previousHash != chain.previousHash { return .previousHash }
        return nil
    }

    private func laterSegments() throws(JournalError) -> [UInt64] {
        try JournalFiles.segments(directory).filter { $0 > current.header.firstSequence }
    }

    /// The spare, when the writer has begun it and it has no name yet: its header says so. Nil when it is unused or
    /// its header is not whole.
    private func begunSpare() -> SegmentReading? {
        guard File.exists("\(directory)/\(JournalFiles.spare)") else { return nil }
        guard let spare = try? SegmentReading(directory: directory, name: JournalFiles.spare) else { return nil }
        let follows = spare.header.venueId == current.header.venueId && spare.header.number > current.header.number
        if follows { return spare }
        return nil
    }

    // MARK: The tail

    /// The tail is exactly where a segment is full.
    private mutating func endOfFullSegment() throws(JournalError) -> Bool {
        guard chain.nextSequence > durableSequence else {
            throw DurableMarkFile.damage(.beyondTail, sequence: durableSequence)
        }
        tail = JournalTail(file: current.name, offset: UInt64(offset), fault: .unwritten, isTorn: false)
        return false
    }

    /// A segment has its name and not its header: the directory reached the disk and the page did not, or damage.
    private mutating func judgeUnwrittenSegment(_ name: String, _ later: [UInt64]) throws(JournalError) -> Bool {
        let evidence = TailEvidence(
            aboveMark: chain.nextSequence > durableSequence, written: true, follower: true, sameBoot: sameBoot,
            pageLost: true)
        guard TailVerdict(evidence) == .torn else {
            throw .damage(Damage(sequence: chain.nextSequence, file: name, offset: 0, cause: .header(.unwritten)))
        }
        tail = JournalTail(
            file: current.name, offset: UInt64(offset), fault: .unwritten, isTorn: true,
            laterFiles: later.map(JournalFiles.segment))
        return false
    }

    /// Decides what the end of the valid records is: true at a tail, false when the writer has gone on meanwhile and
    /// the record has to be looked at again.
    private mutating func judge(_ fault: RecordFault) throws(JournalError) -> Bool {
        let search = TailSearch(base: current.base, lastStart: current.lastStart, offset: offset, chain: chain)
        let later = try laterSegments()
        var laterFiles = later.map(JournalFiles.segment)
        for file in laterFiles { try refuseForeign(file) }
        if begunSpare() != nil { laterFiles.append(JournalFiles.spare) }
        let evidence = TailEvidence(
            aboveMark: chain.nextSequence > durableSequence, written: fault != .unwritten,
            follower: !laterFiles.isEmpty || search.followerExists(), sameBoot: sameBoot,
            pageLost: search.pageIsLost())
        // A live writer may have committed this record after it was looked at: then what follows proves nothing.
        if fault.isUncommitted, case .committed = LengthWord(platform_load_acquire_u64(current.base + offset)) {
            return false
        }
        switch TailVerdict(evidence) {
        case .damage:
            let place = Damage(
                sequence: chain.nextSequence, file: current.name, offset: UInt64(offset), cause: .record(fault))
            throw .damage(place)
        case .end, .torn:
            tail = JournalTail(
                file: current.name, offset: UInt64(offset), fault: fault, isTorn: evidence.written || evidence.follower,
                laterFiles: laterFiles)
            return true
        }
    }

    /// A later segment that is not of this venue was put there by someone: that is what has to be said.
    private func refuseForeign(_ file: String) throws(JournalError) {
        let segment: SegmentReading
        do { segment = try SegmentReading(directory: directory, name: file) } catch {
            guard case .damage(let damage) = error, damage.cause == .header(.unwritten) else { throw error }
            return
        }
        if segment.header.venueId != current.header.venueId {
            throw .damage(Damage(sequence: chain.nextSequence, file: file, offset: 0, cause: .header(.venue)))
        }
    }
}
