import Foundation
import Proof
import Replay
import Testing

@testable import Settlement

/// States that strangers begin an audit with.
@Suite struct SnapshotPublishingTests {
    private func own(_ venue: SettledVenue) -> SnapshotDirectory { SnapshotDirectory(venue.state + "/snapshots") }

    /// The list; empty while there is none.
    private func listed(_ venue: SettledVenue) throws -> [UInt64] {
        guard let bytes = FileManager.default.contents(atPath: "\(venue.published)/\(SnapshotFiles.index)") else {
            return []
        }
        return try CheckpointFiles.sizes([UInt8](bytes))
    }

    /// Trades until a newer state than all before is published; no other one comes behind it.
    private func publishNext(_ venue: SettledVenue) throws {
        let before = try listed(venue).last ?? 0
        try venue.tradeAtOnce(70)
        try waitUntil("a state is published; \(venue.plane?.errorText ?? "")") { try listed(venue).last ?? 0 > before }
    }

    private func audit(_ venue: SettledVenue, _ arguments: [String]) throws -> (status: Int32, output: String) {
        let path = venue.directory + "/anchors"
        let anchors = try Anchors(venue: venue.id, log: venue.logVerifier)
        try Data(anchors.text.utf8).write(to: URL(fileURLWithPath: path))
        return try RunningProcess.run("verifier", ["audit", "--anchors", path, "--quiet"] + arguments)
    }

    @Test("the newest are published and listed, old ones go, and an audit of a venue at work begins behind any of them")
    func published() throws {
        let venue = try SettledVenue([("snapshot_records", "50")])
        try venue.startNode()
        let plane = try venue.startPlane(isServing: true)
        try plane.waitUntilReady()
        for _ in 0..<3 { try publishNext(venue) }
        let sequences = try listed(venue)
        #expect(sequences.count == 2)
        let directory = "\(venue.published)/\(SnapshotFiles.directory)"
        let names = Set(sequences.map { String(SnapshotFiles.path($0).dropFirst(10)) } + ["index"])
        // What fell off the list goes after the list is there.
        try waitUntil("no others") { try Set(FileManager.default.contentsOfDirectory(atPath: directory)) == names }

        let url = "http://" + (try #require(plane.value("http")))
        for sequence in sequences {
            let file = SnapshotFiles.path(sequence)
            for (tiles, snapshot) in [(url, "\(url)/\(file)"), (venue.published, "\(venue.published)/\(file)")] {
                let report = try audit(venue, ["--tiles", tiles, "--snapshot", snapshot])
                #expect(report.status == 0, "\(report.output)")
                #expect(report.output.contains("records 1 to \(sequence) were not replayed"), "\(report.output)")
            }
        }
        try venue.stopPlane()
        try venue.stopNode()
        // The journal with the node's own word for where it ends, and with what was published beside it.
        let last = "\(venue.published)/\(SnapshotFiles.path(sequences[1]))"
        let journal = ["--journal", venue.settings.journalDirectory, "--snapshot", last]
        #expect(try audit(venue, journal + ["--no-checkpoints"]).status == 0)
        let report = try audit(venue, journal + ["--published", venue.published])
        #expect(report.status == 0, "\(report.output)")
        #expect(try audit(venue, ["--tiles", venue.published]).status == 0)
    }

    @Test("none is published before the entries are, which publish_delay_ms holds back; a damaged one never")
    func behindEntries() throws {
        let venue = try SettledVenue([("snapshot_records", "50"), ("publish_delay_ms", "3_600_000")])
        try venue.startNode()
        try venue.startPlane().waitUntilReady()
        try venue.tradeAtOnce(70)
        try waitUntil("a snapshot, and its commitment in a checkpoint") {
            let size = UInt64(try PublishedLog(venue).leaves.count)
            return try CommitmentTests.isCommitted(venue) && !own(venue).sequences().isEmpty
                && PublishedLog(venue).latest()?.checkpoint.size == size
        }
        try venue.stopPlane()
        #expect(try listed(venue) == [])
        let newest = try #require(own(venue).sequences().last)
        let path = "\(own(venue).path)/\(SnapshotDirectory.name(newest))"
        let good = try #require(FileManager.default.contents(atPath: path))
        var bad = good
        bad[bad.count / 2] ^= 1
        try bad.write(to: URL(fileURLWithPath: path))

        try venue.configure([("snapshot_records", "50")])
        let plane = try venue.startPlane()
        try plane.waitUntilReady()
        try waitUntil("it is passed over") { plane.errorText.contains("record \(newest) is not published: its hash") }
        #expect(try listed(venue) == [])
        // The next one that is good is published.
        try publishNext(venue)
        #expect(try listed(venue).allSatisfy { $0 > newest })
        try venue.stopPlane()
    }
}
