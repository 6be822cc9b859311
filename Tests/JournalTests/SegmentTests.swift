import Foundation
import Testing
import Wire

@testable import Journal
@testable import Platform

@Suite struct SegmentTests {
    /// A journal of four segments.
    static func make(_ directory: String, venue: Bytes32 = testVenue, seed: UInt64 = 0) throws -> [TestRecord] {
        let records = (0..<56 as Range<UInt64>).map {
            TestRecord(seed: seed + $0, commandLength: 72, effectsLength: 60_000)
        }
        try makeJournal(directory, records, venue: venue)
        #expect(try segmentNames(directory).count == 4)
        return records
    }

    func damage(_ directory: String, _ cause: SegmentFault) -> Bool {
        guard case .damage(let damage) = recoveryError(directory) else { return false }
        return damage.cause == .header(cause)
    }

    @Test func journalOfManySegmentsIsReadBack() throws {
        let directory = fastDirectory()
        let records = try Self.make(directory.journal)
        let recovered = try recover(directory.journal)
        #expect(recovered.records == records)
    }

    @Test(arguments: [0, 1, 2])
    func missingSegmentIsRefused(index: Int) throws {
        let directory = fastDirectory()
        _ = try Self.make(directory.journal)
        let names = try segmentNames(directory.journal)
        try FileManager.default.removeItem(atPath: directory.journal + "/" + names[index])
        #expect(damage(directory.journal, .sequence))
    }

    @Test func missingLastSegmentIsRefusedBelowTheMark() throws {
        let directory = fastDirectory()
        let records = try Self.make(directory.journal)
        #expect(try recover(directory.journal).opening.lastSequence == UInt64(records.count))
        let names = try segmentNames(directory.journal)
        try FileManager.default.removeItem(atPath: directory.journal + "/" + names[3])
        #expect(recoveryDamage(directory.journal)?.cause == .mark(.beyondTail))
    }

    @Test func swappedSegmentsAreRefused() throws {
        let directory = fastDirectory()
        _ = try Self.make(directory.journal)
        let names = try segmentNames(directory.journal).map { directory.journal + "/" + $0 }
        try File.rename(names[1], to: names[1] + ".aside")
        try File.rename(names[2], to: names[1])
        try File.rename(names[1] + ".aside", to: names[2])
        #expect(damage(directory.journal, .name))
    }

    @Test func segmentOfAnotherVenueIsRefused() throws {
        let directory = fastDirectory(), other = fastDirectory()
        _ = try Self.make(directory.journal)
        _ = try Self.make(other.journal, venue: Bytes32(9, 9, 9, 9))
        let name = try segmentNames(directory.journal)[2]
        try replace(directory.journal + "/" + name, by: other.journal + "/" + name)
        #expect(damage(directory.journal, .venue))
    }

    @Test func segmentOfAnotherHistoryOfTheVenueIsRefused() throws {
        let directory = fastDirectory(), other = fastDirectory()
        _ = try Self.make(directory.journal)
        _ = try Self.make(other.journal, seed: 1000)
        let name = try segmentNames(directory.journal)[2]
        try replace(directory.journal + "/" + name, by: other.journal + "/" + name)
        // The genesis record differs; were it the same, the previous hash would.
        #expect(damage(directory.journal, .venue))
    }

    @Test func segmentOfAnotherVenueBehindTheTailIsRefused() throws {
        let directory = fastDirectory(), other = fastDirectory()
        try makeJournal(directory.journal, [TestRecord(seed: 1)])
        _ = try Self.make(other.journal, venue: Bytes32(9, 9, 9, 9))
        let name = try segmentNames(other.journal)[1]
        try FileManager.default.copyItem(
            atPath: other.journal + "/" + name, toPath: directory.journal + "/" + name)
        #expect(damage(directory.journal, .venue))
    }

    @Test func shortenedSegmentIsRefused() throws {
        let directory = fastDirectory()
        _ = try Self.make(directory.journal)
        let file = try directory.journal + "/" + segmentNames(directory.journal)[1]
        #expect(truncate(file, off_t(smallSegments.segmentBytes - 4096)) == 0)
        #expect(damage(directory.journal, .size))
        #expect(truncate(file, off_t(smallSegments.segmentBytes + 4096)) == 0)
        #expect(damage(directory.journal, .size))
    }

    @Test func badRecordBeforeALaterSegmentIsDamage() throws {
        let directory = fastDirectory()
        _ = try Self.make(directory.journal)
        let names = try segmentNames(directory.journal)
        let file = directory.journal + "/" + names[1]
        let last = recordExtents(try bytes(file)).last!
        // The last record of a full segment, lost without a trace: the next segment shows that it was there.
        try overwrite(file, at: last.lowerBound, [UInt8](repeating: 0, count: last.count))
        let damage = recoveryDamage(directory.journal)
        #expect(damage?.cause == .record(.unwritten) && damage?.file == names[1])
        #expect(damage?.offset == UInt64(last.lowerBound))
    }

    // MARK: The moment of a roll

    /// Undoes the naming of the last segment: what a crash leaves between a roll and its rename.
    private func unname(_ directory: String) throws -> String {
        let last = try #require(try segmentNames(directory).last)
        try? FileManager.default.removeItem(atPath: directory + "/" + JournalFiles.spare)
        try File.rename(directory + "/" + last, to: directory + "/" + JournalFiles.spare)
        return last
    }

    @Test func crashBetweenHeaderOfTheSpareAndItsRenameLosesNothing() throws {
        let directory = fastDirectory()
        let records = try Self.make(directory.journal)
        let name = try unname(directory.journal)
        #expect(ScanOutcome(directory.journal) == .end(records: records.count))
        let recovered = try recover(directory.journal)
        #expect(recovered.records == records)
        #expect(try segmentNames(directory.journal).last == name)
        #expect(try recover(directory.journal).records == records)
    }

    @Test func crashInsideTheHeaderOfTheSpareLosesNothing() throws {
        let directory = fastDirectory()
        let records = (0..<16 as Range<UInt64>).map {
            TestRecord(seed: $0, commandLength: 72, effectsLength: 60_000)
        }
        var writer = try JournalWriter.create(
            directory: directory.journal, venueId: testVenue, options: smallSegments)
        for record in records { writer.append(record) }
        #expect(writer.waitForSpare() == nil)
        _ = consume writer
        #expect(try segmentNames(directory.journal).count == 1)
        // The next record would roll. Its header is made, and cut off after every byte.
        let next = SegmentHeader(
            venueId: testVenue, genesisHash: .zero, number: 2, firstSequence: 17, previousHash: .zero,
            feedSequence: 1, feedGeneration: 0, epoch: 1, segmentBytes: smallSegments.segmentBytes)
        var header = [UInt8](repeating: 0, count: 192)
        withUnsafeTemporaryAllocation(byteCount: SegmentHeader.byteCount, alignment: 8) { memory in
            memory.initializeMemory(as: UInt8.self, repeating: 0)
            next.encode(at: memory.baseAddress!)
            header = Array(memory.prefix(192))
        }
        let spare = directory.journal + "/" + JournalFiles.spare
        for written in 0..<192 {
            try overwrite(spare, at: 0, Array(header.prefix(written)) + [UInt8](repeating: 0, count: 192 - written))
            #expect(ScanOutcome(directory.journal) == .end(records: 16), "written \(written)")
        }
        let recovered = try recover(directory.journal)
        #expect(recovered.records == records && recovered.opening.bytesCut == 0)
    }

    @Test func namedSegmentWithoutAHeaderIsDamageInTheSameBootAndCutAfterAnother() throws {
        let directory = fastDirectory()
        let records = try Self.make(directory.journal)
        let name = try #require(try segmentNames(directory.journal).last)
        let first = JournalFiles.firstSequence(name)!
        try overwrite(directory.journal + "/" + name, at: 0, [UInt8](repeating: 0, count: SegmentHeader.byteCount))
        #expect(recoveryDamage(directory.journal)?.cause == .header(.unwritten))
        // Another boot: the directory reached the disk and the page did not.
        try setMark(directory.journal, sequence: 0, bootId: Bytes32(1, 1, 1, 1))
        let recovered = try recover(directory.journal)
        #expect(recovered.records == Array(records.prefix(Int(first) - 1)))
        #expect(recovered.opening.bytesCut > 0 && recovered.opening.followsAnotherBoot)
        #expect(FileManager.default.fileExists(atPath: directory.journal + "/" + name + JournalFiles.setAside))
        #expect(try recover(directory.journal).records.count == Int(first) - 1)
    }

    @Test func spareOfALaterSegmentThanTheNextIsDamage() throws {
        let directory = fastDirectory()
        _ = try Self.make(directory.journal)
        _ = try unname(directory.journal)
        let last = try #require(try segmentNames(directory.journal).last)
        try FileManager.default.removeItem(atPath: directory.journal + "/" + last)
        #expect(recoveryDamage(directory.journal)?.cause == .header(.number))
    }

    @Test func everyHeaderFaultIsReported() throws {
        var header = [UInt8](repeating: 0, count: SegmentHeader.byteCount)
        let good = SegmentHeader(
            venueId: testVenue, genesisHash: testVenue, number: 2, firstSequence: 17, previousHash: .zero,
            feedSequence: 5, feedGeneration: 3, epoch: 1, segmentBytes: 1 << 20)
        func decode(fileBytes: UInt64 = 1 << 20) -> Result<SegmentHeader, SegmentFault> {
            withUnsafeTemporaryAllocation(byteCount: SegmentHeader.byteCount, alignment: 8) { memory in
                memory.copyBytes(from: header)
                let base = UnsafeRawPointer(memory.baseAddress!)
                return Result { () throws(SegmentFault) in try SegmentHeader.decode(base, fileBytes: fileBytes) }
            }
        }
        #expect(decode() == .failure(.unwritten))
        withUnsafeTemporaryAllocation(byteCount: SegmentHeader.byteCount, alignment: 8) { memory in
            memory.initializeMemory(as: UInt8.self, repeating: 0)
            good.encode(at: memory.baseAddress!)
            header = Array(memory)
        }
        #expect(decode() == .success(good))
        #expect(decode(fileBytes: 2 << 20) == .failure(.size))
        header[0] ^= 1
        #expect(decode() == .failure(.magic))
        header[0] ^= 1
        header[150] ^= 1
        #expect(decode() == .failure(.hash))
        header[150] ^= 1
        header[4095] = 1
        #expect(decode() == .failure(.reserved))
    }
}

/// Rewrites the durable mark of a test journal.
func setMark(_ directory: String, sequence: UInt64 = 0, hash: Bytes32 = .zero, bootId: Bytes32? = nil) throws {
    try DurableMarkFile.create(
        directory: directory, venueId: testVenue,
        mark: DurableMark(sequence: sequence, hash: hash, bootId: bootId ?? BootId.current()))
}

private func replace(_ file: String, by other: String) throws {
    try FileManager.default.removeItem(atPath: file)
    try FileManager.default.copyItem(atPath: other, toPath: file)
}
