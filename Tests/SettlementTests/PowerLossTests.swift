import Cryptography
import Foundation
import Glibc
import Logging
import Testing
import Wire

@testable import Journal
@testable import Settlement

/// A settlement plane is recorded, call by call, while it makes checkpoints, receipts and batches of a journal whose
/// end is not durable yet. Then the power is lost behind many of the calls, with many states of what was not
/// synchronised (`DiskModel`), of the journal's end and of its mark; and it starts again on what is left.
///
/// GLASSBOOK_SWEEP_STEP is how many calls are passed over each time; 1 takes them all, each with every kind of luck.
@Suite(.serialized, .enabled(if: Strace.isInstalled)) struct PowerLossTests {
    static let step = ProcessInfo.processInfo.environment["GLASSBOOK_SWEEP_STEP"].flatMap { Int($0) } ?? 8

    @Test(
        "whatever a loss of power leaves, it starts, and nothing that was given out is contradicted",
        arguments: [[], [("fsync", 1), ("fsync", 2), ("fsync", 9)], [("rename", 4), ("mkdir", 3), ("write", 25)]])
    func everyState(_ kills: [(String, Int)]) throws {
        let venue = try SettledVenue(
            [
                ("checkpoint_records", "60"), ("checkpoint_interval_ms", "600_000"), ("batch_records", "70"),
                ("batch_ms", "600_000"), ("promise_seconds", "3_600"),
            ], isInMemory: true)
        try venue.startNode()
        try venue.trade(310)
        try venue.stopNode()
        let journal = try UndurableJournal(venue, durable: 290)
        let disk = try DiskModel(venue.directory, names: ["run/settlement", "published", "da"])
        let trace = try Self.record(venue, kills)
        let whole = try SettledOutcome(venue, leaves: journal.leaves)
        #expect(whole.size == journal.durable, "what is durable is signed, and nothing else")

        var random = SystemRandomNumberGenerator()
        var given = GivenOut(venue)
        var states = 0
        for operation in trace.operations {
            disk.apply(operation)
            try given.look(at: operation, disk)
            guard disk.count % Self.step == 0 else { continue }
            let lucks = DiskModel.Luck.allCases.flatMap { names in DiskModel.Luck.allCases.map { (names, $0) } }
            for (names, pages) in Self.step == 1 ? lucks : [lucks[states % lucks.count]] {
                let moment = "call \(disk.count) of \(trace.operations.count), names \(names), pages \(pages)"
                try disk.store(
                    names: names, pages: pages, &random, replacing: ["run/settlement", "published", "da"])
                let isMarkStale = states % 4 == 3
                try journal.lose(&random, isMarkStale: isMarkStale)
                try given.checkBeforeStart(moment)
                try Self.runOnce(venue)
                let outcome = try SettledOutcome(venue, leaves: journal.leaves)
                #expect(outcome.size <= journal.durable, "\(moment)")
                try given.check(outcome, size: isMarkStale ? nil : journal.durable, moment)
                states += 1
                guard states % 10 == 0 else { continue }
                // The node recovers what is left of its journal, and goes on with another history behind the mark.
                try venue.startNode()
                try venue.stopNode()
                try Self.runOnce(venue)
                let recovered = try SettledOutcome(venue)
                try given.check(recovered, size: UInt64(recovered.log.leaves.count), moment + ", recovered")
                try journal.restore()
            }
        }
        #expect(states >= trace.operations.count / Self.step && states > 20)
        #expect(given.heads.count >= 290 / 60)
    }

    /// Runs the plane under strace, killed at each of the calls, one run after the other, then to its end.
    private static func record(_ venue: SettledVenue, _ kills: [(String, Int)]) throws -> FileTrace {
        var trace = FileTrace()
        for (number, kill) in (kills.map(Optional.some) + [nil]).enumerated() {
            let path = "\(venue.directory)/trace.\(number)"
            let plane = try venue.startPlane(
                tracer: FileTrace.tracer(path, kill: kill.map { (call: $0.0, number: $0.1) }))
            if kill == nil {
                try plane.waitUntilReady()
                #expect(plane.stop() == 0, "\(plane.errorText)")
            } else {
                #expect(plane.wait() == 128 + SIGKILL, "\(kill!) is reached")
            }
            try trace.add(path, process: plane.identifier)
        }
        return trace
    }

    /// Starts and ends a settlement plane: it leaves nothing undone that was due.
    private static func runOnce(_ venue: SettledVenue) throws {
        var log = SettlementProcess.logger(venue.settings)
        log.logLevel = .critical
        try SettlementPlane(venue.settings, log) {}.stop()
    }
}

/// A journal of which the last records are not durable: their pages may be there or not.
final class UndurableJournal {
    let durable: UInt64
    /// RFC 6962 leaf hashes of the records, durable or not.
    let leaves: [Hash256]
    private let hashes: [Bytes32]
    private let venue: SettledVenue
    private let segment: String
    private let bytes: [UInt8]
    /// Where in the segment the durable records end.
    private let end: Int

    init(_ venue: SettledVenue, durable: UInt64) throws {
        (self.venue, self.durable) = (venue, durable)
        segment = "\(venue.settings.journalDirectory)/\(JournalFiles.segment(1))"
        bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: segment)))
        leaves = try PublishedLog(venue).leaves
        var reader = try TailReader.open(directory: venue.settings.journalDirectory)
        var hashes: [Bytes32] = []
        var end = 0
        while let record = try reader.next() {
            hashes.append(record.hash)
            if record.sequence == durable { end = reader.fileOffset }
        }
        (self.hashes, self.end) = (hashes, end)
        precondition(leaves.count > Int(durable) + 10 && bytes.count - end > 4 * 4096)
        try mark(durable)
    }

    /// Loses any of the pages behind what is durable; the mark on the disk may be older than the one that was read.
    func lose(_ random: inout some RandomNumberGenerator, isMarkStale: Bool) throws {
        var bytes = bytes
        for start in stride(from: end / 4096 * 4096, to: bytes.count, by: 4096) where Bool.random(using: &random) {
            let lost = max(start, end)..<(start + 4096)
            bytes.replaceSubrange(lost, with: [UInt8](repeating: 0, count: lost.count))
        }
        try Data(bytes).write(to: URL(fileURLWithPath: segment))
        try mark(isMarkStale ? UInt64.random(in: 1...durable, using: &random) : durable)
    }

    /// Puts everything back.
    func restore() throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: venue.settings.journalDirectory)
        where name.hasSuffix(".segment") || name.hasSuffix(".cut") {
            try FileManager.default.removeItem(atPath: "\(venue.settings.journalDirectory)/\(name)")
        }
        try Data(bytes).write(to: URL(fileURLWithPath: segment))
    }

    private func mark(_ sequence: UInt64) throws {
        // Of another boot of the machine.
        try DurableMarkFile.create(
            directory: venue.settings.journalDirectory,
            venueId: venue.id.withUnsafeBytes { Bytes32(from: $0.baseAddress!) },
            mark: DurableMark(sequence: sequence, hash: hashes[Int(sequence) - 1], bootId: Bytes32(1, 1, 1, 1)))
    }
}
