import Foundation
import Testing

@testable import Audit

/// A history with everything that happens to keys and starts, for the verifier that follows the pages and nothing else
/// (`Tests/InteropTests/Python`).
@Suite struct SecondVerifierTests {
    /// What it says of a published history.
    private func verify(_ published: Published, _ fixture: AuditFixture) throws -> (status: Int32, output: String) {
        let anchors = published.directory + "/anchors"
        try fixture.anchors.text.write(toFile: anchors, atomically: true, encoding: .utf8)
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../InteropTests/Python/verify.py")
        let process = Process(), output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-B", script.path, anchors, "published", published.tiles, published.data]
        (process.standardOutput, process.standardError) = (output, output)
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: text, as: UTF8.self))
    }

    private func publish(_ fixture: AuditFixture) throws -> Published {
        let published = try Published()
        let count = fixture.records.count
        try published.writeTiles(fixture.records, sizes: [1, 2, 3, count / 2, count], log: fixture.log)
        try published.writeBatches([fixture.batch(1...20)])
        return published
    }

    @Test func theTruthHolds() throws {
        let fixture = AuditFixture()
        let answer = try verify(try publish(fixture), fixture)
        #expect(answer.status == 0 && answer.output.contains("2 commitments"), "\(answer)")
    }

    @Test(arguments: [
        AuditFixture.Step.createAccount, .badProof, .addKey, .revokeKey, .firstOrder, .continuation, .rotateKey,
        .restart, .secondCommitment,
    ])
    func liesDoNot(_ step: AuditFixture.Step) throws {
        // Sealed anew, so that length, chain and hashes are right: what is wrong is what the record says.
        let fixture = AuditFixture() { found, draft in
            guard found == step else { return true }
            switch step {
            case .createAccount, .badProof, .addKey, .rotateKey: draft.flags.formSymmetricDifference(.proofsHold)
            case .revokeKey, .firstOrder: draft.signature[0] ^= 1
            case .continuation: draft.set(UInt64(1), at: 8)
            case .restart: draft.epoch += 1
            default: draft.set(UInt64(7), at: 8 + 96)
            }
            return true
        }
        let answer = try verify(try publish(fixture), fixture)
        #expect(answer.status == 1 && answer.output.hasPrefix("refused: record "), "\(answer)")
    }
}
