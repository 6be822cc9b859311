import Cryptography
import Glibc
import Reference
import Wire

/// Replays records through `Reference`, one after the other, and compares everything that follows from them.
///
/// It never applies what a venue may take for granted before it was checked: so no record, whatever it holds, makes the
/// reference do what its rules exclude.
struct HistoryCheck: ~Copyable {
    /// The venue, as it is after the last record; nil before the genesis record.
    private(set) var venue: Reference?
    private(set) var chain = ChainCheck()
    /// Hash of the genesis body.
    private(set) var venueId = Hash256.zero
    /// Sequence of the next market-data message.
    private(set) var nextFeedSequence: UInt64 = 1
    private let expectedVenue: Hash256?
    private let scratch = UnsafeMutableRawPointer.allocate(byteCount: EffectWriter.capacity, alignment: 64)

    /// - Parameter venueId: hash of the genesis body that the anchors name; nil to take the first record's.
    init(venueId: Hash256?) { expectedVenue = venueId }

    /// Goes on from a state that is known.
    ///
    /// - Parameters:
    ///   - venue: as it is after the last record that `chain` knows.
    ///   - nextFeedSequence: of the next market-data message.
    init(venue: consuming Reference, venueId: Hash256, chain: ChainCheck, nextFeedSequence: UInt64) {
        expectedVenue = venueId
        self.venueId = venueId
        self.venue = venue
        self.chain = chain
        self.nextFeedSequence = nextFeedSequence
    }

    deinit { scratch.deallocate() }

    /// Sequence of the next record.
    var nextSequence: UInt64 { chain.nextSequence }

    private func finding(_ verdict: Verdict, _ expected: String, _ found: String) -> Finding {
        Finding(verdict, chain.nextSequence, expected: expected, found: found)
    }

    /// Checks the next record as far as it is an input: its form, its place, its author. Returns what a worker has to
    /// verify of it.
    ///
    /// - Parameter bytes: a copy of its own, aligned to 8.
    mutating func admit(_ bytes: UnsafeRawBufferPointer) throws(Finding) -> SignatureTask {
        if let fault = RecordStructure.fault(bytes) { throw finding(.recordStructure, "a record", fault) }
        let record = RecordView(bytes.baseAddress!)
        let kind = record.kind!
        do throws(Finding) {
            try chain.check(record, kind)
            if kind == .genesis { try begin(record) }
            try checkPending(record, kind)
            switch kind {
            case .genesis, .continuation: return SignatureTask()
            case .restart:
                try checkRestart(RestartMessage(record.command), record)
                return SignatureTask()
            case .tick: throw finding(.tick, "no timer in these rules", "a tick record")
            case .command: return try checkCommand(record)
            }
        } catch {
            // Damage is called damage, whatever it looks like.
            let hashed = bytes.count - RecordLayout.hashBytes
            if Blake2b256.hash(record.base, count: hashed).matches(record.base + hashed) { throw error }
            throw finding(.recordHash, "the hash of its bytes", hexadecimal(record.hash))
        }
    }

    /// Admits and applies the next record.
    mutating func take(_ bytes: UnsafeRawBufferPointer) throws(Finding) -> SignatureTask {
        let task = try admit(bytes)
        try apply(RecordView(bytes.baseAddress!))
        return task
    }

    private mutating func begin(_ record: RecordView) throws(Finding) {
        let message = GenesisMessage(record.command)
        venueId = Blake2b256.hash(
            record.command + MessageHeader.size, count: GenesisMessage.size - MessageHeader.size)
        if let expectedVenue, venueId != expectedVenue {
            throw finding(.foreignVenue, "venue \(expectedVenue)", "venue \(venueId)")
        }
        guard message.rulesVersion == 1 else {
            throw finding(.genesis, "rules version 1", "rules version \(message.rulesVersion)")
        }
        venue = Reference(genesis: message)
    }

    private func checkPending(_ record: RecordView, _ kind: RecordKind) throws(Finding) {
        let pending = venue?.pendingCause
        guard (pending != nil) == (kind == .continuation) else {
            let expected = pending.map { "a continuation of record \($0)" } ?? "no continuation"
            throw finding(.continuation, expected, "a record of kind \(kind)")
        }
        guard let pending else { return }
        let cause = ContinuationMessage(record.command).cause
        if cause != pending {
            throw finding(.continuation, "a continuation of record \(pending)", "one of record \(cause)")
        }
    }

    private func checkRestart(_ message: RestartMessage, _ record: RecordView) throws(Finding) {
        guard message.previousHead == chain.head else {
            throw finding(.restart, "head \(hexadecimal(chain.head))", "head \(hexadecimal(message.previousHead))")
        }
        let now = venue!.feedGeneration
        let next = UInt64(now) + 1, said = UInt64(message.feedGeneration)
        guard said == next || said == UInt64(now) && !venue!.feedHasEnded else {
            throw finding(.restart, "feed generation \(venue!.feedHasEnded ? next : UInt64(now))", "\(said)")
        }
    }

    /// Authenticity: what must never be journaled.
    private func checkCommand(_ record: RecordView) throws(Finding) -> SignatureTask {
        if let fault = RecordStructure.commandFault(record) {
            throw finding(.commandStructure, "a command", fault)
        }
        let header = CommandHeader(record.command)
        guard let key = venue!.key(account: header.account, slot: header.keySlot) else {
            throw finding(
                .unknownKey, "a key of account \(header.account)", "slot \(header.keySlot), which was never used")
        }
        guard !key.isRevoked else {
            throw finding(.revokedKey, "a key in force", "slot \(header.keySlot) of account \(header.account)")
        }
        guard header.nonce > key.nonceMark, header.nonce != UInt64.max else {
            throw finding(.nonce, "a nonce above \(key.nonceMark)", "\(header.nonce)")
        }
        var task = SignatureTask(kind: .command, key: key.bytes)
        if header.templateId == Template.stateCommitment { task.kind = .commitment }
        if header.templateId == Template.rotateVenueKey, let purpose = RotateVenueKeyMessage(record.command).purpose {
            task.venueKey = venue!.venueKey(purpose) ?? .zero
        }
        return task
    }

    /// Applies a record that was admitted, and compares all that follows from it.
    mutating func apply(_ record: RecordView) throws(Finding) {
        var effects = EffectWriter(scratch)
        _ = venue!.apply(Command(record), into: &effects)
        guard effects.length == record.effectsLength, memcmp(scratch, record.effectsBase, effects.length) == 0 else {
            throw EffectDifference.finding(record, scratch, effects.length)
        }
        let begins =
            effects.count > 0 && Effect(base: UnsafeRawPointer(scratch)).template == Template.feedSessionStarted
        let feedSequence = begins ? 1 : nextFeedSequence
        guard record.feedSequence == feedSequence else {
            throw finding(.feedSequence, "\(feedSequence)", "\(record.feedSequence)")
        }
        nextFeedSequence = feedSequence + UInt64(effects.feedMessages)
        if let (asset, total, balances) = venue!.imbalance() {
            throw finding(.conservation, "balances of asset \(asset) of \(total)", "\(balances)")
        }
        chain.advance(record, record.kind!)
    }

    /// Reads the venue between two records.
    func withVenue<Value>(_ body: (borrowing Reference) throws -> Value) rethrows -> Value? {
        guard let venue else { return nil }
        return try body(venue)
    }
}
