import Cryptography
import Glibc
import Journal
import Logging
import Platform
import Proof
import Replay
import Venue
import Wire

/// The log: reads every durable record once, replays it, hashes it into the tree, and makes checkpoints.
///
/// Nothing above the durable mark is read, so nothing here ever has to be taken back.
final class LogCore {
    /// Records that are read between two looks at clock and witnesses.
    private static let burst = 2_048
    /// Pause when there is nothing to do, ns.
    private static let pause: UInt64 = 1_000_000

    let context: FollowerContext
    let directory: String
    var reader: TailReader
    var replayer: Replayer<Venue>
    var tiles: TileWriter
    var state: StateTracker
    var publisher: CheckpointPublisher
    let committer: Committer
    var keys: LogKeys
    let settlementKey: SigningKey
    let counters: LogCounters
    var watch: JournalWatch
    /// The last head that was signed for; nil before the first.
    var head: SignedHead?
    /// Last record that is more than a commitment; what was committed last, by the journal, and what is to be.
    var lastSubstance: UInt64
    var lastCommitted: UInt64 = 0
    var lastSubmitted: UInt64 = 0
    /// Record of the last snapshot that was made.
    var lastSnapshot: UInt64
    /// Monotonic ns of the last checkpoint.
    var lastCheckpointTime: UInt64 = 0
    var lastWatchTime: UInt64 = 0
    /// Durable mark as it was read last.
    var durable: UInt64 = 0
    /// Time of the first record behind the last head, ns since 1970 UTC.
    var firstTime: UInt64 = 0
    var log: Logger { context.log }

    init(_ context: FollowerContext) throws(SettlementError) {
        self.context = context
        let settings = context.settings
        directory = settings.settlementDirectory
        counters = try LogCounters(context.counters)
        keys = try LogKeys(context)
        settlementKey = try Self.key(.settlement, context)
        let published = Self.publishedHead(context, keys)
        head = try Self.knownHead(context, published, keys)
        watch = JournalWatch(directory: settings.journalDirectory)
        let start = try Self.start(context, head)
        lastSnapshot = start.replay.sequence
        // Where there is a snapshot there was something to commit: whether that was said stands behind it.
        lastSubstance = start.replay.sequence
        tiles = start.tiles
        replayer = start.replay.replayer
        reader = start.replay.reader
        state = StateTracker()
        committer = try Committer(context, key: settlementKey)
        publisher = try CheckpointPublisher(context, publishedSize: published?.size ?? 0)
    }

    // MARK: Running

    /// Follows the journal until asked to stop; then makes a last checkpoint.
    func run(until stop: StopFlag) throws(SettlementError) {
        defer {
            committer.stop()
            publisher.stop()
        }
        try catchUp()
        lastCheckpointTime = SystemClock.monotonicNanoseconds()
        while !stop.isStopped {
            let isIdle = try turn()
            if isIdle { SystemClock.sleep(nanoseconds: Self.pause) }
        }
        while try readBurst() || isFull { if isFull { try checkpoint() } }
        if tiles.size > (head?.size ?? 0) { try checkpoint() }
        try finishPublishing()
    }

    /// One turn of the loop. Returns whether there was nothing to do.
    private func turn() throws(SettlementError) -> Bool {
        let hasMore = try readBurst()
        let now = SystemClock.monotonicNanoseconds()
        try observe(now)
        if context.repair.isRequested { throw .published("the tiles are to be made again") }
        if isDue(now) {
            do throws(SettlementError) { try checkpoint() } catch {
                guard Self.canBeTriedAgain(error) else { throw error }
                counters.failures.add()
                log.error("no checkpoint of \(tiles.size) records: \(error)")
                lastCheckpointTime = now
            }
        }
        try writeNew()
        return !hasMore
    }

    private func writeNew() throws(SettlementError) {
        do throws(SettlementError) { try publisher.writeNew() } catch {
            guard Self.canBeTriedAgain(error) else { throw error }
            counters.failures.add()
            log.error("a checkpoint was not published: \(error)")
            SystemClock.sleep(nanoseconds: 100_000_000)
        }
    }

    /// A full disk is waited out; after a failed fsync nobody knows what is on the disk.
    static func canBeTriedAgain(_ error: SettlementError) -> Bool {
        guard case .system(.systemCall(let name, _, let errno)) = error else { return false }
        return !["fsync", "fdatasync", "syncfs"].contains(name)
            && [ENOSPC, EDQUOT, EMFILE, ENFILE, ENOMEM].contains(errno.rawValue)
    }

    private func isDue(_ now: UInt64) -> Bool {
        let size = head?.size ?? 0
        guard tiles.size > size else { return false }
        let settings = context.settings.settlement
        return isFull
            || now - lastCheckpointTime >= UInt64(settings.checkpointIntervalMilliseconds) * 1_000_000
    }

    /// Whether there are as many records as one checkpoint takes.
    private var isFull: Bool {
        tiles.size - (head?.size ?? 0) >= UInt64(context.settings.settlement.checkpointRecords)
    }

    /// Reads what is durable, up to a burst. Returns whether there was anything.
    func readBurst() throws(SettlementError) -> Bool {
        durable = try journal { () throws(JournalError) in try reader.durableSequence() }
        var count = 0
        // No more than one checkpoint takes, so that the tiles that wait for the disk are bounded.
        let last = min(durable, (head?.size ?? 0) + UInt64(context.settings.settlement.checkpointRecords))
        while count < Self.burst, reader.nextSequence <= last {
            guard let record = try journal({ () throws(JournalError) in try reader.next() }) else { break }
            try take(record)
            count += 1
        }
        return count > 0
    }

    /// Replays a record and hashes it.
    func take(_ record: RecordView) throws(SettlementError) {
        do throws(Divergence) { try replayer.replay(record) } catch { throw .divergence(error) }
        if record.sequence > tiles.size {
            if tiles.size == head?.size ?? 0 { firstTime = record.time }
            tiles.append(MerkleHash.leaf(UnsafeRawBufferPointer(start: record.base, count: record.length)))
        }
        state.touch(record)
        if let accepted = StateCommitmentRecord(record) { lastCommitted = max(lastCommitted, accepted.through) }
        if !Self.isCommitment(record) { lastSubstance = record.sequence }
    }

    private static func isCommitment(_ record: RecordView) -> Bool {
        record.kind == .command && CommandHeader(record.command).templateId == Template.stateCommitment
    }

    /// Updates the counters, and looks once a second whether the journal is still the one that is mapped.
    private func observe(_ now: UInt64) throws(SettlementError) {
        counters.read.set(reader.nextSequence - 1)
        counters.lag.set(durable - min(durable, reader.nextSequence - 1))
        counters.age.set(tiles.size > (head?.size ?? 0) ? (now - lastCheckpointTime) / 1_000_000 : 0)
        guard now - lastWatchTime >= 1_000_000_000 else { return }
        lastWatchTime = now
        if !watch.holds(reader.file) { try reopen() }
    }

    /// The files of the journal were exchanged: the last record that was read has to be in the new ones.
    private func reopen() throws(SettlementError) {
        let last = reader.nextSequence - 1
        log.warning("the journal's files were exchanged; looking for record \(last)")
        do throws(JournalError) {
            reader = try TailReader.open(
                directory: context.settings.journalDirectory, from: .after(sequence: last, hash: reader.headHash))
            _ = try reader.durableSequence()
        } catch {
            try contradicts(error)
        }
    }
}
