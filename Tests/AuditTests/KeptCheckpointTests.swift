import Cryptography
import Foundation
import Proof
import Testing

@testable import Audit

/// Every checkpoint that a venue keeps is checked, over a URL too; and what it says it keeps is held to what is there.
@Suite struct KeptCheckpointTests {
    private let fixture = AuditFixture(orders: 30)

    private func publish() throws -> Published {
        let published = try Published()
        try published.writeTiles(fixture.records, sizes: [7, 20, fixture.records.count], log: fixture.log)
        try published.writeBatches([fixture.batch(1...20)])
        return published
    }

    /// A checkpoint of a root that the records do not have, kept as if the venue had signed it before.
    private func lie(_ published: Published, size: UInt64) throws {
        let latest = try Data(contentsOf: URL(fileURLWithPath: published.tiles + "/checkpoint"))
        try published.writeCheckpoint(size: size, root: Sha256.hash([1]), log: fixture.log)
        try latest.write(to: URL(fileURLWithPath: published.tiles + "/checkpoint"))
    }

    @Test("over a URL all that are listed are checked, of whichever size")
    func listed() throws {
        let published = try publish()
        let server = try WebServer(directory: published.tiles)
        let honest = audit(.tiles(server.url), fixture.anchors)
        #expect(honest.exitStatus == 0 && honest.counts.checkpoints == 4, "\(honest)")
        // No commitment speaks of this size.
        try lie(published, size: 9)
        let report = audit(.tiles(server.url), fixture.anchors)
        #expect(report.finding?.verdict == .checkpointRoot && report.finding?.sequence == 9, "\(report)")
    }

    @Test("without a list, or with one that cannot be read, nothing is known over a URL: NOT CHECKED")
    func withoutList() throws {
        let published = try publish()
        let server = try WebServer(directory: published.tiles)
        for text in [nil, "20\n7\n", "7\n\n", "07\n", "x\n"] {
            try write(text, published)
            let report = audit(.tiles(server.url), fixture.anchors)
            #expect(report.exitStatus == 2 && report.finding == nil, "\(text ?? "none"): \(report)")
            #expect(report.notChecked.contains { $0.contains(CheckpointFiles.index) }, "\(report)")
        }
    }

    /// Replaces the list; nil: removes it.
    private func write(_ text: String?, _ published: Published) throws {
        let path = "\(published.tiles)/\(CheckpointFiles.index)"
        guard let text else { return try FileManager.default.removeItem(atPath: path) }
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }

    @Test("list and directory are held to each other; a line that is being written is none")
    func compared() throws {
        let published = try publish()
        let count = fixture.records.count
        func check(_ list: String) throws -> AuditReport {
            try write(list, published)
            return audit(.tiles(published.tiles), fixture.anchors)
        }
        #expect(try check("7\n20\n\(count)\n").exitStatus == 0)
        #expect(try check("7\n20\n\(count)\n1").exitStatus == 0)
        // One is not listed; one is listed and not there.
        for list in ["20\n\(count)\n", "7\n8\n20\n\(count)\n"] {
            let report = try check(list)
            #expect(report.exitStatus == 2 && report.finding == nil, "\(report)")
        }
        // Not listed, and wrong: it is found where it can be seen.
        try lie(published, size: 9)
        #expect(try check("7\n20\n\(count)\n").finding?.sequence == 9)
        // Without a list a directory can still be looked through.
        try FileManager.default.removeItem(atPath: "\(published.tiles)/\(CheckpointFiles.path(9))")
        try write(nil, published)
        let report = audit(.tiles(published.tiles), fixture.anchors)
        #expect(report.exitStatus == 0 && report.notes.contains { $0.contains(CheckpointFiles.index) }, "\(report)")
    }

    @Test("a committed size that has a checkpoint, and is not listed, is said")
    func unlisted() throws {
        let published = try Published()
        let through = try #require(fixture.sequences[.firstCommitment]) - 1
        try published.writeTiles(
            fixture.records, sizes: [Int(through), fixture.records.count], log: fixture.log)
        try published.writeBatches([fixture.batch(1...20)])
        let server = try WebServer(directory: published.tiles)
        #expect(audit(.tiles(server.url), fixture.anchors).exitStatus == 0)
        try write("\(fixture.records.count)\n", published)
        let report = audit(.tiles(server.url), fixture.anchors)
        #expect(report.exitStatus == 2 && report.notChecked.contains { $0.contains("\(through) records") }, "\(report)")
    }
}
