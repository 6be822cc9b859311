import Foundation
import Testing
import Wire

@testable import Journal
@testable import Platform

/// How reading a journal ends.
enum ScanOutcome: Equatable {
    case end(records: Int)
    case torn(records: Int)
    case refused(JournalError)

    init(_ directory: String) {
        do {
            var scan = try JournalScan(directory: directory)
            while try scan.next() != nil {}
            let count = Int(scan.lastSequence)
            self = scan.tail!.isTorn ? .torn(records: count) : .end(records: count)
        } catch { self = .refused(error) }
    }

    var isDamage: Bool {
        if case .refused(.damage) = self { return true }
        return false
    }
}

/// A directory in memory where there is one: these tests write the same files thousands of times.
func fastDirectory() -> TemporaryDirectory {
    FileManager.default.isWritableFile(atPath: "/dev/shm")
        ? TemporaryDirectory(under: "/dev/shm") : TemporaryDirectory()
}

@Suite struct DamageTests {
    /// Five records, the first with padding, all of different lengths.
    static let records = (0..<5 as Range<UInt64>).map { seed in
        TestRecord(seed: seed, commandLength: 73 + 20 * Int(seed), effectsLength: 24 * Int(seed))
    }

    @Test(arguments: [true, false])
    func flippedBitAtEveryByteOfASmallJournalIsNeverAccepted(durable: Bool) throws {
        let directory = fastDirectory()
        try makeJournal(directory.journal, Self.records, durable: durable)
        let file = try directory.journal + "/" + segmentNames(directory.journal)[0]
        let original = try bytes(file)
        let extents = recordExtents(original)
        let last = try #require(extents.last)
        for offset in 0..<last.upperBound {
            try overwrite(file, at: offset, [original[offset] ^ 1 << (offset % 8)])
            let outcome = ScanOutcome(directory.journal)
            if !durable, last.contains(offset) {
                // The last record, never promised to survive a loss of power, with nothing behind it: a torn tail.
                #expect(outcome == .torn(records: 4), "offset \(offset)")
            } else {
                #expect(outcome.isDamage, "offset \(offset): \(outcome)")
                if case .refused(.damage(let damage)) = outcome,
                    let index = extents.firstIndex(where: { $0.contains(offset) })
                {
                    #expect(damage.sequence == UInt64(index + 1) && damage.offset == UInt64(extents[index].lowerBound))
                }
            }
            try overwrite(file, at: offset, [original[offset]])
        }
        #expect(ScanOutcome(directory.journal) == .end(records: 5))
    }

    @Test func flippedBitAtEveryByteBehindTheTailIsCutAndNeverARecord() throws {
        let directory = fastDirectory()
        try makeJournal(directory.journal, Self.records)
        let file = try directory.journal + "/" + segmentNames(directory.journal)[0]
        let end = recordExtents(try bytes(file)).last!.upperBound
        for offset in end..<end + 256 {
            try overwrite(file, at: offset, [1 << (offset % 8)])
            let outcome = ScanOutcome(directory.journal)
            #expect(outcome == (offset < end + 8 ? .torn(records: 5) : .end(records: 5)), "offset \(offset)")
            try overwrite(file, at: offset, [0])
        }
    }

    @Test func flippedBitAtEveryByteOfTheDurableMarkNeverMovesIt() throws {
        let directory = fastDirectory()
        try makeJournal(directory.journal, Self.records, durable: true)
        let file = directory.journal + "/durable"
        let original = try bytes(file)
        #expect(original.count == DurableMark.fileBytes)
        for offset in 0..<original.count {
            try overwrite(file, at: offset, [original[offset] ^ 1 << (offset % 8)])
            switch ScanOutcome(directory.journal) {
            case .end(let records): #expect(records == 5)
            case .refused(.damage(let damage)): #expect(damage.file == "durable" && offset < 80, "offset \(offset)")
            case let other: Issue.record("offset \(offset): \(other)")
            }
            try overwrite(file, at: offset, [original[offset]])
        }
    }

    @Test func markThatNamesARecordTheJournalHasNotIsDamage() throws {
        let directory = fastDirectory()
        try makeJournal(directory.journal, Self.records)
        let head = try recover(directory.journal).opening.headHash
        func setMark(_ sequence: UInt64, _ hash: Bytes32) throws {
            try DurableMarkFile.create(
                directory: directory.journal, venueId: testVenue,
                mark: DurableMark(sequence: sequence, hash: hash, bootId: BootId.current()))
        }
        try setMark(5, head)
        #expect(ScanOutcome(directory.journal) == .end(records: 5))
        try setMark(6, head)
        #expect(ScanOutcome(directory.journal).isDamage)
        try setMark(5, Bytes32(1, 2, 3, 4))
        #expect(ScanOutcome(directory.journal) == .refused(.historyReplaced(sequence: 5)))
        try setMark(3, head)
        #expect(ScanOutcome(directory.journal) == .refused(.historyReplaced(sequence: 3)))
    }

    @Test func lostWriteInTheMiddleIsDamage() throws {
        let directory = fastDirectory()
        try makeJournal(directory.journal, Self.records)
        let file = try directory.journal + "/" + segmentNames(directory.journal)[0]
        let original = try bytes(file)
        let extent = recordExtents(original)[2]
        // All of it: only the mark, or the sizes in the head, could tell; so with a mark behind it.
        try overwrite(file, at: extent.lowerBound, [UInt8](repeating: 0, count: extent.count))
        #expect(ScanOutcome(directory.journal) == .end(records: 2))
        try overwrite(file, at: extent.lowerBound, Array(original[extent]))
        let sequence3 = Bytes32(fromBytes: original[extent.upperBound - 32..<extent.upperBound])
        try DurableMarkFile.create(
            directory: directory.journal, venueId: testVenue,
            mark: DurableMark(sequence: 3, hash: sequence3, bootId: BootId.current()))
        try overwrite(file, at: extent.lowerBound, [UInt8](repeating: 0, count: extent.count))
        #expect(ScanOutcome(directory.journal).isDamage)
        // Its length word alone: the sizes in its head lead to the record behind it.
        try overwrite(file, at: extent.lowerBound, Array(original[extent]))
        try overwrite(file, at: extent.lowerBound, [UInt8](repeating: 0, count: 8))
        try FileManager.default.removeItem(atPath: directory.journal + "/durable")
        #expect(ScanOutcome(directory.journal) == .torn(records: 2), "without a mark the boot is unknown")
        try DurableMarkFile.create(
            directory: directory.journal, venueId: testVenue,
            mark: DurableMark(sequence: 0, hash: .zero, bootId: BootId.current()))
        #expect(ScanOutcome(directory.journal).isDamage)
    }

    @Test(arguments: [0, 4])
    func recordWithOneHalfOfItsLengthAndNothingElseOfItsHeadIsDamage(half: Int) throws {
        let directory = fastDirectory()
        try makeJournal(directory.journal, Self.records)
        let file = try directory.journal + "/" + segmentNames(directory.journal)[0]
        let extent = recordExtents(try bytes(file))[2]
        try overwrite(file, at: extent.lowerBound + 4 - half, [0xFF, 0xFF, 0xFF, 0xFF])
        try overwrite(file, at: extent.lowerBound + 8, [UInt8](repeating: 0xEE, count: RecordLayout.body - 8))
        let damage = recoveryDamage(directory.journal)
        #expect(damage?.sequence == 3 && damage?.cause == .record(.length))
    }

    @Test func duplicateAndMisdirectedRecordsAreDamage() throws {
        let directory = fastDirectory()
        let records = (0..<6 as Range<UInt64>).map { TestRecord(seed: $0) }
        try makeJournal(directory.journal, records)
        let file = try directory.journal + "/" + segmentNames(directory.journal)[0]
        let original = try bytes(file)
        let extents = recordExtents(original)
        for from in 0..<5 {
            for to in 0..<5 where to != from {
                // Record `from` written once more, or instead, where record `to` belongs.
                try overwrite(file, at: extents[to].lowerBound, Array(original[extents[from]]))
                let outcome = ScanOutcome(directory.journal)
                let place = Damage(
                    sequence: UInt64(to + 1), file: (file as NSString).lastPathComponent,
                    offset: UInt64(extents[to].lowerBound), cause: .record(.sequence))
                #expect(outcome == .refused(.damage(place)))
                try overwrite(file, at: extents[to].lowerBound, Array(original[extents[to]]))
            }
        }
    }

    @Test func timeAndEpochThatGoBackAreRefused() throws {
        let directory = fastDirectory()
        try makeJournal(directory.journal, Self.records)
        let file = try directory.journal + "/" + segmentNames(directory.journal)[0]
        let original = try bytes(file)
        let extent = recordExtents(original)[1]
        let chain = ChainState(
            nextSequence: 2, previousHash: Bytes32(fromBytes: original[extent.lowerBound - 32..<extent.lowerBound]))
        original.withUnsafeBytes { bytes in
            let base = bytes.baseAddress! + extent.lowerBound
            #expect(chain.fault(at: base) == nil)
            var later = chain
            later.time = 1_000_000
            #expect(later.fault(at: base) == .time)
            later = chain
            later.epoch = 2
            #expect(later.fault(at: base) == .epoch)
            later = chain
            later.previousHash = .zero
            #expect(later.fault(at: base) == .previousHash)
            later = chain
            later.nextSequence = 3
            #expect(later.fault(at: base) == .sequence)
        }
    }
}

extension Bytes32 {
    init(fromBytes bytes: some Sequence<UInt8>) {
        self = Array(bytes).withUnsafeBytes { Bytes32(from: $0.baseAddress!) }
    }
}
