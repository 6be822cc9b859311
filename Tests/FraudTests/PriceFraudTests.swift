import Audit
import Cryptography
import Foundation
import LyingVenue
import Proof
import Testing

/// The fraud of the demonstration, from a venue's files.
@Suite struct PriceFraudTests {
    @Test("a running venue's files become a lie that is caught and convicted")
    func price() throws {
        let directory = FileManager.default.temporaryDirectory.path + "/glassbook-fraud-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let truth = Truth.publication, keys = FixedKeys()
        try FileManager.default.createDirectory(atPath: "\(directory)/keys", withIntermediateDirectories: true)
        for (role, key) in [(KeyRole.log, keys.log), (.receipt, keys.receipt), (.settlement, keys.settlement)] {
            try KeyFile.create("\(directory)/keys/\(role.name).key", key: key, role: role)
        }
        let kept = Truth.sequence("crossing")
        try Truth.history.write(journal: "\(directory)/journal")
        try truth.write(published: "\(directory)/published", sizes: [kept, 200, truth.size])

        let fraud = try PriceFraud(
            journal: "\(directory)/journal", keys: "\(directory)/keys", published: "\(directory)/published")
        #expect(fraud.sequence == Truth.sequence("crossing again"))
        try fraud.write(to: "\(directory)/output")

        let anchors = truth.anchors()
        let report = Audit(Audit.Options(source: .tiles("\(directory)/output/published"), anchors: anchors)).run()
        #expect(report.finding?.verdict == .effects && report.finding?.sequence == fraud.sequence)
        let evidence = try Accuser("\(directory)/output/published", anchors: anchors).evidence(record: fraud.sequence)
        guard case .convicted(let conviction) = try EvidenceJudge(anchors).judge(evidence) else {
            Issue.record("not convicted")
            return
        }
        #expect(conviction.verdict == .effects && conviction.sequence == fraud.sequence)
    }
}
