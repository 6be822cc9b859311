import Cryptography
import Genesis
import Glibc
import Journal
import Venue
import Wire

/// Start = recover: every record of the journal through the venue, its effects compared byte for byte; nonce memory and
/// `[venue]` tables gathered on the way. Signatures are not checked again: they are for auditors.
struct JournalReplay: ~Copyable {
    private(set) var venue: Venue
    private(set) var nonces: NonceMemory
    private(set) var tables = JournaledVenue()
    /// Records replayed.
    private(set) var count: UInt64 = 0
    private let scratch = EffectScratch()

    /// - Parameter genesis: the genesis message: the venue takes its capacities, and its memory, from it.
    init(genesis: UnsafeRawPointer, nonces: consuming NonceMemory) {
        venue = Venue(genesis: GenesisMessage(genesis))
        self.nonces = nonces
    }

    /// Replays the next record.
    mutating func take(_ record: RecordView) throws(NodeError) {
        let sequence = record.sequence
        guard let kind = record.kind else { throw .divergence(sequence: sequence, "its kind is unknown") }
        guard (kind == .genesis) == (sequence == 1) else {
            throw .divergence(sequence: sequence, "a genesis record is the first one and no other")
        }
        guard (venue.pendingCause != nil) == (kind == .continuation) else {
            throw .divergence(sequence: sequence, "a continuation follows what is not done, and nothing else does")
        }
        var effects = EffectWriter(scratch.base)
        _ = venue.apply(Command(record), into: &effects)
        guard effects.length == record.effectsLength,
            memcmp(UnsafeRawPointer(scratch.base), record.effectsBase, effects.length) == 0
        else {
            let offset = firstDifference(record, effects.length)
            let lengths = "the venue makes \(effects.length) bytes, the journal has \(record.effectsLength)"
            throw .divergence(sequence: sequence, "effects differ at byte \(offset): \(lengths)")
        }
        tables.take(record)
        if kind == .command { remember(record) }
        count += 1
    }

    private mutating func remember(_ record: RecordView) {
        let header = CommandHeader(record.command)
        nonces.remember(
            account: header.account, slot: header.keySlot, nonce: header.nonce,
            signature: record.command + record.messageLength, sequence: record.sequence)
    }

    private func firstDifference(_ record: RecordView, _ length: Int) -> Int {
        let common = min(length, record.effectsLength)
        for offset in 0..<common
        where scratch.base.load(fromByteOffset: offset, as: UInt8.self)
            != record.effectsBase.load(fromByteOffset: offset, as: UInt8.self)
        {
            return offset
        }
        return common
    }

    /// Hands over venue and nonce memory, to go on with.
    consuming func finish() -> ReplayedState { ReplayedState(venue: venue, nonces: nonces) }
}

/// What a replay ends with.
struct ReplayedState: ~Copyable {
    var venue: Venue
    var nonces: NonceMemory
}

/// Memory for the effects of one record.
private struct EffectScratch: ~Copyable {
    let base = UnsafeMutableRawPointer.allocate(byteCount: EffectWriter.capacity, alignment: 64)

    deinit { base.deallocate() }
}
