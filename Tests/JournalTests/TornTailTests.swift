import Foundation
import Testing
import Wire

@testable import Cryptography
@testable import Journal
@testable import Platform

@Suite struct TornTailTests {
    /// What stands where the rest of the last record should be.
    enum Behind: CaseIterable, Sendable {
        case zeros, garbage, oldBytes
    }

    @Test(arguments: Behind.allCases)
    func tornTailAtEveryByteOffsetOfTheLastRecordIsCut(behind: Behind) throws {
        let directory = fastDirectory()
        let records = (0..<6 as Range<UInt64>).map { TestRecord(seed: $0, effectsLength: 48) }
        try makeJournal(directory.journal, records)
        let file = try directory.journal + "/" + segmentNames(directory.journal)[0]
        let original = try bytes(file)
        let extents = recordExtents(original)
        let last = try #require(extents.last)
        var random = SplitMix(state: 99)
        let garbage = (0..<1024).map { _ in UInt8(truncatingIfNeeded: random.next() | 1) }
        // Old bytes: whole valid records of another place, as a recycled file would hold them.
        let old = Array(original[extents[1].lowerBound..<extents[4].upperBound])
        for written in 0..<last.count {
            var rest: [UInt8] =
                switch behind {
                case .zeros: [UInt8](repeating: 0, count: 1024)
                case .garbage: garbage
                case .oldBytes: Array(old[(written % last.count)...])
                }
            let isWhole =
                Array(rest.prefix(last.count - written)) == Array(original[last][(last.lowerBound + written)...])
            if isWhole { rest[0] ^= 1 }
            try overwrite(file, at: last.lowerBound + written, rest)
            let recovered = try recover(directory.journal)
            #expect(recovered.records == Array(records.prefix(5)), "written \(written)")
            let nothing = behind == .zeros && written == 0
            #expect((recovered.opening.bytesCut > 0) != nothing, "written \(written)")
            #expect(recovered.opening.headHash == Bytes32(fromBytes: original[last.lowerBound - 32..<last.lowerBound]))
            // What was cut is gone, and the journal goes on.
            #expect(isZero(try bytes(file), from: last.lowerBound), "written \(written)")
            try overwrite(file, at: last.lowerBound, Array(original[last]))
            // A recovery leaves everything durable; the next one is of a journal that was not.
            try setMark(directory.journal)
        }
    }

    @Test func tornTailAtEveryByteOffsetOfADurableRecordIsDamage() throws {
        let directory = fastDirectory()
        let records = (0..<4 as Range<UInt64>).map { TestRecord(seed: $0) }
        try makeJournal(directory.journal, records, durable: true)
        let file = try directory.journal + "/" + segmentNames(directory.journal)[0]
        let original = try bytes(file)
        let last = try #require(recordExtents(original).last)
        for written in 0..<last.count - 1 {
            try overwrite(file, at: last.lowerBound + written, [UInt8](repeating: 0, count: last.count - written))
            let outcome = ScanOutcome(directory.journal)
            #expect(outcome.isDamage, "written \(written): \(outcome)")
            try overwrite(file, at: last.lowerBound, Array(original[last]))
        }
    }

    @Test func writerGoesOnBehindATornTail() throws {
        let directory = fastDirectory()
        let records = (0..<6 as Range<UInt64>).map { TestRecord(seed: $0) }
        try makeJournal(directory.journal, records)
        let file = try directory.journal + "/" + segmentNames(directory.journal)[0]
        let last = recordExtents(try bytes(file)).last!
        try overwrite(file, at: last.lowerBound + 100, [1, 2, 3])
        var recovery = try Recovery(directory: directory.journal, options: smallSegments)
        while try recovery.next() != nil {}
        #expect(recovery.tail?.isTorn == true && recovery.tail?.fault == .hash)
        var writer = try recovery.finish()
        #expect(writer.opening.bytesCut == UInt64(last.count) && writer.opening.lastSequence == 5)
        #expect(writer.nextSequence == 6 && writer.epoch == 2)
        writer.append(TestRecord(seed: 60))
        _ = consume writer
        let recovered = try recover(directory.journal)
        #expect(recovered.records == Array(records.prefix(5)) + [TestRecord(seed: 60)])
        #expect(recovered.opening.bytesCut == 0)
    }

    @Test func crashInsideRecoveryIsRecoveredWithTheSameResult() throws {
        let directory = fastDirectory()
        let records = (0..<6 as Range<UInt64>).map { TestRecord(seed: $0) }
        try makeJournal(directory.journal, records)
        let file = try directory.journal + "/" + segmentNames(directory.journal)[0]
        let original = try bytes(file)
        let last = recordExtents(original).last!
        try overwrite(file, at: last.lowerBound + 100, [1, 2, 3])
        // Zeroed up to some byte, and no further; then all of it, and no mark and no writer.
        for zeroed in stride(from: 0, through: last.count, by: 8) {
            try overwrite(file, at: last.lowerBound, [UInt8](repeating: 0, count: zeroed))
            let outcome = ScanOutcome(directory.journal)
            #expect(outcome == (zeroed == 0 ? .torn(records: 5) : .end(records: 5)), "zeroed \(zeroed)")
        }
        var recovery = try Recovery(directory: directory.journal, options: smallSegments)
        while try recovery.next() != nil {}
        _ = consume recovery
        #expect(try recover(directory.journal).records == Array(records.prefix(5)))
    }

    @Test func oldValidRecordsBehindTheTailAreIgnored() throws {
        // Row 3 of the matrix: an earlier life of the same file behind the tail, of a lower epoch and another chain.
        let directory = fastDirectory(), other = fastDirectory()
        try makeJournal(other.journal, (10..<20 as Range<UInt64>).map { TestRecord(seed: $0) })
        let old = try bytes(other.journal + "/" + segmentNames(other.journal)[0])
        try makeJournal(directory.journal, (0..<3 as Range<UInt64>).map { TestRecord(seed: $0) })
        let file = try directory.journal + "/" + segmentNames(directory.journal)[0]
        let end = recordExtents(try bytes(file)).last!.upperBound
        // The same length, so that old record 4 stands exactly where record 4 belongs, and record 5 behind it.
        let extents = recordExtents(old)
        #expect(extents[3].lowerBound == end)
        try overwrite(file, at: end, Array(old[extents[3].lowerBound..<extents[3].upperBound]))
        #expect(ScanOutcome(directory.journal) == .torn(records: 3))
        try overwrite(file, at: end, Array(old[extents[4].lowerBound..<extents[9].upperBound]))
        #expect(ScanOutcome(directory.journal) == .torn(records: 3))
        let recovered = try recover(directory.journal)
        #expect(recovered.opening.lastSequence == 3 && recovered.opening.bytesCut == UInt64(extents[4].count * 6))
    }

    @Test func clientMessageThatImitatesARecordIsNeverTakenForOne() throws {
        let directory = fastDirectory()
        try makeJournal(directory.journal, [TestRecord(seed: 0)])
        let file = try directory.journal + "/" + segmentNames(directory.journal)[0]
        // A command made of whole valid records that claim to be the one after the command's own.
        let imitation = Self.imitation(sequence: 3, previousHash: .zero)
        var hostile = TestRecord(seed: 1, commandLength: 72, effectsLength: 0)
        hostile.command = Array((0..<20).map { _ in imitation }.joined())
        var recovery = try Recovery(directory: directory.journal, options: smallSegments)
        while try recovery.next() != nil {}
        var writer = try recovery.finish()
        writer.append(hostile)
        // Begun, filled and never committed: the same bytes once more.
        let draft = writer.reserve(commandLength: hostile.command.count)!
        hostile.command.withUnsafeBytes { draft.command.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
        var tail = try TailReader.open(directory: directory.journal)
        #expect(try tail.next()?.sequence == 1)
        #expect(try tail.next()?.sequence == 2)
        #expect(try tail.next() == nil)
        _ = consume writer
        #expect(ScanOutcome(directory.journal) == .torn(records: 2))
        // Torn at every multiple of 8: whatever of the imitations is left, nothing of it counts as what follows.
        let image = try bytes(file)
        let second = recordExtents(image)[1]
        for written in stride(from: 8, to: second.count, by: 8) {
            let zeros = [UInt8](repeating: 0, count: second.count - written)
            try overwrite(file, at: second.lowerBound + written, zeros)
            try overwrite(file, at: second.lowerBound, [UInt8](repeating: 0, count: 8))
            #expect(ScanOutcome(directory.journal) == .end(records: 1), "written \(written)")
            let reserved = withUnsafeBytes(of: LengthWord.reservedWord(Limits.recordBytesMax)) { Array($0) }
            try overwrite(file, at: second.lowerBound, reserved)
            #expect(ScanOutcome(directory.journal) == .torn(records: 1), "written \(written)")
            try overwrite(file, at: second.lowerBound, Array(image[second.lowerBound..<second.lowerBound + 8]))
            #expect(ScanOutcome(directory.journal) == .torn(records: 1), "written \(written)")
            try overwrite(file, at: second.lowerBound, Array(image[second]))
        }
        #expect(ScanOutcome(directory.journal) == .torn(records: 2))
    }

    @Test func headLeftBehindByADraftLeadsNowhere() throws {
        // A draft was given back, and what it left where the next head will stand is a client's choice: sizes that
        // lead to a record that holds. Only the previous hash tells that the head is none, and nobody knew it then.
        let directory = fastDirectory()
        try makeJournal(directory.journal, (0..<3 as Range<UInt64>).map { TestRecord(seed: $0) })
        let file = try directory.journal + "/" + segmentNames(directory.journal)[0]
        let end = recordExtents(try bytes(file)).last!.upperBound
        let sizes = withUnsafeBytes(of: UInt32(72)) { Array($0) } + [0, 0, 0, 0]
        try overwrite(file, at: end + RecordLayout.commandLength, sizes)
        try overwrite(file, at: end + 200, Self.imitation(sequence: 5, previousHash: testVenue))
        #expect(ScanOutcome(directory.journal) == .end(records: 3))
        let reserved = withUnsafeBytes(of: LengthWord.reservedWord(Limits.recordBytesMax)) { Array($0) }
        try overwrite(file, at: end, reserved)
        #expect(ScanOutcome(directory.journal) == .torn(records: 3))
        // The same behind a head that does belong here: a record was whole once.
        let head = try bytes(file)[end - 32..<end]
        try overwrite(file, at: end + RecordLayout.previousHash, Array(head))
        #expect(ScanOutcome(directory.journal).isDamage)
    }

    /// A record that holds by itself.
    static func imitation(sequence: UInt64, previousHash: Bytes32) -> [UInt8] {
        var record = [UInt8](repeating: 0, count: 200)
        record.withUnsafeMutableBytes { bytes in
            let base = bytes.baseAddress!
            base.storeBytes(of: LengthWord.committedWord(200), as: UInt64.self)
            base.storeBytes(of: sequence, toByteOffset: 8, as: UInt64.self)
            base.storeBytes(of: .max, toByteOffset: 16, as: UInt64.self)
            base.storeBytes(of: 9, toByteOffset: 40, as: UInt32.self)
            base.storeBytes(of: 5, toByteOffset: 44, as: UInt16.self)
            base.storeBytes(of: 72, toByteOffset: 56, as: UInt32.self)
            previousHash.store(to: base + 64)
            Blake2b256.hash(base, count: 168, into: base + 168)
            #expect(ChainState.ownFault(at: base, hashing: true) == nil)
        }
        return record
    }
}
