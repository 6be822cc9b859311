import Cryptography
import Journal
import Platform
import Proof
import Replay
import Settings
import Venue
import Wire

/// Proves balances at the last commitment that is in a checkpoint and as old as entries are when they are published,
/// from a replay of its own.
///
/// The log's own venue is past that state long since, and stopping it would hold up checkpoints. So this has a venue
/// and trees of its own, made when the first balance is asked for: as much memory again as the log takes.
final class BalanceDesk {
    /// A commitment and its record.
    private struct Committed {
        var record: [UInt8]
        var commitment: StateCommitmentRecord
        /// Of the record, ns Unix UTC.
        var time: UInt64
    }

    private let published: String
    /// What a balance shows is no younger than what the entries show, ns.
    private let delay: UInt64
    /// Commitments in a checkpoint that are not old enough, oldest first, and the newest that is.
    private var waiting: [Committed] = []
    /// Looks for commitments up to the latest checkpoint.
    private var scan: TailReader
    /// Follows up to the state of the last of them.
    private var reader: TailReader
    private var replayer: Replayer<Venue>
    private var tree: StateTree?
    private var touched = TouchedParts()
    /// The commitment that the trees are of.
    private var current: Committed?

    /// Opens the journal at its first record.
    init(_ settings: NodeSettings) throws(SettlementError) {
        published = settings.settlement.published
        delay = UInt64(settings.settlement.publishDelayMilliseconds) * 1_000_000
        let venue = try VenueIdentity(settings)
        let message = UnsafeMutableRawBufferPointer.allocate(byteCount: venue.genesisBytes.count, alignment: 8)
        defer { message.deallocate() }
        message.copyBytes(from: venue.genesisBytes)
        replayer = Replayer<Venue>(genesis: GenesisMessage(message.baseAddress!))
        do throws(JournalError) {
            // The node hashed and the log checked what is in a checkpoint.
            scan = try TailReader.open(directory: settings.journalDirectory, hashing: false)
            reader = try TailReader.open(directory: settings.journalDirectory, hashing: false)
        } catch {
            throw .journal(error)
        }
    }

    /// Brings the trees to the last commitment that the latest checkpoint has and that is old enough to be shown.
    ///
    /// - Throws: `published` when there is no checkpoint, or replay gives another root than the commitment says.
    func advance() throws(SettlementError) {
        let size = try Self.checkpoint(published).size
        let now = SystemClock.realtimeNanoseconds()
        while scan.nextSequence <= size, let record = try Self.next(&scan) {
            guard let commitment = StateCommitmentRecord(record), commitment.through >= reader.nextSequence - 1,
                commitment.through < record.sequence
            else { continue }
            // Of those that are old enough only the newest counts: a long journal is read in fixed memory.
            if isOldEnough(record.time, now) { waiting.removeAll(keepingCapacity: true) }
            let bytes = Array(UnsafeRawBufferPointer(start: record.base, count: record.length))
            waiting.append(Committed(record: bytes, commitment: commitment, time: record.time))
        }
        guard let index = waiting.lastIndex(where: { isOldEnough($0.time, now) }) else { return }
        let latest = waiting[index]
        waiting.removeFirst(index + 1)
        while reader.nextSequence <= latest.commitment.through, let record = try Self.next(&reader) {
            do throws(Divergence) { try replayer.replay(record) } catch { throw .divergence(error) }
            if tree != nil { touched.add(record) }
        }
        try update(to: latest)
    }

    private func isOldEnough(_ time: UInt64, _ now: UInt64) -> Bool { time <= now && now - time >= delay }

    private func update(to latest: Committed) throws(SettlementError) {
        do throws(StateTreeError) {
            if tree == nil {
                tree = try StateTree(replayer.venue)
            } else {
                try tree!.update(from: replayer.venue, touched)
            }
        } catch {
            throw .published("the state after record \(latest.commitment.through): \(error)")
        }
        touched.removeAll()
        guard tree!.root(through: latest.commitment.through) == latest.commitment.stateRoot else {
            throw .published("the commitment in record \(latest.commitment.sequence) is not to the state of replay")
        }
        current = latest
    }

    /// What an account is owed of an asset, up to a signed checkpoint.
    func proof(account: UInt32, asset: UInt32) throws(ProofMissing) -> BalanceFile {
        guard let current else { throw .absent("no commitment to a state is in a checkpoint yet") }
        let through = current.commitment.through
        guard replayer.venue.hasAccount(account) else { throw .absent("there is no account \(account)") }
        guard
            let balance = tree?.balanceProof(
                account: account, asset: asset, ownerKey: ownerKey(account), through: through)
        else { throw .absent("there is no asset \(asset)") }
        do throws(LogError) {
            let store = TileDirectory(published)
            let note = try store.file("checkpoint", limit: SignedNote.bytesMax)
            let size = try Checkpoint(text: try SignedNote(note).text).size
            let index = current.commitment.sequence - 1
            guard index < size else { throw LogError.missing("record \(index + 1) in the latest checkpoint") }
            let path = try MerkleTree.inclusionProof(index: index, size: size, TileReader(store, size: size))
            return BalanceFile(
                balance: balance, record: current.record,
                inclusion: TlogProof(index: index, path: path, checkpoint: note))
        } catch {
            throw ProofMissing(error)
        }
    }

    private func ownerKey(_ account: UInt32) -> Hash256 {
        var part = PartBytes()
        replayer.venue.writeAccountPart(account, into: &part)
        let owner = part.bytes.withUnsafeBytes { try? StateAccount(part: $0).ownerKey }
        return owner.map { withUnsafeBytes(of: $0) { Hash256(loading: $0.baseAddress!) } } ?? .zero
    }

    private static func next(_ reader: inout TailReader) throws(SettlementError) -> RecordView? {
        do throws(JournalError) { return try reader.next() } catch { throw .journal(error) }
    }

    private static func checkpoint(_ published: String) throws(SettlementError) -> Checkpoint {
        do throws(LogError) {
            let note = try TileDirectory(published).file("checkpoint", limit: SignedNote.bytesMax)
            return try Checkpoint(text: try SignedNote(note).text)
        } catch {
            throw .published("\(error)")
        }
    }
}

/// The bytes of one part of a state.
private struct PartBytes: StateSink {
    var bytes: [UInt8] = []

    mutating func write(_ more: UnsafeRawBufferPointer) { bytes.append(contentsOf: more) }
}
