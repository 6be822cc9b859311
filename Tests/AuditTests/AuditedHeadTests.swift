import Cryptography
import Foundation
import Proof
import Testing

@testable import Audit

/// A venue that publishes entries later than checkpoints is audited as far as its entries go; what is signed behind
/// them is held to that by hashes.
@Suite struct AuditedHeadTests {
    private static let sizes = [100, 300, 400, 512, 520]
    private let fixture = AuditFixture()

    private func publish(entryCount: Int) throws -> Published {
        let published = try Published()
        try published.writeTiles(
            fixture.records, sizes: Self.sizes + [fixture.records.count], entryCount: entryCount, log: fixture.log)
        return published
    }

    @Test("the newest checkpoint whose entries are there is read, all behind it are held to it", arguments: sizes)
    func newest(entryCount: Int) throws {
        let published = try publish(entryCount: entryCount)
        let server = try WebServer(directory: published.tiles)
        for place in [published.tiles, server.url] {
            let report = audit(.tiles(place), fixture.anchors)
            #expect(report.exitStatus == 0, "\(report)")
            #expect(report.counts.records == UInt64(entryCount) && report.checkpointSize == UInt64(entryCount))
            // Each of them, and the latest twice: by both of its names.
            #expect(report.counts.checkpoints == UInt64(Self.sizes.count) + 2)
            let later = Self.sizes.count { $0 > entryCount } + 1
            #expect(report.notes.contains { $0.hasPrefix("\(later) checkpoints of more records") }, "\(report.notes)")
        }
    }

    @Test("entries that begin later than the first checkpoint, or are missing within, are no success")
    func missing() throws {
        let none = audit(.tiles(try publish(entryCount: 99).tiles), fixture.anchors)
        #expect(none.exitStatus == 2 && none.finding == nil, "\(none)")
        let published = try publish(entryCount: 520)
        try FileManager.default.removeItem(atPath: published.tiles + "/tile/entries/000")
        let report = audit(.tiles(published.tiles), fixture.anchors)
        #expect(report.exitStatus == 2 && report.finding == nil, "\(report)")
    }

    @Test("what is signed behind the entries is held to them", arguments: [520, 640])
    func laterLie(size: Int) throws {
        let published = try publish(entryCount: 400)
        let url = URL(fileURLWithPath: published.tiles + "/checkpoint")
        let latest = try Data(contentsOf: url)
        let isLatest = size > fixture.records.count - 1
        let signed = isLatest ? fixture.records.count : size
        try published.writeCheckpoint(size: UInt64(signed), root: Sha256.hash([1]), log: fixture.log)
        if !isLatest { try latest.write(to: url) }
        let report = audit(.tiles(published.tiles), fixture.anchors)
        let verdict: Verdict = isLatest ? .tile : .checkpointRoot
        #expect(report.finding?.verdict == verdict && report.finding?.sequence == UInt64(signed), "\(report)")
    }

    @Test("later checkpoints whose hash tiles are missing, or that are missing themselves, are NOT CHECKED")
    func laterMissing() throws {
        let published = try publish(entryCount: 400)
        try FileManager.default.removeItem(atPath: "\(published.tiles)/\(CheckpointFiles.path(520))")
        let gone = audit(.tiles(published.tiles), fixture.anchors)
        #expect(gone.exitStatus == 2 && gone.finding == nil, "\(gone)")
        try FileManager.default.removeItem(atPath: published.tiles + "/tile/0/002.p")
        let report = audit(.tiles(published.tiles), fixture.anchors)
        #expect(report.exitStatus == 2 && report.finding == nil, "\(report)")
        #expect(report.notChecked.contains { $0.contains("checkpoints of 400 records") }, "\(report.notChecked)")
    }

    @Test("the latest has to have its quorum, though its entries are not there")
    func laterQuorum() throws {
        let published = try publish(entryCount: 400)
        let witness = NoteSigner(name: "w.example", key: SigningKey(insecureDeterministic: 70), kind: .cosignature)!
        let anchors = try Anchors(
            venue: fixture.venueId, log: fixture.log.verifierKey, witnesses: [witness.verifierKey], quorum: 1)
        let report = audit(.tiles(published.tiles), anchors)
        #expect(report.finding?.verdict == .quorum, "\(report)")
    }

    @Test("a size can be asked for: a kept one, or nothing")
    func asked() throws {
        let published = try publish(entryCount: .max)
        let report = audit(.tiles(published.tiles), fixture.anchors) { $0.size = 300 }
        #expect(report.exitStatus == 0 && report.counts.records == 300, "\(report)")
        #expect(report.notes.contains { $0.contains("as was asked for") })
        let none = audit(.tiles(published.tiles), fixture.anchors) { $0.size = 301 }
        #expect(none.exitStatus == 2 && none.finding == nil, "\(none)")
        let anchors = published.directory + "/anchors"
        try Data(fixture.anchors.text.utf8).write(to: URL(fileURLWithPath: anchors))
        func run(_ source: String, _ place: String, _ size: String) throws -> Int32 {
            try Executables.run("verifier", ["audit", source, place, "--anchors", anchors, "--size", size]).status
        }
        #expect(try run("--tiles", published.tiles, "512") == 0)
        #expect(try run("--journal", published.journal, "512") == 64)
        #expect(try run("--tiles", published.tiles, "0") == 64)
    }
}
