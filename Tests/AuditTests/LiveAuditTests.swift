import Cryptography
import Foundation
import Proof
import Testing

@testable import Audit
@testable import Journal

/// Audits of venues that are at work: what comes while they run is the next audit's, and no fraud.
@Suite struct LiveAuditTests {
    private let fixture = AuditFixture(orders: 600)

    /// Records before the second commitment: the first is among them.
    private var earlier: [[UInt8]] { Array(fixture.records.prefix(Int(fixture.sequences[.secondCommitment]!) - 1)) }

    private func bundle(_ count: Int) -> String {
        "\(TilePath(.entries, index: UInt64(count - 1) / 256, width: (count - 1) % 256 + 1))"
    }

    @Test("a log that grows while it is audited is audited as it was at first")
    func growingLog() throws {
        let before = try Published(), after = try Published()
        try before.writeTiles(earlier, log: fixture.log)
        try after.writeTiles(fixture.records, sizes: [earlier.count, fixture.records.count], log: fixture.log)
        let last = bundle(earlier.count)
        // Changes behind the bundle that decides which checkpoint is read.
        let place = try WebPlace(before.tiles, then: after.tiles, behind: last)
        let report = audit(.tiles(place.url), fixture.anchors)
        #expect(report.exitStatus == 0 && report.counts.records == UInt64(earlier.count), "\(report)")
        #expect(report.counts.commitments == 1 && report.checkpointSize == UInt64(earlier.count))
        // The next audit has the rest.
        #expect(audit(.tiles(place.url), fixture.anchors).counts.records == UInt64(fixture.records.count))
    }

    @Test("a journal that grows while it is audited is audited as it was at first")
    func growingJournal() throws {
        let published = try Published()
        try published.writeTiles(earlier, log: fixture.log)
        try published.writeJournal(earlier, venueId: fixture.venueId)
        let segment = published.journal + "/" + JournalFiles.segment(1)
        let offset = UInt64(SegmentHeader.byteCount + earlier.reduce(0) { $0 + $1.count })
        let rest = Data(fixture.records.dropFirst(earlier.count).joined())
        // Certificates are asked for in the second walk.
        let place = try WebPlace(published.tiles) { name in
            guard name.hasPrefix("da/"), let file = FileHandle(forWritingAtPath: segment) else { return }
            try? file.seek(toOffset: offset)
            try? file.write(contentsOf: rest)
            try? file.close()
        }
        let report = audit(.journal(published.journal), fixture.anchors) { $0.published = place.url }
        #expect(place.names.contains { $0.hasPrefix("da/") })
        #expect(report.exitStatus == 0 && report.counts.records == UInt64(earlier.count), "\(report)")
        let next = audit(.journal(published.journal), fixture.anchors) { $0.checksCheckpoints = false }
        #expect(next.counts.records == UInt64(fixture.records.count), "\(next)")
    }

    @Test("over a network a tile is asked for once")
    func asksOnce() throws {
        let published = try Published()
        try published.writeTiles(fixture.records, log: fixture.log)
        let place = try WebPlace(published.tiles)
        // Without the batches that a commitment names: every record is read all the same.
        let report = audit(.tiles(place.url), fixture.anchors)
        #expect(report.finding == nil && report.counts.records == UInt64(fixture.records.count), "\(report)")
        var tiles = place.names.filter { $0.hasPrefix("tile/") }
        // Whether the last bundle is there decides which checkpoint is read.
        let probe = try #require(tiles.firstIndex(of: bundle(fixture.records.count)))
        tiles.remove(at: probe)
        #expect(tiles.contains { $0.hasPrefix("tile/entries/") } && tiles.contains { $0.hasPrefix("tile/0/") })
        #expect(Set(tiles).count == tiles.count, "\(tiles)")
    }

    @Test("bundles are kept in order, and within a bound")
    func fetchedBundles() throws {
        let kept = try #require(FetchedBundles(limit: 1_000))
        kept.keep(1, [1, 2], isPartial: false)
        #expect(kept.bundle(1) == nil)
        kept.keep(0, [UInt8](repeating: 3, count: 600), isPartial: false)
        kept.keep(1, [UInt8](repeating: 4, count: 401), isPartial: false)
        kept.keep(1, [UInt8](repeating: 5, count: 400), isPartial: true)
        kept.keep(2, [6], isPartial: false)
        #expect(kept.bundle(0)?.bytes == [UInt8](repeating: 3, count: 600) && kept.bundle(0)?.isPartial == false)
        #expect(kept.bundle(1)?.bytes == [UInt8](repeating: 5, count: 400) && kept.bundle(1)?.isPartial == true)
        #expect(kept.bundle(2) == nil)
    }
}
