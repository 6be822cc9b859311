import Cryptography
import Journal
import Logging
import Proof
import Replay
import Settings
import Venue
import Wire

/// A venue of its own and its trees, brought up to the states that commitments speak of.
final class CommittedState {
    /// Record of the snapshot that it began behind; 0 with genesis.
    let begin: UInt64
    private var reader: TailReader
    private var replayer: Replayer<Venue>
    private var tree: StateTree?
    private var touched = TouchedParts()

    /// Last record of the state.
    var last: UInt64 { reader.nextSequence - 1 }

    /// Begins behind the newest snapshot at or before a record, else with genesis.
    init(
        _ settings: NodeSettings, _ venue: VenueIdentity, snapshotsThrough: UInt64, _ log: Logger?
    ) throws(SettlementError) {
        // The node hashed and the log checked what is in a checkpoint.
        let found = ReplayStart.behindSnapshot(
            settings, venue, through: snapshotsThrough, hashing: false, log, for: "balances")
        let start: ReplayStart
        if let found { start = found } else { start = try .genesis(settings, venue, hashing: false) }
        begin = start.sequence
        replayer = start.replayer
        reader = start.reader
    }

    /// Goes on up to a commitment's state, a bounded number of records. Returns whether it is there, and the state the
    /// committed one.
    ///
    /// - Throws: `divergence` or `published` when it is not; after that the state is of no further use.
    func advance(to commitment: StateCommitmentRecord, budget: Int) throws(SettlementError) -> Bool {
        let through = commitment.through
        precondition(last <= through, "states are gone through in their order")
        for _ in 0..<budget where reader.nextSequence <= through {
            guard let record = try journal({ () throws(JournalError) in try reader.next() }) else {
                throw .published("the journal ends with record \(last), before the state of a commitment to \(through)")
            }
            do throws(Divergence) { try replayer.replay(record) } catch { throw .divergence(error) }
            if tree != nil { touched.add(record) }
        }
        guard last == through else { return false }
        try check(commitment)
        return true
    }

    private func check(_ commitment: StateCommitmentRecord) throws(SettlementError) {
        do throws(StateTreeError) {
            if tree == nil {
                tree = try StateTree(replayer.venue)
            } else {
                try tree!.update(from: replayer.venue, touched)
            }
        } catch {
            throw .published("the state after record \(commitment.through): \(error)")
        }
        touched.removeAll()
        guard tree!.root(through: commitment.through) == commitment.stateRoot else {
            throw .published("the commitment in record \(commitment.sequence) is not to the state of replay")
        }
    }

    /// What an account is owed of an asset in the state that was committed last.
    func balance(account: UInt32, asset: UInt32) throws(ProofMissing) -> BalanceProof {
        guard replayer.venue.hasAccount(account) else { throw .absent("there is no account \(account)") }
        guard
            let proof = tree?.balanceProof(
                account: account, asset: asset, ownerKey: ownerKey(account), through: last)
        else { throw .absent("there is no asset \(asset)") }
        return proof
    }

    private func ownerKey(_ account: UInt32) -> Hash256 {
        var part = StateBytes()
        replayer.venue.writeAccountPart(account, into: &part)
        let owner = part.bytes.withUnsafeBytes { try? StateAccount(part: $0).ownerKey }
        return owner.map { Hash256($0) } ?? .zero
    }
}
