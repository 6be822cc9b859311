import Audit
import Foundation
import LyingVenue
import Platform
import Proof
import Testing

/// Every fraud that convicts, as somebody outside meets it: `verifier accuse` has the anchors, the published files and
/// what the catalogue says was kept; `verifier convict` the anchors and the file that came of it.
@Suite(.serialized) struct AccusedTests {
    @Test("is accused by the program, and convicted in an empty directory", arguments: FraudTests.frauds)
    func accused(_ fraud: Fraud) throws {
        let row = try #require(try Catalogue()[fraud.name])
        let lie = try fraud.commit()
        let place = FileManager.default.temporaryDirectory.path + "/glassbook-accused-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: place) }
        guard let accusation = lie.accusedWith else {
            #expect(row.accusedWith == Catalogue.none && row.conviction == Catalogue.none)
            return
        }
        let (court, venue) = ("\(place)/court", "\(place)/venue")
        try FileDirectory.create(place)
        try FileDirectory.create(court)
        try Auditor.publish(lie, in: venue)
        let anchors = Truth.publication.anchors(quorum: lie.quorum)
        try File.replace("\(court)/anchors", with: Array(anchors.text.utf8))
        let options = try accusation.options(in: place)
        #expect(options.filter { $0.hasPrefix("--") }.joined(separator: ", ") == row.accusedWith)

        let published = if case .balance = accusation { [String]() } else { [venue] }
        let accused = try Verifier.run(
            ["accuse"] + published + ["--anchors", "\(court)/anchors", "--output", "\(court)/evidence"] + options,
            in: place)
        #expect(accused.status == 1, "\(accused)")
        try FileManager.default.removeItem(atPath: venue)
        let convicted = try Verifier.run(["convict", "evidence", "--anchors", "anchors"], in: court)
        #expect(convicted.status == 1, "\(convicted)")
        let verdict = try #require(row.conviction.split(separator: " ").last)
        let sequence = try #require(lie.convictedOf ?? lie.sequence)
        #expect(convicted.output.hasPrefix("CONVICTED: \(verdict) at record \(sequence): "), "\(convicted)")
        try judgedByOthers(court, "\(verdict) at \(sequence)")
    }

    /// A judge that follows the pages and nothing else (`Tests/InteropTests/Python`) says the same of the file. With
    /// one bit of the first section changed nothing is proven.
    private func judgedByOthers(_ court: String, _ verdict: String) throws {
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(court)/evidence")))
        let whole = try Verifier.second(["anchors", "evidence", "evidence"], in: court)
        #expect(whole.status == 0 && whole.output == "convicted: \(verdict)\n", "\(whole)")
        bytes[44] ^= 1
        try File.replace("\(court)/evidence", with: bytes)
        let changed = try Verifier.second(["anchors", "evidence", "evidence"], in: court)
        #expect(changed.status == 1 && changed.output.hasPrefix("refused: "), "\(changed)")
    }

    @Test("the honest venue is not, whatever is given")
    func honest() throws {
        let place = FileManager.default.temporaryDirectory.path + "/glassbook-accused-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: place) }
        try FileDirectory.create(place)
        let truth = Truth.publication, size = truth.size
        var lie = Lie(FraudsOfData.honest.history, at: nil)
        lie.batches = FraudsOfData.honest.batches
        lie.cosigned = Truth.history[size].time / 1_000_000_000 + 1
        try Auditor.publish(lie, in: "\(place)/venue")
        let shown = lie.publication, anchors = truth.anchors(quorum: 1)
        try File.replace("\(place)/anchors", with: Array(anchors.text.utf8))
        let commitment = Truth.sequence("second commitment")
        let state = NaiveStateRoot(Truth.state(before: "second commitment"))
        let balance = BalanceFile(
            balance: try BalanceProof(
                state.balanceProof(HonestRun.bob, HonestRun.usd, through: commitment - 1)),
            record: shown.records[Int(commitment) - 1], inclusion: try shown.inclusion(commitment))
        let accusations: [Accusation] = [
            .record(size), .record(commitment), .head(shown.head(size / 2)), .batches, .balance(balance.encoded),
            .receipt(try shown.receipt(size), command: nil, heads: []),
            .receipt(try shown.receipt(size), command: nil, heads: [shown.head(size / 2, cosigned: lie.cosigned)]),
        ]
        for accusation in accusations {
            let published = if case .balance = accusation { [String]() } else { ["\(place)/venue"] }
            let answer = try Verifier.run(
                ["accuse"] + published + ["--anchors", "\(place)/anchors", "--output", "\(place)/evidence"]
                    + accusation.options(in: place), in: place)
            #expect(answer.status == 0 && answer.output.hasPrefix("NOT CONVICTED: "), "\(accusation): \(answer)")
            #expect(!File.exists("\(place)/evidence"))
        }
    }
}

extension Accusation {
    /// Options of `verifier accuse`; what they name is written to a directory, in which the layer is `venue/layer`.
    func options(in place: String) throws -> [String] {
        func file(_ name: String, _ bytes: [UInt8]) throws -> [String] {
            try File.replace("\(place)/\(name)", with: bytes)
            return ["--\(name)", "\(place)/\(name)"]
        }
        switch self {
        case .record(let sequence): return ["--record", "\(sequence)"]
        case .head(let note): return try file("head", note)
        case .batches: return ["--batches", "\(place)/venue/layer"]
        case .balance(let bytes): return try file("balance", bytes)
        case .receipt(let bytes, let command, let heads):
            precondition(heads.count <= 1, "one file of each name")
            return try file("receipt", bytes) + (command.map { try file("command", $0) } ?? [])
                + heads.flatMap { try file("head", $0) }
        }
    }
}

/// The program `verifier`.
enum Verifier {
    /// Runs it and waits. Returns its exit status and what it printed.
    static func run(_ arguments: [String], in directory: String) throws -> (status: Int32, output: String) {
        let tests = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
        let place = ProcessInfo.processInfo.environment["GLASSBOOK_EXECUTABLES"].map { URL(fileURLWithPath: $0) }
        return try run((place ?? tests).appendingPathComponent("verifier"), arguments, in: directory)
    }

    /// Runs the second one, in Python.
    static func second(_ arguments: [String], in directory: String) throws -> (status: Int32, output: String) {
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../InteropTests/Python/verify.py")
        return try run(
            URL(fileURLWithPath: "/usr/bin/env"), ["python3", "-B", script.path] + arguments, in: directory)
    }

    private static func run(
        _ program: URL, _ arguments: [String], in directory: String
    ) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: directory)
        let output = Pipe()
        (process.standardOutput, process.standardError) = (output, output)
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: text, as: UTF8.self))
    }
}
