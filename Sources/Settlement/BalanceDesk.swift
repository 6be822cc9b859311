import Cryptography
import Logging
import Platform
import Proof
import Replay
import Settings

/// Proves balances at a commitment that is in a checkpoint and as old as entries are when they are published, from a
/// replay of its own: at the newest one, which it follows, or at the one for a record.
///
/// The log's own venue is past that state long since, and stopping it would hold up checkpoints. So this has a venue
/// and trees of its own, made when the first balance is asked for: as much memory again as the log takes. The replay
/// begins behind a snapshot where there is one; the root of its state is compared with the commitment, so no snapshot
/// makes a false proof, and one that leads elsewhere is left for an older one.
final class BalanceDesk {
    /// Records of one step at most.
    static let stepRecords = 65_536

    private let settings: NodeSettings
    private let venue: VenueIdentity
    private let log: Logger?
    private let window: UInt64
    private var scan: CommitmentScan
    private var state: CommittedState?
    /// Last record that a snapshot may speak of to be used: those behind it led elsewhere.
    private var snapshotsThrough = UInt64.max
    /// The commitment that the state is on its way to; nil when it is at the current one.
    private var goal: CommittedRecord?
    /// The commitment that the state is of; nil while it is on its way.
    private var current: CommittedRecord?
    /// Why there is none when the steps are done; a desk that follows may have one later.
    private(set) var refusal: ProofMissing?

    /// - Parameters:
    ///   - record: the record that the state is asked for; nil follows the newest commitment.
    ///   - window: of the scan for commitments.
    init(
        _ settings: NodeSettings, at record: UInt64? = nil, window: UInt64 = CommitmentScan.firstWindow,
        _ log: Logger? = nil
    ) throws(SettlementError) {
        self.settings = settings
        self.window = window
        self.log = log
        venue = try VenueIdentity(settings)
        scan = CommitmentScan(settings, target: record, window: window)
    }

    /// Turns to the state for another record. Where it is behind the one that is here, the replay goes on.
    func aim(at record: UInt64) {
        scan = CommitmentScan(settings, target: record, window: window)
        (goal, current, refusal, snapshotsThrough) = (nil, nil, nil, .max)
    }

    /// Goes on towards the commitment, a bounded number of records. Returns whether there is more to do.
    ///
    /// - Throws: `published` when there is no checkpoint, or the replay gives another root than the commitment says;
    ///   the desk is of no further use then.
    func step(_ budget: Int = stepRecords) throws(SettlementError) -> Bool {
        if goal == nil {
            if scan.isForRecord, current != nil { return false }
            let size = try latestSize()
            // What a balance shows is no younger than what the entries show.
            let now = SystemClock.realtimeNanoseconds()
            let delay = UInt64(settings.settlement.publishDelayMilliseconds) * 1_000_000
            let outcome = try scan.step(size: size, budget: budget) { $0 <= now && now - $0 >= delay }
            switch outcome {
            case .more: return true
            case .absent(let why):
                refusal = .absent(why)
                return false
            case .found(let found):
                if found.commitment.sequence == current?.commitment.sequence { return false }
                (goal, current, refusal) = (found, nil, nil)
                leaveState(for: found.commitment.through)
            }
        }
        return try !advance(to: goal!, budget)
    }

    private func advance(to found: CommittedRecord, _ budget: Int) throws(SettlementError) -> Bool {
        let state: CommittedState
        if let here = self.state {
            state = here
        } else {
            let through = min(found.commitment.through, snapshotsThrough)
            state = try CommittedState(settings, venue, snapshotsThrough: through, log)
            self.state = state
        }
        do throws(SettlementError) {
            guard try state.advance(to: found.commitment, budget: budget) else { return false }
        } catch {
            self.state = nil
            guard state.begin > 0, error.isOfState else { throw error }
            log?.warning("balances: the snapshot of record \(state.begin) is not used: \(error)")
            snapshotsThrough = state.begin - 1
            return false
        }
        (current, goal) = (found, nil)
        return true
    }

    /// Leaves the state that is here where it is past what is wanted, or a snapshot is nearer. It goes before there is
    /// another: a venue is large.
    private func leaveState(for through: UInt64) {
        guard let last = state?.last else { return }
        // Who follows goes from commitment to commitment: no snapshot is nearer.
        let snapshots = scan.isForRecord ? SnapshotDirectory(settings.snapshotDirectory).sequences() : []
        if last > through || snapshots.contains(where: { $0 > last && $0 <= through }) { state = nil }
    }

    /// Whether the state is the one that is asked for with a record.
    func answers(_ record: UInt64) -> Bool {
        guard let through = current?.commitment.through else { return false }
        return record == through || scan.isForRecord && record > through && record <= scan.answersThrough
    }

    /// The record that the state is of; nil while it is on its way.
    var through: UInt64? { current?.commitment.through }

    /// What an account is owed of an asset, up to a signed checkpoint.
    func proof(account: UInt32, asset: UInt32) throws(ProofMissing) -> BalanceFile {
        guard let state, let current else {
            throw refusal ?? .notYet("balances are being brought up to date; try again")
        }
        let balance = try state.balance(account: account, asset: asset)
        do throws(LogError) {
            let store = TileDirectory(settings.settlement.published)
            let (note, checkpoint) = try store.latest()
            let size = checkpoint.size
            let index = current.commitment.sequence - 1
            guard index < size else { throw LogError.missing("record \(index + 1) in the latest checkpoint") }
            let path = try MerkleTree.inclusionProof(index: index, size: size, TileReader(store, size: size))
            return BalanceFile(
                balance: balance, record: current.bytes,
                inclusion: TlogProof(index: index, path: path, checkpoint: note))
        } catch {
            throw ProofMissing(error)
        }
    }

    private func latestSize() throws(SettlementError) -> UInt64 {
        do throws(LogError) { return try TileDirectory(settings.settlement.published).latest().checkpoint.size } catch {
            throw .published("\(error)")
        }
    }
}

extension SettlementError {
    /// Whether a state, and not the journal or the system, is what does not hold.
    fileprivate var isOfState: Bool {
        switch self {
        case .divergence, .published: true
        default: false
        }
    }
}
