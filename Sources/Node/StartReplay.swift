import Cryptography
import Genesis
import Ledger
import Replay
import Venue
import Wire

/// What a start takes from each record: the venue, its effects compared byte for byte (`Replayer`), the nonce memory
/// and the `[venue]` tables. Signatures are not checked again: they are for auditors.
///
/// With a snapshot the venue begins behind its record. The records before it are read nevertheless, for their chain,
/// the nonces and the tables; only the venue does not see them.
struct StartReplay: ~Copyable {
    private var replayer: Replayer<Venue>
    private var nonces: NonceMemory
    private(set) var tables = JournaledVenue()
    /// Record that the venue begins behind, and its hash; 0 = with genesis.
    private let beginsBehind: UInt64
    private let snapshotHead: Bytes32
    /// Last record that was taken.
    private var last: UInt64 = 0

    /// - Parameter genesis: the genesis message: the venue takes its capacities, and its memory, from it.
    init(genesis: UnsafeRawPointer, nonces: consuming NonceMemory) {
        replayer = Replayer(genesis: GenesisMessage(genesis))
        self.nonces = nonces
        beginsBehind = 0
        snapshotHead = .zero
    }

    /// Goes on with the venue of a snapshot.
    init(_ start: consuming SnapshotStart<Venue>, nonces: consuming NonceMemory) {
        self.nonces = nonces
        beginsBehind = start.sequence
        snapshotHead = start.chainHead
        replayer = start.replayer
    }

    /// Records replayed.
    var count: UInt64 { replayer.counts.records }

    /// The venue's keys, as of the last record that was taken; the memory is the venue's, and lives as long.
    var keys: KeyTable { replayer.venue.keys }

    /// Whether the venue is as of the last record that was taken.
    var isComplete: Bool { last >= beginsBehind }

    /// Replays the next record.
    mutating func take(_ record: RecordView) throws(NodeError) {
        last = record.sequence
        if record.sequence > beginsBehind {
            do throws(Divergence) { try replayer.replay(record) } catch {
                throw .divergence(sequence: error.sequence, error.text)
            }
        } else {
            try passOver(record)
        }
        tables.take(record)
        if record.kind == .command { remember(record) }
    }

    private func passOver(_ record: RecordView) throws(NodeError) {
        if record.kind == .command,
            let refusal = MessageStructure.refusal(record.command, count: record.messageLength)
        {
            throw .divergence(sequence: record.sequence, refusal.text)
        }
        guard record.sequence != beginsBehind || record.hash == snapshotHead else {
            throw .divergence(sequence: record.sequence, "it is not the one that the snapshot was made of")
        }
    }

    private mutating func remember(_ record: RecordView) {
        let header = CommandHeader(record.command)
        nonces.remember(
            account: header.account, slot: header.keySlot, nonce: header.nonce,
            signature: record.command + record.messageLength, sequence: record.sequence)
    }

    /// Hands over venue and nonce memory, to go on with.
    consuming func finish() -> ReplayedState { ReplayedState(venue: replayer.finish(), nonces: nonces) }
}

/// What a replay ends with.
struct ReplayedState: ~Copyable {
    var venue: Venue
    var nonces: NonceMemory
}
