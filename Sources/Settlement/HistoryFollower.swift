import Cryptography
import History
import Journal
import Logging
import Platform
import Proof
import Replay
import Wire

/// Writes trades, order events, transfers, balances and checkpoints to SQLite.
///
/// It replays the journal through a venue of its own, from the newest snapshot at or before the database's mark on: up
/// to the mark in silence, then writing. A database that was wiped is filled again from the first record on, with the
/// same rows.
struct HistoryFollower: Follower {
    static let name = "history"
    private static let pause: UInt64 = 20_000_000
    /// Records of one transaction at most, and rows after which no other record is taken into it.
    private static let recordsMax = 4_096
    private static let rowsMax = 65_536
    /// Bytes that rows take at most before they are written: a record has no more rows than a transaction, and a row is
    /// its values behind a header.
    static let rowBytesMax = 2 * rowsMax * 256
    /// Bytes that SQLite keeps at most.
    static let databaseBytesMax = 16 << 20

    private let context: FollowerContext
    private let database: HistoryDatabase
    private let path: String
    private let position: Counter
    /// The list of published checkpoints behind those in the database, and one whose records are not in it yet.
    private var checkpoints: CheckpointListReader
    private var nextCheckpoint: UInt64?

    init(_ context: FollowerContext) throws {
        self.context = context
        path = context.settings.settlementDirectory + "/history.sqlite"
        database = try HistoryDatabase(path: path, venue: context.venue.id)
        position = try context.counters.counter("history.sequence")
        position.set(database.mark.sequence)
        checkpoints = CheckpointListReader(
            context.settings.settlement.published, after: try database.lastCheckpoint())
    }

    mutating func run(until stop: StopFlag) throws {
        var snapshotsThrough = database.mark.sequence
        while let start = try start(until: stop, snapshotsThrough) {
            let snapshot = start.sequence
            do {
                return try follow(start, until: stop)
            } catch SettlementError.divergence(let error) where snapshot > 0 {
                // Whether it is the snapshot or the journal, an older one tells.
                context.log.error("history: behind the snapshot of record \(snapshot): \(error)")
                snapshotsThrough = snapshot - 1
            }
        }
    }

    private mutating func follow(_ start: consuming ReplayStart, until stop: StopFlag) throws {
        let begin = HistoryDatabase.Mark(sequence: start.sequence, hash: Hash256(start.chainHead))
        if begin.sequence > 0, begin.sequence == database.mark.sequence, begin != database.mark {
            throw HistoryError.contradiction(sequence: begin.sequence, path: path)
        }
        var replayer = start.replayer
        var reader = start.reader
        var changes = begin.sequence == 0 ? BalanceChanges() : BalanceChanges(of: replayer.venue)
        var touched = TouchedParts()
        var rows: [HistoryRow] = []
        while true {
            let isLast = stop.isStopped
            let durable = try journal { () throws(JournalError) in try reader.durableSequence() }
            var (last, count) = (database.mark, 0)
            // What is above the mark is not looked at: a recovery may cut it.
            while count < Self.recordsMax, rows.count < Self.rowsMax, reader.nextSequence <= durable,
                let record = try next(&reader)
            {
                do throws(Divergence) { try replayer.replay(record) } catch { throw SettlementError.divergence(error) }
                touched.add(record)
                var made = HistoryRow.rows(record)
                if replayer.venue.pendingCause == nil {
                    made += changes.rows(sequence: record.sequence, accounts: touched.accounts, of: replayer.venue)
                    touched.removeAll()
                }
                let here = HistoryDatabase.Mark(sequence: record.sequence, hash: Hash256(record.hash))
                if record.sequence == database.mark.sequence, here != database.mark {
                    throw HistoryError.contradiction(sequence: record.sequence, path: path)
                }
                if record.sequence > database.mark.sequence {
                    rows += made
                    last = here
                }
                count += 1
            }
            let isFull = count == Self.recordsMax || rows.count >= Self.rowsMax
            if last.sequence > database.mark.sequence {
                try database.add(rows, upTo: last)
                rows.removeAll(keepingCapacity: true)
                position.set(last.sequence)
            }
            if isFull {
                // What is not reached when the process stops is written by the next one.
                if isLast { return }
                continue
            }
            try addCheckpoints()
            if isLast { return }
            SystemClock.sleep(nanoseconds: Self.pause)
        }
    }

    private func next(_ reader: inout TailReader) throws(SettlementError) -> RecordView? {
        do throws(JournalError) { return try reader.next() } catch { throw .journal(error) }
    }

    /// Behind the newest snapshot at or before a record; with genesis once there is a journal. Nil when it is stopped.
    private func start(until stop: StopFlag, _ snapshotsThrough: UInt64) throws(SettlementError) -> ReplayStart? {
        let (settings, venue) = (context.settings, context.venue)
        let found = ReplayStart.behindSnapshot(
            settings, venue, through: snapshotsThrough, context.log, for: Self.name)
        if let found { return found }
        // Once at least: who is stopped at once has written what was due.
        repeat {
            do throws(SettlementError) { return try .genesis(settings, venue) } catch {
                guard case .journal(.noJournal) = error else { throw error }
                SystemClock.sleep(nanoseconds: Self.pause)
            }
        } while !stop.isStopped
        return nil
    }

    /// Signed checkpoints that are published and not in the database yet, as far as their records are.
    ///
    /// What is new stands at the end of the list of them: a turn without any reads nothing.
    private mutating func addCheckpoints() throws {
        while let size = try nextCheckpoint ?? checkpoints.next() {
            nextCheckpoint = size
            if size > database.mark.sequence { return }
            let path = "\(context.settings.settlement.published)/\(CheckpointFiles.path(size))"
            // One that somebody removed stays in the list.
            if File.exists(path) {
                let note = try File.readPrefix(path, limit: SignedNote.bytesMax)
                let checkpoint = try Checkpoint(text: try SignedNote(note).text)
                // Without witnesses: who cosigned when is not the journal's to say.
                try database.add(checkpoint: size, root: checkpoint.root, note: Array(checkpoint.text.utf8))
            }
            nextCheckpoint = nil
        }
    }
}
