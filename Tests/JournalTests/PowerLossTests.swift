import Foundation
import Testing
import Wire

@testable import Journal
@testable import Platform

/// A loss of power leaves any subset of the pages that were dirty, each in any state that it had since the last
/// fdatasync. The model is made of images of the file, taken after every store-by-store step of the writer that
/// matters: between records, and inside them.
@Suite struct PowerLossTests {
    static let pageBytes = 4096

    /// A journal of `durableCount` synchronised records and some more, with the images that its pages went through.
    struct History {
        let directory: TemporaryDirectory
        let records: [TestRecord]
        let durableCount: Int
        /// File names, in the order of `images`' parts.
        let files: [String]
        /// Content of all files together after each step, the first one what is synchronised.
        let images: [[UInt8]]
        /// Pages that differ between some images.
        let dirty: [Int]
    }

    /// Appends records, with an image after each and one inside each.
    static func history(lengths: [Int], durableCount: Int) throws -> History {
        let directory = fastDirectory()
        let path = directory.journal
        var records: [TestRecord] = []
        var writer = try JournalWriter.create(directory: path, venueId: testVenue, options: smallSegments)
        var images: [[UInt8]] = []
        let name = try segmentNames(path)[0]
        func image() throws -> [UInt8] { Array(try bytes(path + "/" + name).prefix(1 << 20)) }
        for (index, length) in lengths.enumerated() {
            var record = TestRecord(seed: UInt64(index), commandLength: 72, effectsLength: length & ~7)
            // No zeros: a page of a record that got to the disk never looks like one that did not.
            record.effects = record.effects.map { $0 | 1 }
            record.command = record.command.map { $0 | 1 }
            if index == durableCount { images.append(try image()) }
            if index >= durableCount { try halfWrite(&writer, record) { images.append(try image()) } }
            writer.append(record)
            if index >= durableCount { images.append(try image()) }
            records.append(record)
        }
        _ = consume writer
        let dirty = (0..<images[0].count / pageBytes).filter { page in
            let range = page * pageBytes..<(page + 1) * pageBytes
            return images.contains { $0[range] != images[0][range] }
        }
        return History(
            directory: directory, records: records, durableCount: durableCount, files: [name], images: images,
            dirty: dirty)
    }

    /// Fills half of a draft, looks at the file, and gives the draft back.
    private static func halfWrite(
        _ writer: inout JournalWriter, _ record: TestRecord, _ look: () throws -> Void
    ) throws {
        let draft = writer.reserve(commandLength: record.command.count)!
        record.command.withUnsafeBytes { draft.command.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
        record.effects.withUnsafeBytes { bytes in
            draft.effects.copyMemory(from: bytes.baseAddress!, byteCount: bytes.count / 2)
        }
        try look()
        writer.discard(draft)
    }

    /// Recovers one image: everything durable has to be there, and nothing that was never written.
    static func check(_ history: History, _ choice: [Int], _ note: @autoclosure () -> String) throws {
        let path = history.directory.journal
        let file = path + "/" + history.files[0]
        for (page, version) in zip(history.dirty, choice) {
            let range = page * pageBytes..<(page + 1) * pageBytes
            try overwrite(file, at: range.lowerBound, Array(history.images[version][range]))
        }
        let durable = history.images[0]
        let hash = recordExtents(durable).last.map { Bytes32(fromBytes: durable[$0.upperBound - 32..<$0.upperBound]) }
        try setMark(
            path, sequence: UInt64(history.durableCount), hash: hash ?? .zero, bootId: Bytes32(1, 1, 1, 1))
        do {
            let recovered = try recover(path)
            let count = recovered.records.count
            #expect(count >= history.durableCount, "\(note())")
            #expect(recovered.records == Array(history.records.prefix(count)), "\(note())")
            #expect(recovered.opening.followsAnotherBoot)
        } catch {
            Issue.record("\(note()): \(error)")
        }
    }

    @Test(arguments: [
        [300, 400, 1200, 800, 2400, 1600, 640, 3000, 2000, 5000], [200, 200, 9000, 400, 12000, 2000],
        [104, 3648, 3864, 3864, 3864, 3864, 3864],
    ])
    func everySubsetOfTheLastDirtyPagesIsRecovered(lengths: [Int]) throws {
        let history = try Self.history(lengths: lengths, durableCount: 2)
        let pages = history.dirty.count, last = history.images.count - 1
        #expect(pages >= 4 && pages <= 8, "\(pages) pages")
        for subset in 0..<1 << pages {
            let choice = (0..<pages).map { subset >> $0 & 1 == 1 ? last : 0 }
            try Self.check(history, choice, "subset \(subset)")
        }
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func pagesInAnyEarlierStateAreRecovered(seed: UInt64) throws {
        let history = try Self.history(
            lengths: [300, 400, 1200, 800, 2400, 1600, 640, 9000, 2000, 5000], durableCount: 2)
        var random = SplitMix(state: seed)
        for round in 0..<150 {
            let choice = history.dirty.map { _ in Int.random(in: 0..<history.images.count, using: &random) }
            try Self.check(history, choice, "seed \(seed) round \(round) \(choice)")
        }
    }

    @Test func pagesAcrossARollAreRecovered() throws {
        let directory = fastDirectory()
        let path = directory.journal
        // 15 large records, then small ones up to the end of the segment, then some in the next.
        let large = (0..<15 as Range<UInt64>).map { TestRecord(seed: $0, commandLength: 72, effectsLength: 64_000) }
        let small = (15..<40 as Range<UInt64>).map { TestRecord(seed: $0, commandLength: 72, effectsLength: 3000) }
        let records = (large + small).map { record in
            var record = record
            record.effects = record.effects.map { $0 | 1 }
            return record
        }
        try makeJournal(path, records)
        let names = try segmentNames(path)
        #expect(names.count == 2)
        let full = try names.map { try bytes(path + "/" + $0) }
        let boundary = recordExtents(full[0]).count
        // The last pages of the first segment and the first pages of the second one are dirty.
        let end = recordExtents(full[0]).last!.upperBound
        let pages = [(0, end / 4096 - 1), (0, end / 4096), (1, 0), (1, 1), (1, 2)]
        let durable = recordExtents(full[0]).filter { $0.upperBound <= (end / 4096 - 1) * 4096 }.count
        let mark = Bytes32(
            fromBytes: full[0][
                recordExtents(full[0])[durable - 1].upperBound - 32..<recordExtents(full[0])[durable - 1].upperBound])
        for subset in 0..<1 << pages.count {
            for named in [true, false] {
                for (index, name) in names.enumerated() {
                    try Data(full[index]).write(to: URL(fileURLWithPath: path + "/" + name))
                }
                for (bit, page) in pages.enumerated() where subset >> bit & 1 == 0 {
                    try overwrite(path + "/" + names[page.0], at: page.1 * 4096, [UInt8](repeating: 0, count: 4096))
                }
                try? FileManager.default.removeItem(atPath: path + "/" + JournalFiles.spare)
                if !named { try File.rename(path + "/" + names[1], to: path + "/" + JournalFiles.spare) }
                try setMark(path, sequence: UInt64(durable), hash: mark, bootId: Bytes32(1, 1, 1, 1))
                let recovered = try recover(path)
                let count = recovered.records.count
                #expect(recovered.records == Array(records.prefix(count)), "subset \(subset) named \(named)")
                #expect(count >= durable)
                if subset & 3 != 3 { #expect(count < boundary) }
                for name in try FileManager.default.contentsOfDirectory(atPath: path) where name.hasSuffix(".cut") {
                    try FileManager.default.removeItem(atPath: path + "/" + name)
                }
            }
        }
    }

    @Test func flippedBitAfterAnotherBootIsStillDamageWhenTheRecordWasWhole() throws {
        let directory = fastDirectory()
        let records = (0..<4 as Range<UInt64>).map { TestRecord(seed: $0) }
        try makeJournal(directory.journal, records)
        try setMark(directory.journal, bootId: Bytes32(1, 1, 1, 1))
        let file = try directory.journal + "/" + segmentNames(directory.journal)[0]
        let original = try bytes(file)
        let extent = recordExtents(original)[1]
        for offset in extent {
            try overwrite(file, at: offset, [original[offset] ^ 1 << (offset % 8)])
            #expect(ScanOutcome(directory.journal).isDamage, "offset \(offset)")
            try overwrite(file, at: offset, [original[offset]])
        }
    }
}
