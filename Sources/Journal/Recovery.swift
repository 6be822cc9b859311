import Platform
import Wire

/// Opens a journal for writing: reads and checks every record, hands each to the caller, finds the tail, and goes on
/// behind it.
///
///     var recovery = try Recovery(directory: directory)
///     while let record = try recovery.next() { … replay it … }
///     var writer = try recovery.finish()
///
/// Until `finish` nothing is changed, so a caller that finds the records wanting just stops.
public struct Recovery: ~Copyable {
    private let lock: ExclusiveLock
    private let options: JournalOptions
    private var scan: JournalScan

    /// Locks and opens a journal.
    ///
    /// - Throws: `locked` when another process has it; `noJournal`; `damage`; `invalidOption`.
    public init(directory: String, options: JournalOptions = JournalOptions()) throws(JournalError) {
        if let refusal = options.refusal { throw .invalidOption(refusal) }
        guard File.exists(directory) else { throw .noJournal(directory: directory) }
        let lock = try SegmentStore.lock(directory)
        let scan = try JournalScan(directory: directory)
        self.lock = lock
        self.scan = scan
        self.options = options
    }

    /// The next record, or nil at the tail. The view is valid until the next call.
    ///
    /// - Throws: `damage`, with sequence, file and offset; `historyReplaced` when the durable mark names another
    ///   record.
    public mutating func next() throws(JournalError) -> RecordView? { try scan.next() }

    /// Hash of the genesis body.
    public var venueId: Bytes32 { scan.venueId }
    /// Sequence of the last record that was read; 0 = none.
    public var lastSequence: UInt64 { scan.lastSequence }
    /// How the journal ends; nil until `next` has returned nil.
    public var tail: JournalTail? { scan.tail }

    /// Cuts a torn tail, makes everything that is left durable, and opens the journal for writing.
    ///
    /// A crash at any moment of this leaves a journal that can be recovered again, with the same result.
    public consuming func finish() throws(JournalError) -> JournalWriter {
        guard let tail = scan.tail else { preconditionFailure("finish before the tail was reached") }
        let directory = scan.directory
        var opening = JournalOpening(venueId: scan.venueId)
        opening.genesisHash = scan.genesisHash
        opening.lastSequence = scan.lastSequence
        opening.headHash = scan.headHash
        opening.lastTime = scan.chain.time
        opening.epoch = scan.chain.epoch
        opening.startIsUnfinished = scan.chain.startIsUnfinished
        opening.nextFeedSequence = scan.nextFeedSequence
        opening.feedGeneration = scan.feedGeneration
        opening.durableSequence = scan.durableSequence
        opening.followsAnotherBoot = scan.followsAnotherBoot
        opening.bootId = BootId.current()
        let repair = TailRepair(directory: directory, tail: tail, header: scan.current.header)
        let outcome: TailRepair.Outcome
        do throws(PlatformError) { outcome = try repair.run(durable: scan.durableSequence) } catch {
            throw .system(error)
        }
        opening.bytesCut = outcome.bytesCut
        let mark = try Self.renewedMark(directory, opening)
        let store = SegmentStore(
            directory: directory, options: options, venueId: opening.venueId, lock: lock, mark: mark)
        return try JournalWriter(store: store, opening: opening, current: outcome.segment, offset: Int(tail.offset))
    }

    /// Everything that was recovered is synchronised now: the mark says so. The file stays the same, so that readers
    /// of another process go on seeing it.
    ///
    /// It is of this boot when the one before was. Otherwise of none, until the first record of this start is durable:
    /// a start that dies before must not keep the next one from knowing that published records may have been lost.
    private static func renewedMark(_ directory: String, _ opening: JournalOpening) throws(JournalError)
        -> DurableMarkFile
    {
        let bootId = opening.followsAnotherBoot ? .zero : opening.bootId
        let mark = DurableMark(sequence: opening.lastSequence, hash: opening.headHash, bootId: bootId)
        guard var file = try DurableMarkFile(directory: directory, .readWrite) else {
            try system { () throws(PlatformError) in
                try DurableMarkFile.create(directory: directory, venueId: opening.venueId, mark: mark)
            }
            guard let made = try DurableMarkFile(directory: directory, .readWrite) else {
                throw .noJournal(directory: directory)
            }
            return made
        }
        // Into both slots: of two with the same sequence and different boots, neither would count.
        file.publish(mark)
        file.publish(mark)
        let raw = file.descriptor.raw
        try system { () throws(PlatformError) in try File.synchronizeData(raw, path: JournalFiles.durable) }
        return file
    }
}
