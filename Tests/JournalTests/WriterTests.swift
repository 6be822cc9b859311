import Testing
import Wire

@testable import Journal
@testable import Platform

@Suite struct WriterTests {
    @Test func roundTripOfRandomRecordsThroughWriterRecoveryAndWriterAgain() throws {
        let directory = TemporaryDirectory()
        var random = SplitMix(state: 7)
        let records = (0..<800 as Range<UInt64>).map { seed in
            TestRecord(
                seed: seed, commandLength: 72 + Int(random.next() % 3000), effectsLength: Int(random.next() % 500) * 8)
        }
        try makeJournal(directory.journal, Array(records.prefix(400)))
        #expect(try segmentNames(directory.journal).count > 1)

        var recovery = try Recovery(directory: directory.journal, options: smallSegments)
        var count = 0
        while let record = try recovery.next() {
            #expect(TestRecord(record) == records[count])
            #expect(record.sequence == UInt64(count + 1) && record.epoch == 1)
            count += 1
        }
        #expect(count == 400)
        var writer = try recovery.finish()
        #expect(writer.epoch == 2 && writer.nextSequence == 401)
        for record in records.suffix(400) { writer.append(record) }
        let head = writer.headHash
        _ = consume writer

        let recovered = try recover(directory.journal)
        #expect(recovered.records == records)
        #expect(recovered.opening.headHash == head && recovered.opening.epoch == 2)
        #expect(recovered.opening.bytesCut == 0)
    }

    @Test func recordOf65528BytesIsTheLargest() throws {
        let directory = TemporaryDirectory()
        let effects = RecordDraft.effectsCapacity(commandLength: 72)
        let record = TestRecord(seed: 3, commandLength: 72, effectsLength: effects)
        #expect(record.length == 65_528)
        // Enough of them to roll twice.
        try makeJournal(directory.journal, [TestRecord](repeating: record, count: 40))
        #expect(try segmentNames(directory.journal).count == 3)
        let recovered = try recover(directory.journal)
        #expect(recovered.records == [TestRecord](repeating: record, count: 40))
    }

    @Test func draftsLeaveNothingThatALaterReaderSees() throws {
        let directory = TemporaryDirectory()
        var writer = try JournalWriter.create(
            directory: directory.journal, venueId: testVenue, options: smallSegments)
        // A draft full of words that look like those of committed records, given back, then a short record.
        let reserved = writer.reserve(commandLength: 72)
        let draft = try #require(reserved)
        for offset in stride(from: 0, to: 72 + draft.effectsCapacity, by: 8) {
            draft.command.storeBytes(of: LengthWord.committedWord(128), toByteOffset: offset, as: UInt64.self)
        }
        writer.discard(draft)
        var tail = try TailReader.open(directory: directory.journal)
        #expect(try tail.next() == nil)
        writer.append(TestRecord(seed: 1, commandLength: 72, effectsLength: 0))
        #expect(try tail.next()?.sequence == 1)
        #expect(try tail.next() == nil)
        let head = writer.headHash
        _ = consume writer
        let recovered = try recover(directory.journal)
        #expect(recovered.records.count == 1 && recovered.opening.headHash == head)
    }

    @Test func headOfARecordStandsWhereTheFormatSays() throws {
        let directory = TemporaryDirectory()
        var record = TestRecord(seed: 9, commandLength: 75, effectsLength: 16)
        record.flags = .proofsHold
        record.feedSequence = 77
        try makeJournal(directory.journal, [TestRecord(seed: 8), record])
        let segment = try bytes(directory.journal + "/" + segmentNames(directory.journal)[0])
        let extents = recordExtents(segment)
        #expect(extents.count == 2)
        segment.withUnsafeBytes { bytes in
            let base = bytes.baseAddress! + extents[1].lowerBound
            let length = UInt32(96 + 80 + 16 + 32)
            #expect(base.load(as: UInt32.self) == length)
            #expect(base.load(fromByteOffset: 4, as: UInt32.self) == ~length)
            #expect(base.load(fromByteOffset: 8, as: UInt64.self) == 2)
            #expect(base.load(fromByteOffset: 16, as: UInt64.self) == 1009)
            #expect(base.load(fromByteOffset: 24, as: UInt64.self) == 5)
            #expect(base.load(fromByteOffset: 32, as: UInt64.self) == 6)
            #expect(base.load(fromByteOffset: 40, as: UInt32.self) == 1)
            #expect(base.load(fromByteOffset: 44, as: UInt16.self) == 5)
            #expect(base.load(fromByteOffset: 46, as: UInt16.self) == 1)
            #expect(base.load(fromByteOffset: 48, as: UInt64.self) == 77)
            #expect(base.load(fromByteOffset: 56, as: UInt32.self) == 75)
            #expect(base.load(fromByteOffset: 60, as: UInt32.self) == 16)
            #expect(Bytes32(from: base + 64) == Bytes32(from: base - 32))
        }
        let start = extents[1].lowerBound
        #expect(Array(segment[start + 96..<start + 171]) == record.command)
        #expect(Array(segment[start + 171..<start + 176]) == [0, 0, 0, 0, 0])
        #expect(Array(segment[start + 176..<start + 192]) == record.effects)
    }

    @Test func journalIsMadeOnceAndOpenedByOne() throws {
        let directory = TemporaryDirectory()
        #expect(throws: JournalError.noJournal(directory: directory.journal)) {
            _ = try Recovery(directory: directory.journal)
        }
        let writer = try JournalWriter.create(
            directory: directory.journal, venueId: testVenue, options: smallSegments)
        #expect(throws: JournalError.locked(directory: directory.journal)) {
            _ = try Recovery(directory: directory.journal)
        }
        #expect(throws: JournalError.locked(directory: directory.journal)) {
            _ = try JournalWriter.create(directory: directory.journal, venueId: testVenue, options: smallSegments)
        }
        _ = consume writer
        #expect(throws: JournalError.alreadyExists(directory: directory.journal)) {
            _ = try JournalWriter.create(directory: directory.journal, venueId: testVenue, options: smallSegments)
        }
        #expect(try recover(directory.journal).opening.lastSequence == 0)
    }

    @Test(arguments: [4096, 1 << 20 | 8, 8 << 30] as [UInt64])
    func segmentSizesThatCannotBeAreRefused(bytes: UInt64) {
        var options = JournalOptions()
        options.segmentBytes = bytes
        let directory = TemporaryDirectory()
        #expect(throws: JournalError.self) {
            _ = try JournalWriter.create(directory: directory.journal, venueId: testVenue, options: options)
        }
    }
}
