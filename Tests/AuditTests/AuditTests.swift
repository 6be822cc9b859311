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
        try published.writeTiles(fixture.records, log: fixture.log)
        try published.writeBatches([fixture.batch(1...20)])
        let report = audit(.journal(published.journal), fixture.anchors) { $0.published = published.tiles }
        #expect(report.finding == nil, "\(report.finding!)")
        #expect(report.exitStatus == 0 && report.notChecked.isEmpty, "\(report.notChecked)")
        #expect(report.counts.records == UInt64(fixture.records.count))
        #expect(report.counts.trades == 601 && report.counts.orders == 605 && report.counts.commitments == 2)
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
        try published.writeTiles(Array(fixture.records.prefix(600)), sizes: [10, 300, 600], log: fixture.log)
        try published.writeBatches([fixture.batch(1...20)])
        let report = audit(.journal(published.journal), fixture.anchors) { $0.published = published.tiles }
        #expect(report.exitStatus == 0, "\(report)")
        #expect(report.counts.checkpoints == 4 && report.checkpointSize == 600)
    }

    @Test func batchesAlonePass() throws {
        let fixture = AuditFixture()
        let published = try Published()
        try published.writeTiles(Array(fixture.records.prefix(500)), sizes: [100, 500], log: fixture.log)
        let first = fixture.batch(1...20)
        let second = fixture.batch(21...UInt64(fixture.records.count), previous: first.digest)
        try published.writeBatches([first, second])
        let report = audit(.batches(published.data), fixture.anchors) { $0.published = published.tiles }
        #expect(report.exitStatus == 0, "\(report)")
        #expect(report.counts.records == UInt64(fixture.records.count) && report.counts.batches == 2)
    }
}
