import Cryptography
import Foundation
import Proof
import Testing

/// What a venue publishes and hands out, checked by a verifier that follows the pages and nothing else, in Python:
/// `Tests/InteropTests/Python`.
@Suite struct SecondVerifierTests {
    /// A venue that has a witness, has changed the key of its log and has started twice, with what it hands out.
    private final class Settled {
        let venue: SettledVenue
        private let witness: WitnessStandIn

        init() throws {
            witness = try WitnessStandIn("witness.example", .honest)
            venue = try SettledVenue(
                [
                    ("witness_quorum", "1"), ("witness_timeout_ms", "45_000"),
                    // Commitments between orders that are slow are records too: there is room for a hundred.
                    ("checkpoint_interval_ms", "1_000"),
                ], witnesses: witness.table)
            try venue.startNode()
            try venue.startPlane().waitUntilReady()
            try venue.trade(270)
            try waitUntil("a checkpoint by the first key") {
                FileManager.default.fileExists(atPath: venue.published + "/checkpoint")
            }
            let next = SigningKey()
            try KeyFile.create(venue.directory + "/keys/log-2.key", key: next, role: .log)
            try venue.rotateLogKey(from: venue.keys.logKey, to: next)
            try venue.trade(20)
            try venue.stopPlane()
            try venue.stopNode()
            try venue.startNode()
            try venue.startPlane().waitUntilReady()
            try venue.trade(20)
            let logs = [venue.logVerifier, VerifierKey(name: venue.origin, kind: .ed25519, key: next.publicKey)!]
            let anchors = try Anchors(venue: venue.id, logs: logs, witnesses: [witness.verifier], quorum: 1)
            try anchors.text.write(toFile: venue.directory + "/anchors", atomically: true, encoding: .utf8)
            try waitUntil("a commitment") { try CommitmentTests.isCommitted(venue) }
            let size = UInt64(try PublishedLog(venue).leaves.count)
            try waitUntil("a cosigned checkpoint of it") {
                let bytes = FileManager.default.contents(atPath: venue.published + "/checkpoint") ?? Data()
                return try SignedCheckpoint([UInt8](bytes), logs: logs).checkpoint.size == size
            }
            try venue.stopPlane()
            try handOut("receipt", ["--sequence", "100"])
            try handOut("record", ["--sequence", "100"])
            try handOut("balance", ["--account", "3", "--asset", "0"])
            try venue.stopNode()
        }

        deinit { witness.stop() }

        private func handOut(_ what: String, _ arguments: [String]) throws {
            let process = try RunningProcess(
                "settlement-plane",
                [what, "--config", venue.directory + "/config.toml", "--output", path("100." + what)] + arguments,
                errors: path("\(what).log"))
            guard process.wait() == 0 else { throw RunningProcess.Failure(process.errorText) }
        }

        func path(_ name: String) -> String { "\(venue.directory)/\(name)" }

        /// What the other verifier says.
        func verify(_ arguments: [String]) throws -> (status: Int32, output: String) {
            let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
                .appendingPathComponent("../InteropTests/Python/verify.py")
            let process = Process(), output = Pipe()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = ["python3", "-B", script.path, path("anchors")] + arguments
            (process.standardOutput, process.standardError) = (output, output)
            try process.run()
            let text = output.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return (process.terminationStatus, String(decoding: text, as: UTF8.self))
        }

        func verifyPublished() throws -> (status: Int32, output: String) {
            try verify(["published", venue.published, path("da")])
        }

        /// Runs the body with one bit of a file changed.
        func withFlippedBit(_ file: String, at offset: Int, _ body: () throws -> Void) throws {
            let url = URL(fileURLWithPath: file), whole = try Data(contentsOf: url)
            var bytes = whole
            bytes[offset] ^= 1
            try bytes.write(to: url)
            try body()
            try whole.write(to: url)
        }
    }

    @Test("holds, and one changed bit in any kind of file does not")
    func written() throws {
        let settled = try Settled()
        let whole = try settled.verifyPublished()
        #expect(whole.status == 0, "\(whole)")
        let size = UInt64(try PublishedLog(settled.venue).leaves.count)
        #expect(whole.output.hasPrefix("\(size) of \(size) records"), "\(whole)")

        let files = try PublishedLog.files(settled.venue.published).keys.sorted()
        #expect(size > 256 && size < 512)
        let kinds = [
            "checkpoint", "checkpoints/0", "checkpoints/index", "tile/0/000", "tile/0/001.p/\(size - 256)",
            "tile/1/000.p/1", "tile/entries/000", "tile/entries/001.p/\(size - 256)", "receipts/0", "receipts/keys",
            "da/0",
        ]
        for kind in kinds {
            let name = try #require(files.first { $0.hasPrefix(kind) }, "\(kind): \(files)")
            let path = "\(settled.venue.published)/\(name)"
            try settled.withFlippedBit(path, at: try Data(contentsOf: URL(fileURLWithPath: path)).count / 2) {
                let answer = try settled.verifyPublished()
                #expect(answer.status == 1 && answer.output.hasPrefix("refused: "), "\(name): \(answer)")
            }
        }
        let batch = try #require(try PublishedLog.files(settled.path("da")).keys.sorted().first)
        try settled.withFlippedBit(settled.path("da/\(batch)"), at: 200) {
            let answer = try settled.verifyPublished()
            #expect(answer.status == 1 && answer.output.hasPrefix("refused: "), "\(answer)")
        }
        #expect(try settled.verifyPublished().output == whole.output)

        for (kind, name) in [("receipt", "100.receipt"), ("proof", "100.record"), ("balance", "100.balance")] {
            let holds = try settled.verify([kind, settled.path(name)])
            #expect(holds.status == 0, "\(holds)")
            let count = try Data(contentsOf: URL(fileURLWithPath: settled.path(name))).count
            for offset in [count / 4, count / 2, count - 60] {
                try settled.withFlippedBit(settled.path(name), at: offset) {
                    let answer = try settled.verify([kind, settled.path(name)])
                    #expect(answer.status == 1 && answer.output.hasPrefix("refused: "), "\(name): \(answer)")
                }
            }
        }
    }
}
