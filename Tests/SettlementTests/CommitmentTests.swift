import Cryptography
import Foundation
import GlassbookClient
import Journal
import Proof
import Reference
import Replay
import Testing
import Venue
import Wire

/// Commitments in the journal of a real node.
@Suite struct CommitmentTests {
    /// A commitment as it stands in the journal.
    struct Journaled {
        var sequence: UInt64
        var through: UInt64
        var stateRoot: Bytes32
        var chainHead: Bytes32
        var nonce: UInt64
    }

    @Test("each range of records is committed once, with the root that a replay of the journal comes to; then no more")
    func committed() throws {
        let venue = try SettledVenue()
        try venue.startNode()
        try venue.startPlane().waitUntilReady()
        for count in [40, 3, 120] {
            try venue.trade(count)
            try waitUntil("a commitment of all but commitments") { try Self.isCommitted(venue) }
        }
        let before = try Self.commitments(venue.settings.journalDirectory)
        // The commitment is a record, a checkpoint has it, and nothing is said about it.
        let size = UInt64(try PublishedLog(venue).leaves.count)
        try waitUntil("a checkpoint of the commitment") { try PublishedLog(venue).latest()?.checkpoint.size == size }
        try venue.stopPlane()
        try venue.stopNode()

        let all = try Self.commitments(venue.settings.journalDirectory)
        #expect(all.count == before.count && all.count >= 3)
        #expect(Set(all.map(\.through)).count == all.count)
        #expect(zip(all, all.dropFirst()).allSatisfy { $0.through < $1.through && $0.nonce < $1.nonce })
        let archived = try PublishedLog(venue).archived
        #expect(all.allSatisfy { archived.contains($0.through) })
        try Self.check(all, venue.settings.journalDirectory, through: Venue.self)
        try Self.check(all, venue.settings.journalDirectory, through: Reference.self)
    }

    @Test("a node that is away is asked again; checkpoints do not wait")
    func nodeAway() throws {
        let venue = try SettledVenue()
        try venue.startNode()
        try venue.trade(30)
        let plane = try venue.startPlane()
        try venue.stopNode()
        try plane.waitUntilReady()
        let size = UInt64(try PublishedLog(venue).leaves.count)
        try waitUntil("a checkpoint") { try PublishedLog(venue).latest()?.checkpoint.size == size }
        let count = try Self.commitments(venue.settings.journalDirectory).count
        // The same ports, as a restarted node has them.
        try venue.stopPlane()
        try venue.startNode()
        try venue.startPlane().waitUntilReady()
        try waitUntil("the commitment") { try Self.isCommitted(venue) }
        #expect(try Self.commitments(venue.settings.journalDirectory).count > count)
        try venue.stopPlane()
        try Self.check(
            Self.commitments(venue.settings.journalDirectory), venue.settings.journalDirectory, through: Reference.self)
    }

    /// Holds every commitment of a venue to a replay through both venues.
    static func checkAll(_ venue: SettledVenue) throws {
        let directory = venue.settings.journalDirectory
        let all = try commitments(directory)
        #expect(Set(all.map(\.through)).count == all.count)
        try check(all, directory, through: Venue.self)
        try check(all, directory, through: Reference.self)
    }

    /// Whether the last commitment speaks of everything but commitments.
    static func isCommitted(_ venue: SettledVenue) throws -> Bool {
        var last: UInt64 = 0, through: UInt64 = 0
        var reader = try TailReader.open(directory: venue.settings.journalDirectory)
        while let record = try reader.next() {
            if let commitment = commitment(record) {
                through = commitment.through
            } else {
                last = record.sequence
            }
        }
        return through >= last
    }

    static func commitments(_ directory: String) throws -> [Journaled] {
        var all: [Journaled] = []
        var reader = try TailReader.open(directory: directory)
        while let record = try reader.next() {
            if let commitment = commitment(record) { all.append(commitment) }
        }
        return all
    }

    private static func commitment(_ record: RecordView) -> Journaled? {
        guard record.kind == .command, CommandHeader(record.command).templateId == Template.stateCommitment else {
            return nil
        }
        let message = StateCommitmentMessage(record.command)
        return Journaled(
            sequence: record.sequence, through: message.through, stateRoot: message.stateRoot,
            chainHead: message.chainHead, nonce: message.nonce)
    }

    /// Replays the journal and compares every commitment with a tree made anew at that record.
    private static func check<V: ReplayVenue & StateParts & ~Copyable>(
        _ commitments: [Journaled], _ directory: String, through type: V.Type
    ) throws {
        var reader = try TailReader.open(directory: directory)
        let first = try #require(try reader.next())
        var replayer = Replayer<V>(genesis: GenesisMessage(first.command))
        var record: RecordView? = first
        var checked = 0
        while let current = record {
            try replayer.replay(current)
            for commitment in commitments where commitment.through == current.sequence {
                let root = try StateTree(replayer.venue).root(through: current.sequence)
                #expect(Bytes32(root) == commitment.stateRoot, "through \(commitment.through)")
                #expect(current.hash == commitment.chainHead)
                checked += 1
            }
            record = try reader.next()
        }
        #expect(checked == commitments.count)
    }
}
