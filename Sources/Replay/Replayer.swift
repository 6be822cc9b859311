import Cryptography
import Glibc
import Wire

/// Where a journal is not what its venue makes of it.
public struct Divergence: Error, Equatable, Sendable, CustomStringConvertible {
    /// The first record that differs.
    public let sequence: UInt64
    /// What about it.
    public let text: String

    public init(sequence: UInt64, text: String) {
        self.sequence = sequence
        self.text = text
    }

    public var description: String { "record \(sequence): \(text)" }
}

/// Replays records through a venue and compares what it makes of them, byte for byte, with what the journal says.
///
/// Structure and chain were checked by who hands over the records; signatures are not checked here.
public struct Replayer<V: ReplayVenue & ~Copyable>: ~Copyable {
    /// The venue, as it is after the last record.
    public var venue: V
    /// Records replayed, and what they held.
    public private(set) var counts = ReplayCounts()
    private let effects = EffectScratch()
    /// The last record; nil before the first.
    private var last: StateSnapshot.Place?
    private var nextFeedSequence: UInt64 = 1

    /// - Parameter genesis: the genesis message of the first record.
    public init(genesis: GenesisMessage) {
        venue = V(genesis: genesis)
    }

    /// Goes on behind a snapshot: the next record is the one after it.
    ///
    /// The snapshot is of this venue, and its chain head the journal's: who reads it checks that.
    public init(_ snapshot: StateSnapshot) throws(SnapshotRefusal) where V: RestorableVenue {
        venue = try Self.restored(snapshot)
        last = StateSnapshot.Place(snapshot)
        nextFeedSequence = snapshot.nextFeedSequence
    }

    private static func restored(_ snapshot: StateSnapshot) throws(SnapshotRefusal) -> V where V: RestorableVenue {
        do throws(StateError) {
            let state = try CanonicalState(snapshot.state)
            return try V.restored(from: state, sequence: snapshot.sequence, time: snapshot.time)
        } catch { throw .state(error) }
    }

    /// A snapshot of the venue after the record that was replayed last; nil before the first, and while a command is
    /// unfinished.
    ///
    /// - Parameter capacity: bytes that there is room for from the start (`StateSnapshot`).
    public func snapshot(capacity: Int = 0) -> StateSnapshot? {
        guard let last, venue.pendingCause == nil else { return nil }
        return StateSnapshot(of: venue, at: last, nextFeedSequence: nextFeedSequence, capacity: capacity)
    }

    private var scratch: UnsafeMutableRawPointer { effects.base }

    /// Hands over the venue, to go on with.
    public consuming func finish() -> V { venue }

    /// Replays the next record.
    public mutating func replay(_ record: RecordView) throws(Divergence) {
        let kind = try check(record)
        var effects = EffectWriter(scratch)
        let progress = venue.apply(Command(record), into: &effects)
        guard effects.length == record.effectsLength,
            memcmp(scratch, record.effectsBase, effects.length) == 0
        else { throw differing(record, effects.length) }
        guard (progress == .more) == (venue.pendingCause != nil) else {
            throw Divergence(sequence: record.sequence, text: "the venue does not say whether the command is done")
        }
        nextFeedSequence = record.feedSequence + UInt64(effects.feedMessages)
        last = StateSnapshot.Place(record)
        counts.add(record, kind, effects.count)
    }

    /// Brings near what a record to come will touch; it need not have been checked.
    public mutating func prefetch(_ record: RecordView) {
        guard record.kind == .command, MessageStructure.refusal(record.command, count: record.messageLength) == nil
        else { return }
        venue.prefetch(record.command, count: record.messageLength)
    }

    /// What has to hold before the venue may see the record: what is asked of it here it takes for granted.
    private func check(_ record: RecordView) throws(Divergence) -> RecordKind {
        func fail(_ text: String) -> Divergence { Divergence(sequence: record.sequence, text: text) }
        guard let kind = record.kind else { throw fail("its kind is unknown") }
        guard (kind == .genesis) == (record.sequence == 1) else {
            throw fail("a genesis record is the first one and no other")
        }
        guard (venue.pendingCause != nil) == (kind == .continuation) else {
            throw fail("a continuation follows what is not done, and nothing else does")
        }
        guard record.time >= last?.time ?? 0 else { throw fail("time goes back") }
        let beginsSession: Bool
        switch kind {
        case .genesis: beginsSession = true
        case .restart:
            let generation = RestartMessage(record.command).feedGeneration
            guard generation == venue.feedGeneration || generation == venue.feedGeneration + 1 else {
                throw fail("feed generation \(generation) after \(venue.feedGeneration)")
            }
            beginsSession = generation != venue.feedGeneration
        case .continuation:
            guard ContinuationMessage(record.command).cause == venue.pendingCause else {
                throw fail("it goes on with another command than the one that is not done")
            }
            beginsSession = false
        case .command:
            try checkCommand(record)
            beginsSession = false
        case .tick: beginsSession = false
        }
        guard record.feedSequence == (beginsSession ? 1 : nextFeedSequence) else {
            throw fail("feed sequence \(record.feedSequence), expected \(beginsSession ? 1 : nextFeedSequence)")
        }
        return kind
    }

    private func checkCommand(_ record: RecordView) throws(Divergence) {
        if let reason = MessageStructure.refusal(record.command, count: record.messageLength) {
            throw Divergence(sequence: record.sequence, text: reason.text)
        }
        let header = CommandHeader(record.command)
        guard CommandHeader.isCommand(header.templateId) else {
            throw Divergence(sequence: record.sequence, text: "template \(header.templateId) is no command")
        }
        guard let mark = venue.nonceMark(account: header.account, slot: header.keySlot) else {
            throw Divergence(
                sequence: record.sequence, text: "account \(header.account) has no key in slot \(header.keySlot)")
        }
        guard header.nonce > mark, header.nonce != UInt64.max else {
            throw Divergence(sequence: record.sequence, text: "nonce \(header.nonce) is not above the mark \(mark)")
        }
    }

    private func differing(_ record: RecordView, _ length: Int) -> Divergence {
        let common = min(length, record.effectsLength)
        var offset = 0
        while offset < common,
            scratch.load(fromByteOffset: offset, as: UInt8.self)
                == record.effectsBase.load(fromByteOffset: offset, as: UInt8.self)
        { offset += 1 }
        let text =
            "effects differ at byte \(offset): the venue makes \(length) bytes, the journal has \(record.effectsLength)"
        return Divergence(sequence: record.sequence, text: text)
    }
}

/// Memory for the effects of one record.
public struct EffectScratch: ~Copyable {
    let base = UnsafeMutableRawPointer.allocate(byteCount: EffectWriter.capacity, alignment: 64)

    init() {}

    deinit { base.deallocate() }
}

/// What was replayed.
public struct ReplayCounts: Equatable, Sendable {
    public private(set) var records: UInt64 = 0
    public private(set) var commands: UInt64 = 0
    public private(set) var effects: UInt64 = 0
    public private(set) var trades: UInt64 = 0

    mutating func add(_ record: RecordView, _ kind: RecordKind, _ effectCount: Int) {
        records += 1
        effects += UInt64(effectCount)
        if kind == .command { commands += 1 }
        var cursor = record.effects
        while let effect = cursor.read() { trades += effect.template == Template.executed ? 1 : 0 }
    }
}
