import Cryptography
import Foundation
import Proof
import Testing
import Wire

@testable import Audit

/// A history that is true passes, from every source.
@Suite struct TrueHistoryTests {
    @Test func journalPasses() throws {
        let fixture = AuditFixture()
        let published = try Published()
        try published.writeJournal(fixture.records, venueId: fixture.venueId)
        let report = audit(.journal(published.journal), fixture.anchors) { $0.checksCheckpoints = false }
        #expect(report.finding == nil, "\(report.finding!)")
        #expect(report.exitStatus == 0 && report.notChecked.isEmpty, "\(report.notChecked)")
        #expect(report.counts.records == UInt64(fixture.records.count))
        #expect(report.counts.trades == 601 && report.counts.orders == 605)
        // One a command, and the proofs: two accounts opened and one refused, a trading key, a rotation of two.
        #expect(report.counts.signatures == report.counts.commands + 3 + 1 + 2)
    }

    @Test func journalWithoutPublishedCheckpointsIsNotSuccess() throws {
        let fixture = AuditFixture(orders: 5)
        let published = try Published()
        try published.writeJournal(fixture.records, venueId: fixture.venueId)
        let report = audit(.journal(published.journal), fixture.anchors)
        #expect(report.finding == nil && report.exitStatus == 2)
        #expect(report.notChecked.contains { $0.hasPrefix("checkpoints") })
    }

    @Test(arguments: [1, 2, 5, 250, 255, 256, 257, 600])
    func tilesPass(size: Int) throws {
        let fixture = AuditFixture()
        let published = try Published()
        let records = Array(fixture.records.prefix(size))
        try published.writeTiles(records, sizes: [1, 2, 3, size / 2, size].filter { $0 > 0 }, log: fixture.log)
        let report = audit(.tiles(published.tiles), fixture.anchors)
        #expect(report.exitStatus == 0, "\(report)")
        #expect(report.counts.records == UInt64(size) && report.checkpointSize == UInt64(size))
    }

    @Test func journalMatchesPublishedCheckpoints() throws {
        let fixture = AuditFixture()
        let published = try Published()
        try published.writeJournal(fixture.records, venueId: fixture.venueId)
        try published.writeTiles(fixture.records, sizes: [10, 300, 600], log: fixture.log)
        let report = audit(.journal(published.journal), fixture.anchors) { $0.published = published.tiles }
        #expect(report.exitStatus == 0, "\(report)")
        #expect(report.counts.checkpoints == 4 && report.checkpointSize == 600)
    }
}
