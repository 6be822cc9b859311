import Audit
import Availability
import Foundation
import LyingVenue
import Proof
import Testing

/// Every fraud of the catalogue, against the auditor's engine.
@Suite(.serialized) struct FraudTests {
    static let frauds = FraudsOfRecords.all + FraudsOfHistory.all + FraudsOfState.all + FraudsOfData.all

    @Test("the honest run passes")
    func honest() throws {
        let size = Truth.publication.size
        var lie = Lie(Truth.history, at: nil)
        lie.sizes = [1, 2, size / 2, size]
        lie.cosigned = Truth.history[size].time / 1_000_000_000 + 5
        lie.quorum = 1
        let report = try Auditor.audit(lie)
        #expect(report.finding == nil, "\(String(describing: report.finding))")
        #expect(report.notChecked.isEmpty && report.exitStatus == 0, "\(report.notChecked)")
        #expect(report.counts.records == size && report.counts.commitments == 4)
        #expect(report.counts.checkpoints >= 4)
    }

    @Test("every fraud has a row, and every row a fraud")
    func catalogue() throws {
        let rows = try Catalogue().rows.map(\.fraud)
        #expect(Set(rows).count == rows.count)
        #expect(Set(rows).symmetricDifference(Self.frauds.map(\.name)).isEmpty)
    }

    @Test("is caught where it begins", arguments: frauds)
    func caught(_ fraud: Fraud) throws {
        let row = try #require(try Catalogue()[fraud.name])
        let lie = try fraud.commit()
        let report = try Auditor.audit(lie)
        guard row.verdict != Catalogue.none else {
            // The auditor has nothing that contradicts it, and the catalogue says so.
            #expect(report.finding == nil, "\(String(describing: report.finding))")
            #expect(lie.sequence == nil)
            return
        }
        let finding = try #require(report.finding, "nothing was found")
        #expect(finding.verdict.rawValue == row.verdict, "\(finding)")
        #expect(finding.sequence == lie.sequence, "\(finding)")
        #expect(report.exitStatus == 1)
    }

    @Test("is convicted offline", arguments: frauds)
    func convicted(_ fraud: Fraud) throws {
        let row = try #require(try Catalogue()[fraud.name])
        let lie = try fraud.commit()
        guard row.conviction != Catalogue.none else {
            #expect(lie.evidence == nil)
            return
        }
        let evidence = try #require(lie.evidence)
        let anchors = Truth.publication.anchors(quorum: lie.quorum)
        guard case .convicted(let conviction) = try EvidenceJudge(anchors).judge(evidence.encoded) else {
            Issue.record("\(try EvidenceJudge(anchors).judge(evidence))")
            return
        }
        #expect("\(evidence.kind.name): \(conviction.verdict.rawValue)" == row.conviction, "\(conviction)")
        #expect(conviction.sequence == lie.convictedOf ?? lie.sequence, "\(conviction)")
    }

    @Test("a lie that agrees with itself, told before anything was signed, is not detected")
    func undetected() throws {
        let other = Truth.play { $0.beforeRules = { name, _ in name != "crossing again" } }
        let report = try Auditor.audit(Lie(other.history, at: nil))
        #expect(report.finding == nil && report.exitStatus == 0)
    }

    @Test("the same evidence about the honest run convicts nobody")
    func acquitted() throws {
        let truth = Truth.publication, judge = EvidenceJudge(truth.anchors(quorum: 1))
        let size = Truth.sequence("carries"), middle = Truth.sequence("crossing")
        let honest: [Evidence] = [
            .equivocation(truth.head(), truth.head()),
            .rewrittenHistory(old: truth.head(size), new: truth.head(), claim: try truth.consistency(size)),
            .omission(receipt: try truth.receipt(middle), head: truth.head(), other: truth.leaf(middle)),
            .replay(head: truth.head(), records: truth.range(1, truth.size)),
            .records(
                head: truth.head(), [truth.range(1, truth.size)], genesis: truth.history.records[0].command),
            .clock([
                (truth.head(cosigned: truth.history[truth.size].time / 1_000_000_000), truth.range(truth.size))
            ]),
        ]
        for evidence in honest {
            guard case .notConvicted = try judge.judge(evidence) else {
                Issue.record("\(evidence.kind.name) convicts the innocent")
                continue
            }
        }
    }
}

/// The auditor, as `verifier audit` runs it.
enum Auditor {
    static func audit(_ lie: Lie) throws -> AuditReport {
        let directory = FileManager.default.temporaryDirectory.path + "/glassbook-fraud-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: directory) }
        try publish(lie, in: directory)
        let anchors = Truth.publication.anchors(quorum: lie.quorum)
        var options = Audit.Options(source: .tiles(directory), anchors: anchors)
        if !lie.batches.isEmpty { options.data = "\(directory)/layer" }
        if lie.isJournal {
            try lie.history.write(journal: "\(directory)/journal")
            options.source = .journal("\(directory)/journal")
            options.published = directory
        }
        return Audit(options).run()
    }

    /// Writes what the operator publishes; the data availability layer is in `layer`.
    static func publish(_ lie: Lie, in directory: String) throws {
        let shown = lie.publication
        try shown.write(
            published: directory, sizes: lie.sizes.isEmpty ? [shown.size] : lie.sizes, cosigned: lie.cosigned)
        if !lie.batches.isEmpty {
            let layer = try DirectoryLayer("\(directory)/layer")
            try FileManager.default.createDirectory(atPath: "\(directory)/da", withIntermediateDirectories: true)
            for batch in lie.batches {
                let certificate = BatchCertificate(batch, layer: layer.name, commitment: try layer.submit(batch))
                let name = "\(directory)/da/\(BatchCertificate.name(first: batch.first))"
                try Data(certificate.bytes).write(to: URL(fileURLWithPath: name))
            }
        }
        try lie.publish(directory)
    }
}
