import Foundation
import Testing
import Wire

@testable import Journal
@testable import Platform

/// The format does not change unseen: a journal made now is the one in `Golden`, and the page prints the same bytes.
@Suite struct GoldenTests {
    static let golden = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Golden")

    /// Two segments; a restart between two records; a command with padding; effects.
    static func make(_ directory: String) throws {
        var writer = try JournalWriter.create(directory: directory, venueId: venue, options: smallSegments)
        writer.append(genesis)
        writer.append(command)
        _ = consume writer
        var recovery = try Recovery(directory: directory, options: smallSegments)
        while try recovery.next() != nil {}
        writer = try recovery.finish()
        for seed in 0..<20 as Range<UInt64> {
            var large = command
            large.time += 1 + seed
            large.effects = [UInt8](repeating: UInt8(seed + 1), count: 64_000)
            writer.append(large)
        }
    }

    static let venue = Bytes32(fromBytes: (0..<32).map { UInt8(0xA0 + $0) })

    static let genesis: TestRecord = {
        var record = TestRecord(seed: 0)
        record.kind = .genesis
        record.time = 1_700_000_000_000_000_000
        record.arrivalTime = 1_700_000_000_000_000_000
        record.arrivalTicket = 0
        record.command = (0..<20).map { UInt8($0) }
        record.effects = []
        return record
    }()

    static let command: TestRecord = {
        var record = TestRecord(seed: 0)
        record.flags = .proofsHold
        record.time = 1_700_000_000_000_001_000
        record.arrivalTime = 1_700_000_000_000_000_900
        record.arrivalTicket = 1
        record.feedSequence = 1
        record.command = (0..<75).map { UInt8(0x80 + $0) }
        // A cancelled order of journal.xml would stand here; the format does not look inside.
        record.effects = [16, 0, 0x39, 0x30, 2, 0, 0, 0] + (0..<16).map { UInt8($0 * 3) }
        return record
    }()

    /// Sixteen bytes a line: offset, hexadecimal bytes.
    static func dump(_ bytes: [UInt8], _ range: Range<Int>) -> String {
        stride(from: range.lowerBound, to: range.upperBound, by: 16).map { offset in
            let line = bytes[offset..<min(offset + 16, range.upperBound)]
            return String(format: "%06x ", offset) + line.map { String(format: " %02x", $0) }.joined()
        }.joined(separator: "\n") + "\n"
    }

    /// What the golden file holds: the headers' written parts and the first two records.
    static func excerpt(_ directory: String) throws -> String {
        let names = try segmentNames(directory)
        let first = try bytes(directory + "/" + names[0])
        let records = recordExtents(first)
        return dump(first, 0..<192) + dump(first, records[0].lowerBound..<records[1].upperBound)
    }

    @Test func journalMadeNowIsTheGoldenOne() throws {
        let directory = fastDirectory()
        try Self.make(directory.journal)
        let made = try Self.excerpt(directory.journal)
        let file = Self.golden.appendingPathComponent("first-segment.hex")
        if ProcessInfo.processInfo.environment["GLASSBOOK_WRITE_GOLDEN"] != nil {
            try made.write(to: file, atomically: true, encoding: .utf8)
        }
        #expect(try String(contentsOf: file, encoding: .utf8) == made)
    }

    @Test func pagePrintsTheGoldenBytes() throws {
        let page = Self.golden.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Sources/Journal/Journal.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let golden = try String(contentsOf: Self.golden.appendingPathComponent("first-segment.hex"), encoding: .utf8)
        for line in golden.split(separator: "\n") { #expect(text.contains(line), "\(line)") }
    }

    @Test func readerInAnotherLanguageReadsItFromThePageAlone() throws {
        let directory = fastDirectory()
        try Self.make(directory.journal)
        let script = Self.golden.appendingPathComponent("read-journal.py").path
        let process = Process(), output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", script, directory.journal]
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        let head = try recover(directory.journal).opening.headHash
        let digits = withUnsafeBytes(of: head) { $0.map { String(format: "%02x", $0) }.joined() }
        #expect(text == "segments 2 records 22 epochs 2 head \(digits)\n")
    }
}
