import Journal
import Proof
import Settings
import Wire

/// A commitment to a state, and the record that makes it.
struct CommittedRecord {
    let bytes: [UInt8]
    let commitment: StateCommitmentRecord
    /// Of the record, ns Unix UTC.
    let time: UInt64
}

/// Looks in the journal for the commitment that balances are proven at: in fixed memory, and from a place near to it.
///
/// Times of records never go back, so behind a commitment that is too young to be shown there is none that is old
/// enough: it is kept, and nothing is read before it is.
struct CommitmentScan: ~Copyable {
    /// Records before the wanted place with which a scan begins: more than are between two commitments.
    static let firstWindow: UInt64 = 65_536
    /// So many times as far back it begins again where that was not enough.
    private static let widening: UInt64 = 8

    /// What came of a step.
    enum Outcome {
        /// There is more to read.
        case more
        /// The commitment, as of now; of a scan for a record for ever.
        case found(CommittedRecord)
        /// There is none that may be shown; of a scan for a record for as long as the log does not grow.
        case absent(String)
    }

    private let journal: String
    /// Record that the state is asked for; nil for the newest state.
    private let target: UInt64?
    private let window: UInt64
    /// Sequence of the first record that is looked at; nil before the scan has begun.
    private var first: UInt64?
    private var reader: TailReader?
    /// Sequence of the record that comes next.
    private var position: UInt64 = 1
    /// The last commitment that may be shown and does not pass the target.
    private var last: CommittedRecord?
    /// Last record that the commitment which was found for the target is the answer for.
    private(set) var answersThrough: UInt64 = 0
    /// The first one that is too young, where the scan stands.
    private var young: CommittedRecord?

    /// - Parameters:
    ///   - target: looks for the commitment to the state after that record; where none speaks of just that record, for
    ///     the last one before. Nil for the newest commitment, which a scan goes on to follow.
    ///   - window: records before the place with which it begins.
    init(_ settings: NodeSettings, target: UInt64?, window: UInt64 = firstWindow) {
        journal = settings.journalDirectory
        self.target = target
        self.window = window
    }

    /// Whether it looks for the commitment of a record, and not for the newest.
    var isForRecord: Bool { target != nil }

    /// Reads on, a bounded number of records. A scan for a record ends with what it found.
    ///
    /// - Parameters:
    ///   - size: records of the latest checkpoint.
    ///   - isShown: whether what happened at a time is old enough to be shown.
    ///   - budget: records at most.
    mutating func step(
        size: UInt64, budget: Int, isShown: (UInt64) -> Bool
    ) throws(SettlementError) -> Outcome {
        if let target, target > size { return .absent("record \(target) is in no checkpoint yet: it has \(size)") }
        if first == nil { try begin(back: window, from: min(target ?? size, size)) }
        if let held = young {
            guard isShown(held.time) else { return try end(size) }
            young = nil
            if let outcome = try take(held, size) { return outcome }
        }
        for _ in 0..<budget {
            guard position <= size, let record = try next() else { return try end(size) }
            guard let commitment = StateCommitmentRecord(record), commitment.through < record.sequence,
                commitment.through > last?.commitment.through ?? 0
            else { continue }
            let bytes = Array(UnsafeRawBufferPointer(start: record.base, count: record.length))
            let found = CommittedRecord(bytes: bytes, commitment: commitment, time: record.time)
            guard isShown(found.time) else {
                young = found
                return try end(size)
            }
            if let outcome = try take(found, size) { return outcome }
        }
        return .more
    }

    /// Takes a commitment that may be shown. Returns what comes of it when the scan ends with it.
    private mutating func take(_ found: CommittedRecord, _ size: UInt64) throws(SettlementError) -> Outcome? {
        guard let target, found.commitment.through >= target else {
            last = found
            return nil
        }
        if found.commitment.through == target {
            answersThrough = target
            return .found(found)
        }
        answersThrough = found.commitment.through - 1
        if let last { return .found(last) }
        if try widen() { return .more }
        return .absent("the first commitment speaks of record \(found.commitment.through)")
    }

    /// Nothing more may be shown.
    private mutating func end(_ size: UInt64) throws(SettlementError) -> Outcome {
        if let target {
            return .absent("no commitment that may be shown speaks of record \(target) or a later one yet")
        }
        if let last { return .found(last) }
        if try widen() { return .more }
        return .absent("no commitment to a state that may be shown is in a checkpoint yet")
    }

    /// Begins again farther back; false when it began with the first record.
    private mutating func widen() throws(SettlementError) -> Bool {
        guard let first, first > 1 else { return false }
        try begin(back: min(max(position - first, window), 1 << 56) * Self.widening, from: first)
        return true
    }

    private mutating func begin(back count: UInt64, from place: UInt64) throws(SettlementError) {
        let start = place > count ? place - count : 1
        reader = nil
        (first, position, last, young) = (start, start, nil, nil)
        do throws(JournalError) {
            // The node hashed and the log checked what is in a checkpoint.
            reader = try TailReader.open(directory: journal, from: .sequence(start), hashing: false)
        } catch {
            throw .journal(error)
        }
    }

    private mutating func next() throws(SettlementError) -> RecordView? {
        do throws(JournalError) {
            guard let record = try reader?.next() else { return nil }
            position = record.sequence + 1
            return record
        } catch {
            throw .journal(error)
        }
    }
}
