import Genesis
import Replay
import Venue
import Wire

/// What a start takes from each record: the venue, its effects compared byte for byte (`Replayer`), the nonce memory
/// and the `[venue]` tables. Signatures are not checked again: they are for auditors.
struct StartReplay: ~Copyable {
    private var replayer: Replayer<Venue>
    private var nonces: NonceMemory
    private(set) var tables = JournaledVenue()

    /// - Parameter genesis: the genesis message: the venue takes its capacities, and its memory, from it.
    init(genesis: UnsafeRawPointer, nonces: consuming NonceMemory) {
        replayer = Replayer(genesis: GenesisMessage(genesis))
        self.nonces = nonces
    }

    /// Records replayed.
    var count: UInt64 { replayer.counts.records }

    /// Replays the next record.
    mutating func take(_ record: RecordView) throws(NodeError) {
        do throws(Divergence) { try replayer.replay(record) } catch {
            throw .divergence(sequence: error.sequence, error.text)
        }
        tables.take(record)
        if record.kind == .command { remember(record) }
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
