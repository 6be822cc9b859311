import Cryptography
import Foundation
import Replay
import Testing

@testable import Audit

/// What an audit leaves for the next one.
@Suite struct SavedSnapshotTests {
    private let published: Published
    private var saved: String { published.directory + "/saved" }

    init() throws { published = try Published() }

    private func publish(_ fixture: AuditFixture, _ count: Int) throws {
        try? FileManager.default.removeItem(atPath: published.tiles)
        try published.writeTiles(Array(fixture.records.prefix(count)), sizes: [count], log: fixture.log)
        try published.writeBatches([fixture.batch(1...20)])
    }

    private func report(
        _ fixture: AuditFixture, _ change: (inout Audit.Options) -> Void = { _ in }
    ) -> AuditReport {
        audit(.tiles(published.tiles), fixture.anchors) {
            $0.saveSnapshot = saved
            change(&$0)
        }
    }

    @Test("each day goes on where the day before ended, and all days come to what an audit of everything does")
    func chain() throws {
        let fixture = AuditFixture(orders: 300)
        var sizes = [Int(fixture.sequences[.firstOrder]!) + 20, fixture.records.count]
        for _ in 0..<3 {
            fixture.restart()
            fixture.commit()
            sizes.append(fixture.records.count)
        }
        // A day on which nothing was committed.
        fixture.restart()
        sizes.append(fixture.records.count)
        var records: UInt64 = 0, start: UInt64 = 0
        for (day, size) in sizes.enumerated() {
            try publish(fixture, size)
            let report = report(fixture) { if day > 0 { $0.snapshot = saved } }
            #expect(report.exitStatus == 0, "day \(day): \(report)")
            #expect(report.startedBehind == (day > 0 ? start : nil))
            let last = try #require(fixture.committed.last { $0 < UInt64(size) })
            #expect(report.savedThrough == last && ReportPrinter.text(report).contains("behind record \(last)"))
            #expect(try Data(contentsOf: URL(fileURLWithPath: saved)) == Data(fixture.snapshot(at: last).bytes))
            records += report.counts.records
            start = last
            let whole = audit(.tiles(published.tiles), fixture.anchors)
            #expect(whole.exitStatus == 0 && whole.logRoot == report.logRoot && whole.chainHead == report.chainHead)
        }
        #expect(records >= UInt64(fixture.records.count))
    }

    @Test("nothing is written when something fails or is not checked; what was there stays")
    func notWritten() throws {
        let fixture = AuditFixture(orders: 30)
        try Data("yesterday".utf8).write(to: URL(fileURLWithPath: saved))
        func isKept() throws -> Bool {
            try Data(contentsOf: URL(fileURLWithPath: saved)) == Data("yesterday".utf8)
                && !FileManager.default.fileExists(atPath: saved + ".draft")
        }
        try publish(fixture, fixture.records.count)
        try FileManager.default.removeItem(atPath: published.tiles + "/da")
        #expect(report(fixture).exitStatus == 2)
        #expect(try isKept())
        let lying = AuditFixture(orders: 30) { step, draft in
            if step == .withdraw { draft.effects[16] ^= 1 }
            return true
        }
        try publish(lying, lying.records.count)
        #expect(report(lying).exitStatus == 1)
        #expect(try isKept())
        // Before the first commitment there is no state to write.
        try publish(fixture, Int(fixture.sequences[.firstCommitment]!) - 1)
        let early = report(fixture)
        #expect(early.exitStatus == 2 && early.savedThrough == nil && early.counts.records > 0, "\(early)")
        #expect(try isKept())
        // Nor where it cannot be written.
        try publish(fixture, fixture.records.count)
        let nowhere = report(fixture) { $0.saveSnapshot = "/nonexistent/saved" }
        #expect(nowhere.exitStatus == 2 && nowhere.notChecked.contains { $0.contains("no snapshot was written") })
        #expect(report(fixture).exitStatus == 0)
        #expect(try !isKept())
    }

    @Test("the program takes and writes them, says from where on, and tells how")
    func program() throws {
        let fixture = AuditFixture(orders: 30)
        try publish(fixture, fixture.records.count)
        let anchors = published.directory + "/anchors"
        try Data(fixture.anchors.text.utf8).write(to: URL(fileURLWithPath: anchors))
        let common = ["audit", "--tiles", published.tiles, "--anchors", anchors, "--quiet"]
        #expect(try Executables.run("verifier", common + ["--save-snapshot", saved]).status == 0)
        let next = try Executables.run("verifier", common + ["--snapshot", saved, "--save-snapshot", saved, "--json"])
        let object = try JSONSerialization.jsonObject(with: Data(next.output.utf8)) as? [String: Any]
        let start = try #require(fixture.committed.last)
        #expect(next.status == 0 && object?["startedBehind"] as? UInt64 == start, "\(next.output)")
        #expect(object?["startCommitment"] as? UInt64 == start + 1 && object?["savedThrough"] as? UInt64 == start)
        let bad = try Executables.run("verifier", common + ["--snapshot", anchors])
        #expect(bad.status == 2 && bad.output.contains("NOT CHECKED") && bad.output.contains("an older one"), "\(bad)")
        for wrong in [
            ["--batches", published.directory, "--snapshot", saved],
            ["--tiles", published.tiles, "--snapshot", saved, "--feed", anchors],
            ["--tiles", published.tiles, "--snapshot", "ftp://nowhere/x"],
            ["--tiles", published.tiles, "--save-snapshot", "http://nowhere/x"],
        ] {
            #expect(try Executables.run("verifier", ["audit", "--anchors", anchors] + wrong).status == 64, "\(wrong)")
        }
    }
}
