import Platform
import Wire

/// What a journal is, without reading all of it: only the last segment is walked, from record to record.
public struct JournalSummary: Sendable {
    /// Hash of the genesis body.
    public let venueId: Bytes32
    /// Hash of record 1; nil when it is not in the first segment that is there.
    public let genesisHash: Bytes32?
    /// Segments that have their name.
    public let segments: Int
    /// Bytes of them.
    public let bytes: UInt64
    /// Sequence of the first record that is there.
    public let firstSequence: UInt64
    /// Sequence of the last record; one less than the first when there is none.
    public let lastSequence: UInt64
    /// Hash of the last record; zero when there is none.
    public let headHash: Bytes32
    /// Time of the last record in the last segment, ns; nil when that segment is empty.
    public let lastTime: UInt64?
    /// Number of the last start of the node, as far as the last segment tells.
    public let epoch: UInt32
    /// Sequence up to which the journal survives a loss of power; nil without a mark.
    public let durableSequence: UInt64?

    /// Reads it. The journal may be written meanwhile.
    public init(directory: String) throws(JournalError) {
        let firsts = try JournalFiles.segments(directory)
        guard let first = firsts.first, let last = firsts.last else { throw .noJournal(directory: directory) }
        var total: UInt64 = 0
        for sequence in firsts {
            total += try SegmentReading(directory: directory, name: JournalFiles.segment(sequence)).header.segmentBytes
        }
        segments = firsts.count
        bytes = total
        firstSequence = first
        var reader = try TailReader.open(directory: directory, from: .sequence(last), hashing: false)
        venueId = reader.venueId
        var time: UInt64?
        var epoch = reader.header.epoch
        while let record = try reader.next() {
            time = record.time
            epoch = record.epoch
        }
        lastTime = time
        self.epoch = epoch
        lastSequence = reader.nextSequence - 1
        headHash = reader.headHash
        var start = try TailReader.open(directory: directory, hashing: false)
        genesisHash = first == 1 ? try start.next().map { $0.hash } : nil
        let mark = try DurableMarkFile(directory: directory, .readOnly)
        durableSequence = try mark?.read(venueId: venueId).sequence
    }
}
