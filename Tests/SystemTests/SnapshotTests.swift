import Cryptography
import Foundation
import Journal
import Replay
import Testing
import Venue
import Wire

/// A start behind a snapshot: the same venue as one that begins with genesis.
@Suite struct SnapshotTests {
    /// Snapshots of the venue's journal after the records that end a command, every so many.
    private func writeSnapshots(_ venue: VenueFixture, every: UInt64) throws -> [UInt64] {
        let store = SnapshotDirectory(venue.directory + "/settlement/snapshots")
        var scan = try JournalScan(directory: venue.directory + "/journal")
        let first = try #require(try scan.next())
        var replayer = Replayer<Venue>(genesis: GenesisMessage(first.command))
        var record: RecordView? = first
        while let current = record {
            try replayer.replay(current)
            if current.sequence % every == 0, let snapshot = replayer.snapshot() {
                try store.write(snapshot, kept: 100)
            }
            record = try scan.next()
        }
        return store.sequences()
    }

    @Test func aNodeGoesOnBehindTheNewestGoodSnapshot() throws {
        let venue = try VenueFixture()
        let market = Market()
        var node = try NodeProcess(venue.configurationFile)
        try market.open(node.orderEntryPort, venue)
        let client = try market.client(node.orderEntryPort, venue)
        let first = Commands.order(Market.sellerAccount, .sell, 100_000, 1, nonce: 1)
        try client.send(first, by: market.seller)
        let original = try client.receive()
        for nonce in 2...60 as ClosedRange<UInt64> {
            try client.send(Commands.order(Market.sellerAccount, .sell, 100_000, 1, nonce: nonce), by: market.seller)
            #expect(try client.receive().template == Template.orderAccepted)
        }
        #expect(node.stop() == 0)
        let sequences = try writeSnapshots(venue, every: 10)
        #expect(sequences.count >= 6)
        let newest = try #require(sequences.last)

        // A nonce from before the snapshot is still remembered, and the state is that of the whole journal.
        node = try NodeProcess(venue.configurationFile)
        let again = try market.client(node.orderEntryPort, venue)
        try again.send(first, by: market.seller)
        let resent = try again.receive()
        #expect(resent.isResent && resent.sequence == original.sequence)
        #expect(node.stop() == 0)
        #expect(node.errorText.contains("begins behind record \(newest)"), "\(node.errorText)")
        let whole = try JournalReplay(venue.directory + "/journal", through: Venue.self)
        let told = try #require(whole.stateHash).hexadecimal
        let output = node.outputText()
        #expect(output.contains("state=\(told)"), "\(output)")

        // Told not to believe what another process wrote: the same state.
        let shipped = try String(contentsOfFile: venue.configurationFile, encoding: .utf8)
        let careful = shipped.replacingOccurrences(of: "start_from = \"snapshot\"", with: "start_from = \"genesis\"")
        #expect(careful != shipped)
        try careful.write(toFile: venue.configurationFile, atomically: true, encoding: .utf8)
        node = try NodeProcess(venue.configurationFile)
        #expect(node.stop() == 0)
        #expect(node.errorText.contains("begins with genesis"), "\(node.errorText)")
        #expect(!node.errorText.contains("begins behind"), "\(node.errorText)")
        try shipped.write(toFile: venue.configurationFile, atomically: true, encoding: .utf8)

        // The newest one is damaged, all are: an older one, then genesis.
        let path = venue.directory + "/settlement/snapshots/"
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: path + SnapshotDirectory.name(newest)))
        node = try NodeProcess(venue.configurationFile)
        #expect(node.stop() == 0)
        #expect(node.errorText.contains("begins behind record \(sequences[sequences.count - 2])"), "\(node.errorText)")
        for sequence in sequences {
            try Data([1, 2, 3]).write(to: URL(fileURLWithPath: path + SnapshotDirectory.name(sequence)))
        }
        node = try NodeProcess(venue.configurationFile)
        #expect(node.stop() == 0)
        #expect(node.errorText.contains("begins with genesis"), "\(node.errorText)")
    }

    @Test func aSnapshotOfAnotherJournalIsNotUsed() throws {
        let venue = try VenueFixture()
        let market = Market()
        var node = try NodeProcess(venue.configurationFile)
        try market.open(node.orderEntryPort, venue)
        #expect(node.stop() == 0)
        let newest = try #require(try writeSnapshots(venue, every: 1).last)
        // The journal is put back to what it was before the snapshot's record.
        try RecoveryTests.cut(venue.directory + "/journal", after: newest - 1)
        let store = SnapshotDirectory(venue.directory + "/settlement/snapshots")
        for sequence in store.sequences() where sequence != newest {
            try FileManager.default.removeItem(atPath: store.path + "/" + SnapshotDirectory.name(sequence))
        }
        node = try NodeProcess(venue.configurationFile)
        #expect(node.stop() == 0, "\(node.errorText)")
        #expect(node.errorText.contains("the journal ends before its record"), "\(node.errorText)")
        #expect(node.errorText.contains("begins with genesis"), "\(node.errorText)")
    }
}
