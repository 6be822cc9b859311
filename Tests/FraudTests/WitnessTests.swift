import Audit
import Cryptography
import Foundation
import LyingVenue
import Proof
import Testing

/// A witness that has seen the truth, asked to cosign each lie.
@Suite struct WitnessTests {
    /// Records of the checkpoint that it has cosigned.
    private static let seen: UInt64 = 600

    @Test("cosigns no history that contradicts what it has seen, and keeps what convicts", arguments: FraudTests.frauds)
    func witness(_ fraud: Fraud) throws {
        let directory = FileManager.default.temporaryDirectory.path + "/glassbook-fraud-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let truth = Truth.publication, anchors = truth.anchors(), seen = Self.seen
        let signer = try #require(
            NoteSigner(name: "witness.example", key: Publication.witnessKey, kind: .cosignature))
        let witness = try Witness(directory: directory, signer: signer, logs: anchors.logs)
        let first = WitnessRequest(oldSize: 0, proof: [], checkpoint: truth.head(seen))
        #expect(witness.add(first.bytes).status == 200)

        let shown = try fraud.commit().publication
        guard shown.size > seen else { return }
        let next = WitnessRequest(
            oldSize: seen, proof: try shown.consistency(seen).proof, checkpoint: shown.head())
        let reply = witness.add(next.bytes)
        guard shown.root(seen) != truth.root(seen) else {
            // The lie begins behind what it has seen: a witness does not replay.
            #expect(reply.status == 200)
            return
        }
        #expect(reply.status == 422, "\(reply)")
        let kept = try FileManager.default.contentsOfDirectory(atPath: "\(directory)/evidence")
        let file = try #require(kept.first)
        let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(directory)/evidence/\(file)")))
        guard case .convicted(let conviction) = try EvidenceJudge(anchors).judge(bytes) else {
            Issue.record("not convicted")
            return
        }
        #expect(conviction.verdict == .rewrittenHistory && conviction.sequence == seen)
    }
}
