import Foundation
import Glibc
import Proof
import Replay
import Testing

@testable import Settlement

/// kill -9 at the calls that publish a state: what is listed is there and whole at every moment, and a restart goes on.
@Suite(.serialized, .enabled(if: Strace.isInstalled)) struct SnapshotSweepTests {
    @Test(arguments: ["link", "rename", "unlink", "fsync"])
    func killedAt(_ call: String) throws {
        let settings = [("snapshot_records", "50"), ("checkpoint_interval_ms", "100")]
        let venue = try SettledVenue(settings + [("publish_delay_ms", "3_600_000")])
        // Two states that wait for their entries, one after the other.
        try venue.startNode()
        try venue.startPlane().waitUntilReady()
        for count in 1...2 {
            try venue.tradeAtOnce(70)
            try waitUntil("a snapshot and its commitment") {
                try CommitmentTests.isCommitted(venue)
                    && SnapshotDirectory(venue.state + "/snapshots").sequences().count == count
            }
        }
        try venue.stopPlane()
        try venue.stopNode()
        try venue.configure(settings)
        let newest = try #require(SnapshotDirectory(venue.state + "/snapshots").sequences().last)
        let before = venue.directory + "/before"
        try FileManager.default.createDirectory(atPath: before, withIntermediateDirectories: true)
        for (path, name) in [(venue.state, "state"), (venue.published, "published")] {
            try FileManager.default.copyItem(atPath: path, toPath: "\(before)/\(name)")
        }
        var number = 1, kills = 0
        while true {
            for (path, name) in [(venue.state, "state"), (venue.published, "published")] {
                try FileManager.default.removeItem(atPath: path)
                try FileManager.default.copyItem(atPath: "\(before)/\(name)", toPath: path)
            }
            let plane = try venue.startPlane(tracer: Strace.killing(call, at: number))
            try waitUntil("an end") { try !plane.isRunning || listed(venue).last == newest }
            if plane.isRunning { plane.stop() }
            if plane.wait() != 128 + SIGKILL { break }
            kills += 1
            try check(venue, "killed at \(call) \(number)")
            try venue.startPlane().waitUntilReady()
            try waitUntil("the state after \(call) \(number)") { try listed(venue).last == newest }
            try venue.stopPlane()
            try check(venue, "restarted after \(call) \(number)")
            number += call == "link" ? 1 : KillSweepTests.step
        }
        #expect(kills > 0)
    }

    private func listed(_ venue: SettledVenue) throws -> [UInt64] {
        guard let bytes = FileManager.default.contents(atPath: "\(venue.published)/\(SnapshotFiles.index)") else {
            return []
        }
        return try CheckpointFiles.sizes([UInt8](bytes))
    }

    /// Every state that has its name is whole, and every one that is listed is there.
    private func check(_ venue: SettledVenue, _ moment: String) throws {
        let directory = "\(venue.published)/\(SnapshotFiles.directory)"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        let sequences = names.compactMap(SnapshotFiles.sequence)
        #expect(try Set(listed(venue)).isSubset(of: sequences), "\(moment)")
        let genesis = try VenueIdentity(venue.settings).genesisBytes
        for sequence in sequences {
            let path = "\(venue.published)/\(SnapshotFiles.path(sequence))"
            let bytes = try #require(FileManager.default.contents(atPath: path))
            #expect(try StateSnapshot([UInt8](bytes), genesis: genesis).sequence == sequence, "\(moment)")
        }
    }
}
