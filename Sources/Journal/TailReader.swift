import Platform
import Wire

/// Where a reader begins.
public enum TailStart: Equatable, Sendable {
    /// With the first record that there is.
    case first
    /// With the record of that sequence. The records before it in its segment are passed over by the first `next`.
    case sequence(UInt64)
    /// With the first record of the segment that holds that sequence, or would hold it next: for who wants to pass over
    /// those before it a few at a time.
    case segment(holding: UInt64)
    /// Behind a record that was read before: it has to be the one that is remembered.
    case after(sequence: UInt64, hash: Bytes32)
    /// With a record that a reader of this journal has handed out, and said where it stands: none before it is read.
    case place(RecordPlace)
}

/// Where a record stands in the files.
public struct RecordPlace: Equatable, BitwiseCopyable, Sendable {
    /// First sequence of its segment.
    public var segment: UInt64
    /// Offset in that file, bytes.
    public var offset: UInt64
    /// Its sequence.
    public var sequence: UInt64

    public init(segment: UInt64, offset: UInt64, sequence: UInt64) {
        self.segment = segment
        self.offset = offset
        self.sequence = sequence
    }
}

/// Follows a journal from another process, over read-only mappings, across segments, while the node writes: for
/// settlement, snapshots, tools.
///
/// A record is handed out only when it is whole: its length word is loaded with acquire, and its structure and its
/// place in the chain are checked; the hash too unless that is switched off. What is not committed yet is no record
/// and is waited for: `next` returns nil, and how to wait is the caller's choice. One segment is mapped at a time.
public struct TailReader: ~Copyable {
    private let directory: String
    private let hashing: Bool
    private var current: SegmentReading
    private var chain: ChainState
    private var offset = SegmentHeader.byteCount
    private var lastOffset = SegmentHeader.byteCount
    private let mark: DurableMarkFile?
    /// The first record to be handed out.
    private let wanted: UInt64

    /// Opens a journal for reading.
    ///
    /// - Throws: `noJournal`; `gap` when the start is before the first segment; `historyReplaced` when the
    ///   remembered record is not the one that stands there, or the journal is shorter; `damage`.
    public static func open(directory: String, from start: TailStart = .first, hashing: Bool = true)
        throws(JournalError) -> TailReader
    {
        let wanted: UInt64?
        var wholeSegment = false
        switch start {
        case .first: wanted = nil
        case .sequence(let sequence), .after(let sequence, _): wanted = max(sequence, 1)
        case .segment(let sequence): (wanted, wholeSegment) = (max(sequence, 1), true)
        case .place(let place): return try TailReader(directory: directory, at: place, hashing: hashing)
        }
        var reader = try TailReader(
            directory: directory, wanted: wanted, wholeSegment: wholeSegment, hashing: hashing)
        if case .after(let sequence, let hash) = start, sequence > 0 {
            guard let record = try reader.next(), record.sequence == sequence, record.hash == hash else {
                throw .historyReplaced(sequence: sequence)
            }
        }
        return reader
    }

    /// Opens the segment that holds the record `wanted`, or would hold it next.
    private init(directory: String, wanted: UInt64?, wholeSegment: Bool, hashing: Bool) throws(JournalError) {
        let segments = try JournalFiles.segments(directory)
        guard let first = segments.first else { throw .noJournal(directory: directory) }
        let wanted = wanted ?? first
        guard wanted >= first else { throw .gap(from: wanted, to: first - 1) }
        let chosen = segments.last { $0 <= wanted } ?? first
        let segment = try SegmentReading(directory: directory, name: JournalFiles.segment(chosen))
        let markFile = try DurableMarkFile(directory: directory, .readOnly)
        chain = ChainState(nextSequence: chosen, previousHash: segment.header.previousHash)
        current = segment
        mark = markFile
        self.directory = directory
        self.hashing = hashing
        self.wanted = wholeSegment ? chosen : wanted
    }

    /// Opens the segment at a record. The record itself says what it follows from, so what is there is looked at first.
    private init(directory: String, at place: RecordPlace, hashing: Bool) throws(JournalError) {
        let segment = try SegmentReading(directory: directory, name: JournalFiles.segment(place.segment))
        let markFile = try DurableMarkFile(directory: directory, .readOnly)
        guard place.offset >= SegmentHeader.byteCount, place.offset <= segment.lastStart, place.offset % 8 == 0,
            ChainState.ownFault(at: segment.base + Int(place.offset), hashing: false) == nil,
            RecordView(segment.base + Int(place.offset)).sequence == place.sequence
        else { throw .historyReplaced(sequence: place.sequence) }
        let record = RecordView(segment.base + Int(place.offset))
        chain = ChainState(nextSequence: place.sequence, previousHash: record.previousHash)
        offset = Int(place.offset)
        lastOffset = offset
        current = segment
        mark = markFile
        self.directory = directory
        self.hashing = hashing
        wanted = place.sequence
    }

    /// Hash of the genesis body.
    public var venueId: Bytes32 { current.header.venueId }
    /// Header of the segment that is being read.
    public var header: SegmentHeader { current.header }
    /// Sequence of the record that comes next.
    public var nextSequence: UInt64 { chain.nextSequence }
    /// Hash of the last record that was read.
    public var headHash: Bytes32 { chain.previousHash }
    /// File name of the segment that is being read.
    public var file: String { current.name }
    /// Where in it the next record begins, bytes.
    public var fileOffset: Int { offset }

    /// Where the last record stands that was handed out; there is one.
    public var lastPlace: RecordPlace {
        precondition(chain.nextSequence > 1, "a record was read")
        return RecordPlace(
            segment: current.header.firstSequence, offset: UInt64(lastOffset), sequence: chain.nextSequence - 1)
    }

    /// Sequence up to which the journal survives a loss of power; 0 when there is no mark.
    public func durableSequence() throws(JournalError) -> UInt64 {
        try mark?.read(venueId: venueId).sequence ?? 0
    }

    /// The next record, or nil when there is none yet. The view is valid until the next call.
    ///
    /// - Throws: `damage` when what is committed does not hold; `gap` when the next segment was removed;
    ///   `historyReplaced` when the next segment follows from another record.
    public mutating func next() throws(JournalError) -> RecordView? {
        // Records before the first wanted one are part of the chain that leads to it, and nobody's to see.
        while chain.nextSequence < wanted {
            if try advance(hashing: false) == nil { return nil }
        }
        return try advance(hashing: hashing)
    }

    private mutating func advance(hashing: Bool) throws(JournalError) -> RecordView? {
        if offset > current.lastStart {
            guard try enterNextSegment() else { return nil }
        }
        let base = current.base + offset
        if let fault = chain.fault(at: base, hashing: hashing) {
            if fault.isUncommitted { return nil }
            if fault == .previousHash || fault == .sequence {
                throw .historyReplaced(sequence: chain.nextSequence - 1)
            }
            throw .damage(
                Damage(
                    sequence: chain.nextSequence, file: current.name, offset: UInt64(offset), cause: .record(fault)))
        }
        let record = RecordView(base)
        chain.advance(over: record)
        lastOffset = offset
        offset += record.length
        return record
    }

    /// Goes on in the next segment; false when it has no name yet.
    private mutating func enterNextSegment() throws(JournalError) -> Bool {
        let name = JournalFiles.segment(chain.nextSequence)
        guard File.exists("\(directory)/\(name)") else {
            let later = try JournalFiles.segments(directory).first { $0 > chain.nextSequence }
            // Looked for again: it may have been named between the two looks.
            if let later, !File.exists("\(directory)/\(name)") {
                throw .gap(from: chain.nextSequence, to: later - 1)
            }
            return false
        }
        let next = try SegmentReading(directory: directory, name: name)
        if next.header.previousHash != chain.previousHash || next.header.venueId != current.header.venueId {
            throw .historyReplaced(sequence: chain.nextSequence - 1)
        }
        current = next
        offset = SegmentHeader.byteCount
        return true
    }
}
