import Journal
import Logging
import Platform
import Proof
import Replay

/// Publishes states for strangers, behind the entries: a state shows every resting order, so it comes no earlier than
/// the records that made it, and only when one of those that are published commits to it.
///
/// One at a time waits, under a second name, until it is due: with a long delay the newest ones of settlement's own
/// would all be gone again before the entries get there.
struct SnapshotPublisher {
    private let journal: String
    private let published: String
    private let own: SnapshotDirectory
    private let waiting: SnapshotDirectory
    private let kept: Int
    private let log: Logger
    private let counter: Counter
    /// The one that waits, and the last record in which its commitment was looked for.
    private var looked: (snapshot: UInt64, through: UInt64) = (0, 0)
    /// The last one that was published or passed over.
    private var done: UInt64 = 0

    init(_ context: FollowerContext) throws(SettlementError) {
        let settings = context.settings
        (journal, published) = (settings.journalDirectory, settings.settlement.published)
        own = SnapshotDirectory(settings.snapshotDirectory)
        waiting = SnapshotDirectory(own.path + "/waiting")
        kept = settings.settlement.snapshotsKept
        log = context.log
        counter = try context.counters.counter("snapshot.published-sequence")
    }

    /// What is there already, and where the list is.
    private var directory: String { "\(published)/\(SnapshotFiles.directory)" }
    private var sequences: [UInt64] { ((try? FileDirectory.names(directory)) ?? []).compactMap(SnapshotFiles.sequence) }

    /// Entries of the first `size` records are published. What cannot be done is said, and holds up nothing.
    mutating func publish(through size: UInt64) {
        do { try publishDue(size) } catch { log.error("no snapshot published: \(error)") }
    }

    private mutating func publishDue(_ size: UInt64) throws {
        if waiting.sequences().isEmpty {
            guard let newest = own.sequences().last, newest > max(done, sequences.last ?? 0) else { return }
            try own.link(newest, to: waiting)
        }
        guard let sequence = waiting.sequences().first, sequence < size else { return }
        switch try commitment(of: sequence, through: size) {
        case nil: return
        case false?: log.warning("the snapshot of record \(sequence) is not published: nothing commits to it")
        case true?: try put(sequence)
        }
        done = sequence
        try waiting.remove(sequence)
    }

    /// Whether a record up to `size` commits to the state; nil when a later one still may.
    private mutating func commitment(of sequence: UInt64, through size: UInt64) throws -> Bool? {
        if looked.snapshot != sequence { looked = (sequence, sequence) }
        guard looked.through < size else { return nil }
        var reader = try TailReader.open(directory: journal, from: .sequence(looked.through + 1), hashing: false)
        while looked.through < size, let record = try reader.next() {
            looked.through = record.sequence
            guard let commitment = StateCommitmentRecord(record), commitment.through >= sequence else { continue }
            // They come in the order of what they speak of.
            return commitment.through == sequence
        }
        return nil
    }

    /// The file, then the list, then away with the oldest: whoever reads the list finds what it says.
    private func put(_ sequence: UInt64) throws {
        try FileDirectory.createDurably(directory)
        do throws(SnapshotRefusal) {
            try waiting.copy(sequence, to: "\(published)/\(SnapshotFiles.path(sequence))")
        } catch .damaged(let text) {
            // It goes, and the next one is taken.
            return log.error("the snapshot of record \(sequence) is not published: \(text)")
        }
        let all = sequences
        try File.replace("\(published)/\(SnapshotFiles.index)", with: SnapshotFiles.list(all.suffix(kept)))
        for old in all.dropLast(kept) { try File.remove("\(published)/\(SnapshotFiles.path(old))") }
        for name in try FileDirectory.names(directory) where name.hasSuffix(File.draftSuffix) {
            try File.remove("\(directory)/\(name)")
        }
        counter.set(sequence)
        log.info("published the snapshot of record \(sequence)")
    }
}
