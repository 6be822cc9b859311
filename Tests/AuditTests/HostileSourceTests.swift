import Cryptography
import Foundation
import Proof
import Testing
import Wire

@testable import Audit

/// Sources that are damaged, empty or hostile: a verdict or NOT CHECKED, never success, never a crash.
@Suite struct HostileSourceTests {
    private func publish(_ fixture: AuditFixture, sizes: [Int]? = nil) throws -> Published {
        let published = try Published()
        try published.writeTiles(fixture.records, sizes: sizes, log: fixture.log)
        return published
    }

    @Test func emptyDirectoryIsNotSuccess() throws {
        let published = try Published()
        let fixture = AuditFixture(orders: 1)
        for source in [
            Audit.Source.tiles(published.directory), .journal(published.directory), .tiles("/nonexistent"),
            .journal("/nonexistent"), .tiles("http://127.0.0.1:1/"), .batches(published.directory),
        ] {
            let report = audit(source, fixture.anchors)
            #expect(report.exitStatus == 2 && !report.notChecked.isEmpty, "\(source): \(report)")
        }
    }

    @Test func attackersKeyInTheDirectoryIsNotBelieved() throws {
        let fixture = AuditFixture(orders: 3)
        let attacker = NoteSigner(name: fixture.log.verifierKey.name, key: SigningKey(insecureDeterministic: 66))!
        let published = try Published()
        try published.writeTiles(fixture.records, log: attacker)
        let report = audit(.tiles(published.tiles), fixture.anchors)
        #expect(report.finding?.verdict == .checkpoint, "\(report)")
    }

    @Test func anotherVenueIsNotBelieved() throws {
        let fixture = AuditFixture(orders: 3)
        let published = try publish(fixture)
        let anchors = try Anchors(
            venue: Hash256(hexadecimal: String(repeating: "ab", count: 32))!, log: fixture.log.verifierKey)
        let report = audit(.tiles(published.tiles), anchors)
        #expect(report.finding?.verdict == .foreignVenue && report.finding?.sequence == 1)
    }

    @Test func changedEntryIsTheBundles() throws {
        let fixture = AuditFixture()
        let published = try publish(fixture)
        // The first entry of the second bundle: its length, then the record.
        try published.change("published/tile/entries/001") { $0[2 + RecordLayout.time] ^= 1 }
        let report = audit(.tiles(published.tiles), fixture.anchors)
        #expect(report.finding?.verdict == .entries && report.finding?.sequence == 257, "\(report)")
    }

    @Test func changedTileIsTheTiles() throws {
        let fixture = AuditFixture()
        let published = try publish(fixture)
        try published.change("published/tile/0/001") { $0[0] ^= 1 }
        let report = audit(.tiles(published.tiles), fixture.anchors)
        #expect(report.finding?.verdict == .tile && report.finding?.sequence == 257, "\(report)")
    }

    @Test func tileOfAnotherWidthIsFound() throws {
        let fixture = AuditFixture()
        let published = try publish(fixture)
        try published.change("published/tile/0/000") { $0.removeLast(32) }
        let report = audit(.tiles(published.tiles), fixture.anchors)
        #expect(report.finding?.verdict == .tile && report.finding?.sequence == 1, "\(report)")
    }

    @Test(arguments: ["tile/entries/001", "tile/0/001", "checkpoint"])
    func missingFileIsNotChecked(name: String) throws {
        let fixture = AuditFixture()
        let published = try publish(fixture)
        try FileManager.default.removeItem(atPath: "\(published.tiles)/\(name)")
        let report = audit(.tiles(published.tiles), fixture.anchors)
        #expect(report.finding == nil && report.exitStatus == 2, "\(report)")
    }

    @Test func otherRootAtAnEarlierSizeIsFound() throws {
        let fixture = AuditFixture()
        let published = try publish(fixture)
        let size = UInt64(fixture.records.count)
        let latest = try Data(contentsOf: URL(fileURLWithPath: published.tiles + "/checkpoint"))
        try published.writeCheckpoint(size: 100, root: Sha256.hash([1]), log: fixture.log)
        try latest.write(to: URL(fileURLWithPath: published.tiles + "/checkpoint"))
        let report = audit(.tiles(published.tiles), fixture.anchors)
        #expect(report.finding?.verdict == .checkpointRoot && report.finding?.sequence == 100, "\(report)")
        #expect(size > 100)
    }

    @Test func journalShorterThanItsCheckpointIsTruncated() throws {
        let fixture = AuditFixture()
        let published = try publish(fixture)
        try published.writeJournal(Array(fixture.records.prefix(400)), venueId: fixture.venueId)
        let report = audit(.journal(published.journal), fixture.anchors) { $0.published = published.tiles }
        #expect(report.finding?.verdict == .truncated && report.finding?.sequence == 401, "\(report)")
    }

    @Test func witnessesAreHeldToQuorumAndTime() throws {
        let fixture = AuditFixture(orders: 3)
        let witness = NoteSigner(name: "w.example", key: SigningKey(insecureDeterministic: 70), kind: .cosignature)!
        let anchors = try Anchors(
            venue: fixture.venueId, log: fixture.log.verifierKey, witnesses: [witness.verifierKey], quorum: 1)
        let without = try publish(fixture)
        #expect(audit(.tiles(without.tiles), anchors).finding?.verdict == .quorum)
        for (time, verdict) in [(UInt64(1_700_000_005), nil), (1_699_999_900, Verdict.timeAhead)] {
            let published = try Published()
            try published.writeTiles(fixture.records, log: fixture.log, witnesses: [(witness, time)])
            let report = audit(.tiles(published.tiles), anchors)
            #expect(report.finding?.verdict == verdict, "\(report)")
        }
        let published = try Published()
        let forged = NoteSigner(name: "w.example", key: SigningKey(insecureDeterministic: 70), kind: .cosignature)!
        try published.writeTiles(fixture.records, log: fixture.log, witnesses: [(forged, 1_700_000_005)])
        try published.change("published/checkpoint") { bytes in
            // A digit of the last signature line, which is the witness's.
            let index = bytes.count - 20
            bytes[index] = bytes[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
        }
        #expect(audit(.tiles(published.tiles), anchors).finding?.verdict == .cosignature)
    }
}
