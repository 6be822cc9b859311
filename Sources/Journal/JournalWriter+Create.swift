import Platform
import Wire

extension JournalWriter {
    /// Makes a journal without records: its directory, its first segment and its durable mark, all safe on disk.
    /// The first record to be written is the genesis.
    ///
    /// - Throws: `alreadyExists` when the directory holds a segment; `locked`; `system`, with `ENOSPC` on a full disk.
    public static func create(directory: String, venueId: Bytes32, options: JournalOptions = JournalOptions())
        throws(JournalError) -> JournalWriter
    {
        if let refusal = options.refusal { throw .invalidOption(refusal) }
        try system { () throws(PlatformError) in try FileDirectory.createDurably(directory) }
        let lock = try SegmentStore.lock(directory)
        guard try JournalFiles.segments(directory).isEmpty else { throw .alreadyExists(directory: directory) }
        let header = SegmentHeader(
            venueId: venueId, genesisHash: .zero, number: 1, firstSequence: 1, previousHash: .zero, feedSequence: 1,
            feedGeneration: 0, epoch: 1, segmentBytes: options.segmentBytes)
        let bootId = BootId.current()
        let current: MappedSegment
        do throws(PlatformError) {
            // What a creation that was interrupted left behind has no record in it.
            try File.remove("\(directory)/\(JournalFiles.spare)")
            let mark = DurableMark(sequence: 0, hash: .zero, bootId: bootId)
            try DurableMarkFile.create(directory: directory, venueId: venueId, mark: mark)
            current = try createFirst(directory: directory, header: header)
        } catch { throw .system(error) }
        guard let markFile = try DurableMarkFile(directory: directory, .readWrite) else {
            throw .noJournal(directory: directory)
        }
        let store = SegmentStore(
            directory: directory, options: options, venueId: venueId, lock: lock, mark: markFile)
        var opening = JournalOpening(venueId: venueId)
        opening.bootId = bootId
        return try JournalWriter(store: store, opening: opening, current: current, offset: SegmentHeader.byteCount)
    }

    /// The first segment has its header before it has its name: there is no journal, or a whole one.
    private static func createFirst(directory: String, header: SegmentHeader) throws(PlatformError) -> MappedSegment {
        let spare = "\(directory)/\(JournalFiles.spare)"
        let name = "\(directory)/\(JournalFiles.segment(header.firstSequence))"
        let descriptor = try Segment.create(
            directory: directory, name: JournalFiles.spare, byteCount: header.segmentBytes)
        let mapping = try Mapping(descriptor, byteCount: Int(header.segmentBytes), .readWrite, path: spare)
        header.encode(at: mapping.base)
        try File.synchronize(descriptor, path: spare)
        try File.rename(spare, to: name)
        try FileDirectory.synchronize(directory)
        return MappedSegment(
            number: header.number, firstSequence: header.firstSequence, base: mapping.release(),
            byteCount: Int(header.segmentBytes), descriptor: descriptor.release())
    }
}
