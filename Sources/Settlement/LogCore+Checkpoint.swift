import Cryptography
import Journal
import Platform
import Proof
import Replay
import Venue
import Wire

/// Checkpoints, step by step; what a crash at each step leaves is in Settlement.md.
extension LogCore {
    /// Makes a checkpoint of everything that was read: all of it is durable.
    func checkpoint() throws(SettlementError) {
        let start = SystemClock.monotonicNanoseconds()
        let signer = try keys.signer(replayer.venue)
        // Nothing more is signed while a checkpoint that was is not kept.
        try publisher.writeNew()
        // 1. Hashes to the disk.
        try settle { () throws(LogError) in try tiles.publish() }
        let new = SignedHead(size: tiles.size, root: tiles.root, chainHead: Hash256(reader.headHash))
        // 2. From what now stands there, not from memory: it continues the head before.
        try checkConsistency(new)
        // 3. To the disk what is about to be signed.
        try new.store(directory, origin: context.venue.origin)
        let previous = head?.size ?? 0
        // From the commit of the oldest record on, by the clock of the node, which is this machine's.
        let oldest = SystemClock.realtimeNanoseconds() - min(SystemClock.realtimeNanoseconds(), firstTime)
        head = new
        lastCheckpointTime = SystemClock.monotonicNanoseconds()
        // 4. The signature. 5. Witnesses, archive, publication.
        publisher.publish(sign(new, signer))
        var refusal: SettlementError?
        do throws(SettlementError) { try publisher.writeNew() } catch { refusal = error }
        context.checkpoints.advance(to: .init(size: new.size, root: new.root, time: SystemClock.realtimeNanoseconds()))
        counters.signedSize.set(new.size)
        counters.checkpoints.add()
        counters.oldest.set(oldest)
        // 6. The state, through order entry.
        if let commitment = try commitment(new) {
            committer.submit(commitment)
            lastSubmitted = new.size
            writeSnapshot(new)
        }
        // It is signed: what was not written yet is written later (`writeNew`).
        if let refusal { throw refusal }
        let milliseconds = (SystemClock.monotonicNanoseconds() - start) / 1_000_000
        let line = "checkpoint size=\(new.size) records=\(new.size - previous) root=\(Base64.encode(Array(new.root)))"
        log.info("\(line) ms=\(milliseconds) oldest_ms=\(oldest / 1_000_000)")
    }

    /// Writes the state as of a head of which a commitment speaks, when one is due: so strangers can hold it to the
    /// log. One that cannot be written is a longer replay, nothing else.
    private func writeSnapshot(_ head: SignedHead) {
        guard head.size - lastSnapshot >= UInt64(context.settings.settlement.snapshotRecords) else { return }
        let capacity = context.venue.withGenesis { Int(clamping: StateSnapshot.bytesMax(genesis: $0)) }
        guard let snapshot = replayer.snapshot(capacity: capacity) else { return }
        precondition(snapshot.sequence == head.size, "the state is that of the head")
        lastSnapshot = head.size
        do throws(PlatformError) {
            let directory = SnapshotDirectory(context.settings.snapshotDirectory)
            try directory.write(snapshot, kept: context.settings.settlement.snapshotsKept)
            counters.snapshot.set(head.size)
        } catch {
            log.error("no snapshot of record \(head.size): \(error)")
        }
    }

    /// The checkpoint of a head: always the same bytes, because the key is the one in force after its last record.
    func sign(_ head: SignedHead, _ signer: NoteSigner) -> LogCheckpoint {
        let text = Checkpoint(origin: context.venue.origin, size: head.size, root: head.root).text
        return LogCheckpoint(size: head.size, root: head.root, text: text, signature: signer.sign(text).line)
    }

    private func checkConsistency(_ new: SignedHead) throws(SettlementError) {
        guard let head, head.size > 0 else { return }
        let files = TileReader(TileDirectory(context.settings.settlement.published), size: new.size)
        let proof = try settle { () throws(LogError) in
            try MerkleTree.consistencyProof(old: head.size, size: new.size, files)
        }
        guard
            MerkleTree.isConsistent(
                old: head.size, oldRoot: head.root, size: new.size, root: new.root, proof: proof)
        else {
            throw contradiction("the tiles at size \(new.size) do not continue the head of size \(head.size)")
        }
    }

    /// What is to be said of the state as of a head, which is what was just read; nil when there is nothing to say: a
    /// commitment that is under way and not in the journal yet is not followed by another one about commitments alone.
    func commitment(_ head: SignedHead) throws(SettlementError) -> CommitmentDraft? {
        guard lastSubstance > max(lastCommitted, lastSubmitted), replayer.venue.pendingCause == nil else { return nil }
        let root: Hash256
        do throws(StateTreeError) { root = try state.root(replayer.venue, through: head.size) } catch {
            // Balances that do not add up: nothing is said about such a state, and nothing more is signed.
            throw .divergence(Divergence(sequence: head.size, text: "the state has no root: \(error)"))
        }
        guard let slot = settlementSlot() else {
            log.error(
                "settlement.key is no key in force of account \(WellKnownAccount.settlement): nothing is committed")
            return nil
        }
        let mark = replayer.venue.nonceMark(account: WellKnownAccount.settlement, slot: slot) ?? 0
        return CommitmentDraft(
            through: head.size, stateRoot: root, chainHead: head.chainHead ?? .zero, keySlot: slot, nonceMark: mark)
    }

    private func settlementSlot() -> UInt16? {
        let keys = replayer.venue.keys
        return (0..<UInt16(clamping: context.settings.venue.keySlotsPerAccount)).first { slot in
            let entry = keys.entry(account: WellKnownAccount.settlement, slot: slot)
            return entry.state == .inForce && settlementKey.publicKey.bytes.matches(entry.key)
        }
    }

    /// Waits, no longer than a witness may take, for what was asked, and writes it.
    func finishPublishing() throws(SettlementError) {
        let limit = UInt64(context.settings.settlement.witnessTimeoutMilliseconds) * 1_000_000
        let start = SystemClock.monotonicNanoseconds()
        try publisher.writeNew()
        while !publisher.isIdle, SystemClock.monotonicNanoseconds() - start < limit {
            SystemClock.sleep(nanoseconds: 1_000_000)
            try publisher.writeNew()
        }
    }
}
