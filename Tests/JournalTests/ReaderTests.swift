import Foundation
import Synchronization
import Testing
import Wire

@testable import Journal
@testable import Platform

@Suite struct ReaderTests {
    private func open(_ directory: String, _ options: JournalOptions = smallSegments) throws -> JournalWriter {
        try JournalWriter.create(directory: directory, venueId: testVenue, options: options)
    }

    private func reader(_ writer: borrowing JournalWriter) throws -> CommittedReader {
        guard let reader = writer.makeReader() else { throw Missing() }
        return reader
    }

    @Test func tailReaderFollowsALiveWriterAcrossRolls() throws {
        let directory = TemporaryDirectory()
        var writer = try open(directory.journal)
        let count: UInt64 = 3000
        let outcome = Mutex<[String]>([])
        let path = directory.journal
        let reader = try PinnedThread(name: "tail") {
            do {
                var tail = try TailReader.open(directory: path)
                var seen: UInt64 = 0
                while seen < count {
                    guard let record = try tail.next() else {
                        sched_yield()
                        continue
                    }
                    seen += 1
                    let expected = TestRecord(seed: seen, commandLength: 72 + Int(seen % 900))
                    if TestRecord(record) != expected { outcome.withLock { $0.append("record \(seen)") } }
                }
                if tail.headHash.isZero || tail.header.number < 3 { outcome.withLock { $0.append("no roll") } }
            } catch { outcome.withLock { $0.append("\(error)") } }
        }
        for seed in 1...count { writer.append(TestRecord(seed: seed, commandLength: 72 + Int(seed % 900))) }
        reader.join()
        #expect(outcome.withLock { $0 } == [])
    }

    @Test func halfWrittenRecordIsNeverParsed() throws {
        let directory = TemporaryDirectory()
        var writer = try open(directory.journal)
        writer.append(TestRecord(seed: 1))
        var tail = try TailReader.open(directory: directory.journal)
        #expect(try tail.next()?.sequence == 1)
        let record = TestRecord(seed: 2)
        let draft = writer.reserve(commandLength: record.command.count)!
        #expect(try tail.next() == nil)
        for (offset, byte) in record.command.enumerated() {
            draft.command.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
            #expect(try tail.next() == nil)
        }
        for (offset, byte) in record.effects.enumerated() {
            draft.effects.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
            #expect(try tail.next() == nil)
        }
        writer.commit(
            draft,
            RecordHead(
                time: record.time, arrivalTime: 5, arrivalTicket: 6, kind: .command, feedSequence: 1, feedMessages: 0,
                effectsLength: record.effects.count))
        let read = try tail.next().map(TestRecord.init)
        #expect(read == record)
    }

    @Test func tailReaderStartsAtASequenceAndBehindARememberedRecord() throws {
        let directory = TemporaryDirectory()
        let records = try SegmentTests.make(directory.journal)
        var first = try TailReader.open(directory: directory.journal, from: .sequence(40))
        let fortieth = try #require(try first.next().map { ($0.sequence, $0.hash) })
        #expect(fortieth.0 == 40)
        var behind = try TailReader.open(
            directory: directory.journal, from: .after(sequence: 40, hash: fortieth.1))
        #expect(try behind.next()?.sequence == 41)
        // Beyond the tail: nothing yet, and nothing before it is handed out.
        var later = try TailReader.open(directory: directory.journal, from: .sequence(UInt64(records.count) + 2))
        #expect(try later.next() == nil)
        var recovery = try Recovery(directory: directory.journal, options: smallSegments)
        while try recovery.next() != nil {}
        var writer = try recovery.finish()
        writer.append(TestRecord(seed: 9000))
        #expect(try later.next() == nil)
        writer.append(TestRecord(seed: 9001))
        #expect(try later.next()?.sequence == UInt64(records.count) + 2)
    }

    @Test func tailReaderStartsWithTheSegmentThatHoldsASequence() throws {
        let directory = TemporaryDirectory()
        let records = try SegmentTests.make(directory.journal)
        let firsts = try segmentNames(directory.journal).compactMap(JournalFiles.firstSequence)
        for sequence in [1, 40, UInt64(records.count), UInt64(records.count) + 2] {
            var reader = try TailReader.open(directory: directory.journal, from: .segment(holding: sequence))
            let first = firsts.last { $0 <= sequence }
            #expect(reader.nextSequence == first)
            #expect(try reader.next()?.sequence == first, "nothing is passed over")
        }
    }

    @Test func replacedHistoryIsFoundAtARememberedPosition() throws {
        let directory = TemporaryDirectory()
        _ = try SegmentTests.make(directory.journal)
        #expect(throws: JournalError.historyReplaced(sequence: 40)) {
            _ = try TailReader.open(directory: directory.journal, from: .after(sequence: 40, hash: testVenue))
        }
        #expect(throws: JournalError.historyReplaced(sequence: 900)) {
            _ = try TailReader.open(directory: directory.journal, from: .after(sequence: 900, hash: testVenue))
        }
    }

    @Test func recordReplacedUnderATailReaderIsFound() throws {
        let directory = TemporaryDirectory(), other = TemporaryDirectory()
        try makeJournal(directory.journal, [TestRecord(seed: 1), TestRecord(seed: 2)])
        try makeJournal(other.journal, [TestRecord(seed: 7), TestRecord(seed: 8), TestRecord(seed: 9)])
        var tail = try TailReader.open(directory: directory.journal)
        while try tail.next() != nil {}
        let name = try segmentNames(directory.journal)[0]
        let replacement = try bytes(other.journal + "/" + name)
        try overwrite(
            directory.journal + "/" + name, at: SegmentHeader.byteCount,
            Array(replacement[SegmentHeader.byteCount..<recordExtents(replacement)[2].upperBound]))
        #expect(throws: JournalError.historyReplaced(sequence: 2)) { _ = try tail.next() }
    }

    @Test func removedSegmentsAreAGap() throws {
        let directory = TemporaryDirectory()
        _ = try SegmentTests.make(directory.journal)
        let names = try segmentNames(directory.journal)
        let firsts = names.compactMap(JournalFiles.firstSequence)
        var tail = try TailReader.open(directory: directory.journal)
        #expect(try tail.next()?.sequence == 1)
        // The reader is overtaken: the segment it would go on in is removed.
        try FileManager.default.removeItem(atPath: directory.journal + "/" + names[1])
        #expect(throws: JournalError.gap(from: firsts[1], to: firsts[2] - 1)) {
            while try tail.next() != nil {}
        }
        try FileManager.default.removeItem(atPath: directory.journal + "/" + names[0])
        #expect(throws: JournalError.gap(from: 1, to: firsts[2] - 1)) {
            _ = try TailReader.open(directory: directory.journal, from: .sequence(1))
        }
        var rest = try TailReader.open(directory: directory.journal)
        #expect(try rest.next()?.sequence == firsts[2])
        var scan = try JournalScan(directory: directory.journal, fromStart: false)
        while try scan.next() != nil {}
        #expect(scan.lastSequence == 56)
    }

    @Test func aReaderBeginsAtAPlaceThatAnotherNamed() throws {
        let directory = TemporaryDirectory()
        let records = (1...60 as ClosedRange<UInt64>).map { TestRecord(seed: $0, effectsLength: 40_000) }
        try makeJournal(directory.journal, records)
        #expect(try segmentNames(directory.journal).count > 2)
        var first = try TailReader.open(directory: directory.journal)
        var places: [RecordPlace] = []
        while try first.next() != nil { places.append(first.lastPlace) }
        #expect(places.map(\.sequence) == Array(1...60))
        for (index, place) in places.enumerated() {
            var reader = try TailReader.open(directory: directory.journal, from: .place(place))
            for record in records[index...].prefix(30) { #expect(try reader.next().map(TestRecord.init) == record) }
        }
        // What does not stand there is not read.
        for (offset, sequence) in [(8, 0), (-8, 0), (0, 1), (1 << 40, 0), (1, 0), (-4096, 0)] as [(Int64, UInt64)] {
            var place = places[5]
            place.offset = UInt64(Int64(place.offset) + offset)
            place.sequence += sequence
            #expect(throws: JournalError.self, "\(offset)") {
                _ = try TailReader.open(directory: directory.journal, from: .place(place))
            }
        }
    }

    @Test func damageIsReportedToATailReader() throws {
        let directory = TemporaryDirectory()
        try makeJournal(directory.journal, (1...4 as ClosedRange<UInt64>).map { TestRecord(seed: $0) })
        let file = try directory.journal + "/" + segmentNames(directory.journal)[0]
        let extent = recordExtents(try bytes(file))[2]
        try overwrite(file, at: extent.lowerBound + 100, [0xFF, 0xFE, 0xFD, 0xFC])
        var tail = try TailReader.open(directory: directory.journal)
        let expected = Damage(
            sequence: 3, file: (file as NSString).lastPathComponent, offset: UInt64(extent.lowerBound),
            cause: .record(.hash))
        #expect(throws: JournalError.damage(expected)) {
            while try tail.next() != nil {}
        }
    }

    @Test func committedReadersFollowTheWriterAcrossRolls() throws {
        let directory = TemporaryDirectory()
        var options = smallSegments
        options.segmentsMappedMax = 4
        var writer = try open(directory.journal, options)
        var synchronizer = writer.makeSynchronizer()
        var first = try reader(writer), second = try reader(writer)
        #expect(first.next() == nil)
        for seed in 1...200 as ClosedRange<UInt64> {
            writer.append(TestRecord(seed: seed, commandLength: 72, effectsLength: 40_000))
            let read = first.next().map(TestRecord.init)
            #expect(read == TestRecord(seed: seed, commandLength: 72, effectsLength: 40_000))
            #expect(first.next() == nil)
            #expect(second.next()?.sequence == seed)
            try synchronizer.synchronizeBlocking()
        }
        #expect(writer.segment > 6)
        #expect(synchronizer.durableSequence == 200 && writer.durableSequence == 200)
    }

    @Test func readerThatStaysBehindStopsTheWriterAndLetsItGoOnLater() throws {
        let directory = TemporaryDirectory()
        var options = smallSegments
        options.segmentsMappedMax = 4
        var writer = try open(directory.journal, options)
        var synchronizer = writer.makeSynchronizer()
        var reader = try reader(writer)
        let record = TestRecord(seed: 5, commandLength: 72, effectsLength: 60_000)
        // All four places are taken: three begun segments and the one that is written.
        while writer.segment < 4 {
            writer.append(record)
            try synchronizer.synchronizeBlocking()
        }
        while let draft = writer.reserve(commandLength: 72) {
            writer.commit(
                draft,
                RecordHead(
                    time: record.time, arrivalTime: 0, arrivalTicket: 0, kind: .command, feedSequence: 1,
                    feedMessages: 0,
                    effectsLength: 60_000))
        }
        #expect(!writer.hasSpace && writer.spareError == nil)
        try synchronizer.synchronizeBlocking()
        var count: UInt64 = 0
        while reader.next() != nil { count += 1 }
        #expect(count == writer.nextSequence - 1)
        #expect(writer.waitForSpare() == nil)
        #expect(writer.append(record) == count + 1)
        #expect(reader.next()?.sequence == count + 1)
    }

    @Test func thereAreAtMostSixteenReaders() throws {
        let directory = TemporaryDirectory()
        let writer = try open(directory.journal)
        func register(_ count: Int) -> Int {
            guard let reader = writer.makeReader() else { return count }
            let registered = register(count + 1)
            _ = consume reader
            return registered
        }
        #expect(register(0) == 16)
        // Those that ended made room.
        #expect(register(0) == 16)
    }
}
