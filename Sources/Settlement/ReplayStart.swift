import Cryptography
import Journal
import Logging
import Replay
import Settings
import Venue
import Wire

/// Where a replay begins: a venue, and a reader of the journal behind what it has applied.
struct ReplayStart: ~Copyable {
    /// Record of the snapshot that it begins behind; 0 with genesis.
    let sequence: UInt64
    /// Hash of that record; zeros with genesis.
    let chainHead: Bytes32
    var replayer: Replayer<Venue>
    var reader: TailReader

    /// Behind the newest snapshot at or before a record that is good and that the journal bears out; nil when there is
    /// none.
    ///
    /// - Parameters:
    ///   - hashing: whether the hashes of the records behind it are checked.
    ///   - user: who begins there, for the log.
    static func behindSnapshot(
        _ settings: NodeSettings, _ venue: VenueIdentity, through: UInt64, hashing: Bool = true, _ log: Logger?,
        for user: String
    ) -> ReplayStart? {
        let found = SnapshotStart<Venue>.find(
            in: SnapshotDirectory(settings.snapshotDirectory), genesis: venue.genesisBytes, through: through,
            journal: settings.journalDirectory, hashing: hashing
        ) { log?.warning("\(user): snapshot not used: \($0)") }
        guard let found else { return nil }
        log?.info("\(user): state from the snapshot of record \(found.sequence)")
        return ReplayStart(
            sequence: found.sequence, chainHead: found.chainHead, replayer: found.replayer, reader: found.reader)
    }

    /// With the journal's first record.
    ///
    /// - Throws: `genesis` when the journal is another venue's.
    static func genesis(
        _ settings: NodeSettings, _ venue: VenueIdentity, hashing: Bool = true
    ) throws(SettlementError) -> ReplayStart {
        let reader = try journal { () throws(JournalError) in
            try TailReader.open(directory: settings.journalDirectory, from: .sequence(1), hashing: hashing)
        }
        guard reader.venueId == Bytes32(venue.id) else {
            throw .genesis("the journal is that of venue \(Hash256(reader.venueId))")
        }
        let replayer = venue.withGenesis { Replayer<Venue>(genesis: $0) }
        return ReplayStart(sequence: 0, chainHead: .zero, replayer: replayer, reader: reader)
    }
}
