import Cryptography
import Foundation
import Proof
import Replay
import Testing
import Wire

@testable import Settlement

/// Where a settlement plane goes on.
@Suite struct RestartTests {
    @Test("a restart goes on behind the newest good snapshot, a bad one is passed over, and commitments stay right")
    func snapshots() throws {
        let venue = try SettledVenue([("snapshot_records", "50")])
        try venue.startNode()
        try venue.startPlane().waitUntilReady()
        for count in 1...2 {
            try venue.tradeAtOnce(70)
            try waitUntil("commitment and snapshot") {
                try CommitmentTests.isCommitted(venue) && directory(venue).sequences().count == count
            }
        }
        try venue.stopPlane()
        let sequences = directory(venue).sequences()
        // Of every state that is kept the log has the root.
        for sequence in sequences {
            let snapshot = try snapshot(venue, sequence)
            let root = try StateTree(canonical: snapshot.state).root(through: sequence)
            let commitment = try CommitmentTests.commitments(venue.settings.journalDirectory).first {
                $0.through == sequence
            }
            #expect(commitment?.stateRoot == Bytes32(root) && commitment?.chainHead == snapshot.chainHead)
        }
        #expect(try goOn(venue).contains("snapshot of record \(sequences[1])"))

        let newest =
            "\(venue.state)/snapshots/\(SnapshotDirectory.name(try #require(directory(venue).sequences().last)))"
        var bytes = try #require(FileManager.default.contents(atPath: newest))
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: URL(fileURLWithPath: newest))
        let older = directory(venue).sequences().dropLast().last ?? 0
        let errors = try goOn(venue)
        #expect(errors.contains("snapshot not used") && errors.contains("snapshot of record \(older)"))

        // Without any the replay begins with genesis.
        try FileManager.default.removeItem(atPath: "\(venue.state)/snapshots")
        #expect(try !goOn(venue).contains("from the snapshot"))
        try venue.stopNode()
        #expect(try PublishedLog(venue).faults() == [])
        try CommitmentTests.checkAll(venue)
    }

    private func snapshot(_ venue: SettledVenue, _ sequence: UInt64) throws -> StateSnapshot {
        let path = "\(venue.state)/snapshots/\(SnapshotDirectory.name(sequence))"
        let bytes = try #require(FileManager.default.contents(atPath: path))
        return try StateSnapshot([UInt8](bytes), genesis: try VenueIdentity(venue.settings).genesisBytes)
    }

    private func directory(_ venue: SettledVenue) -> SnapshotDirectory {
        SnapshotDirectory(venue.state + "/snapshots")
    }

    /// Starts the plane, trades until that is committed, ends it. Returns what it said.
    private func goOn(_ venue: SettledVenue) throws -> String {
        let before = try CommitmentTests.commitments(venue.settings.journalDirectory).count
        let plane = try venue.startPlane()
        try plane.waitUntilReady()
        try venue.trade(10)
        try waitUntil("the commitment; \(plane.errorText)") {
            try CommitmentTests.isCommitted(venue)
                && CommitmentTests.commitments(venue.settings.journalDirectory).count > before
        }
        try venue.stopPlane()
        return plane.errorText
    }

    @Test("two settlement planes do not run on one directory")
    func inUse() throws {
        let venue = try SettledVenue()
        try venue.startNode()
        let first = try venue.startPlane()
        try first.waitUntilReady()
        let second = try venue.startPlane()
        #expect(second.wait() == 7 && second.errorText.contains("another settlement plane"))
        #expect(first.stop() == 0)
    }

    @Test("a log key that is not the venue's signs nothing")
    func wrongKey() throws {
        let venue = try SettledVenue()
        try venue.startNode()
        try venue.trade(10)
        let other = try SettledVenue()
        for name in ["log.key"] {
            try FileManager.default.removeItem(atPath: "\(venue.directory)/keys/\(name)")
            try FileManager.default.copyItem(
                atPath: "\(other.directory)/keys/\(name)", toPath: "\(venue.directory)/keys/\(name)")
        }
        #expect(try venue.startPlane().wait() == 6)
        #expect(!FileManager.default.fileExists(atPath: venue.published + "/checkpoint"))
        #expect(!FileManager.default.fileExists(atPath: SignedHead.path(venue.state)))
    }
}
