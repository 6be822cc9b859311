import Journal
import Logging
import Platform
import Proof
import Synchronization

/// Publishes the records themselves, as entry bundles, `publish_delay_ms` behind their checkpoint, and snapshots of the
/// state behind them; and looks, once at
/// its start, whether the tiles that are published still hold.
///
/// Each record is compared with its leaf hash in the tiles before it is published: what is served is what was signed.
struct EntriesFollower: Follower {
    static let name = "entries"
    private static let pause: UInt64 = 5_000_000

    private let context: FollowerContext
    private let directory: String
    private let published: Counter
    private var snapshots: SnapshotPublisher
    private var waiting: [CheckpointProgress.Head] = []
    private var last: UInt64 = 0

    init(_ context: FollowerContext) throws {
        self.context = context
        directory = context.settings.settlement.published
        published = try context.counters.counter("entries.size")
        snapshots = try SnapshotPublisher(context)
    }

    mutating func run(until stop: StopFlag) throws {
        while context.checkpoints.head == nil {
            if stop.isStopped && context.checkpoints.isFinal { return }
            SystemClock.sleep(nanoseconds: Self.pause)
        }
        try checkTiles()
        let first = try firstMissingBundle(context.checkpoints.head!.size)
        var writer = EntryWriter(directory: directory, size: first << 8)
        var reader = try TailReader.open(
            directory: context.settings.journalDirectory, from: .sequence(first << 8 + 1), hashing: false)
        while true {
            // The last checkpoint is made when the process is asked to stop: its entries are published too, unless the
            // delay keeps them for the next start.
            let isLast = stop.isStopped && context.checkpoints.isFinal
            guard let head = nextDue() else {
                if isLast { return }
                SystemClock.sleep(nanoseconds: Self.pause)
                continue
            }
            let tiles = TileReader(TileDirectory(directory), size: head.size)
            while writer.nextIndex < head.size {
                guard let record = try reader.next(), record.sequence == writer.nextIndex + 1 else {
                    throw SettlementError.published("entries: the journal has no record \(writer.nextIndex + 1)")
                }
                let entry = UnsafeRawBufferPointer(start: record.base, count: record.length)
                guard try tiles.hash(level: 0, index: writer.nextIndex) == MerkleHash.leaf(entry) else {
                    context.repair.request()
                    throw SettlementError.published("tile of record \(record.sequence): not the hash of that record")
                }
                try writer.append(entry)
            }
            try writer.publish()
            last = head.size
            published.set(head.size)
            snapshots.publish(through: head.size)
        }
    }

    /// The next checkpoint that is old enough.
    private mutating func nextDue() -> CheckpointProgress.Head? {
        if let head = context.checkpoints.head, head.size > max(last, waiting.last?.size ?? 0) { waiting.append(head) }
        let delay = UInt64(context.settings.settlement.publishDelayMilliseconds) * 1_000_000
        guard let first = waiting.first, first.time + delay <= SystemClock.realtimeNanoseconds() else { return nil }
        return waiting.removeFirst()
    }

    /// Index of the first full bundle that is not there: everything from it on is written again.
    private func firstMissingBundle(_ size: UInt64) throws -> UInt64 {
        var index: UInt64 = 0
        while (index + 1) << 8 <= size, File.exists("\(directory)/\(TilePath(.entries, index: index))") { index += 1 }
        return index
    }

    /// Every tile against the ones below it, and all of them against the signed root.
    private func checkTiles() throws {
        guard let head = context.checkpoints.head else { return }
        let what: String
        do throws(LogError) {
            let root = try TileReader(TileDirectory(directory), size: head.size).rootOfAllTiles()
            if root == head.root { return }
            what = "the tiles do not have the signed root of size \(head.size)"
        } catch {
            what = "\(error)"
        }
        context.repair.request()
        throw SettlementError.published(what)
    }
}

/// Asks the log to make its tiles again.
public final class RepairRequest: Sendable {
    private let requested = Atomic<Bool>(false)

    public init() {}

    /// Asks for it.
    public func request() { requested.store(true, ordering: .releasing) }

    /// Whether it was asked for.
    public var isRequested: Bool { requested.load(ordering: .acquiring) }

    func clear() { requested.store(false, ordering: .releasing) }
}
