import Cryptography
import Glibc
import Journal
import Logging
import Platform
import Proof
import Settings
import Wire

/// Signs receipts for what is durable, a range at a time, and publishes them.
///
/// A signature covers every durable record that has none, up to the end of a published file, an epoch or a receipt
/// key, and there is at most one in `receipt_interval_us`: the busier the venue, the larger the ranges. What was signed
/// is on disk before it is published (`ReceiptStore`), so that a sequence never gets a second, other receipt.
public struct ReceiptFollower: Follower {
    public static let name = "receipts"
    /// Signing and storing take at most one part in so many of a core.
    private static let pauseFactor: UInt64 = 25
    /// Longest pause for that, ns: what is far behind comes in large ranges, and goes on.
    private static let pauseMax: UInt64 = 10_000_000

    private let journalDirectory: String
    private let keyDirectory: String
    private let evidencePath: String
    private let venue: Hash256
    private let prefix: Hash256
    private let interval: UInt64
    private let log: Logger
    private let ranges: Counter
    private let records: Counter
    private let position: Counter
    private let paths: (private: String, published: String)
    private let genesis: [UInt8]

    public init(_ context: FollowerContext) throws {
        let settings = context.settings
        let own = "\(settings.dataDirectory)/settlement"
        try system { () throws(PlatformError) in try FileDirectory.create(own) }
        journalDirectory = settings.journalDirectory
        keyDirectory = settings.settlement.keys
        evidencePath = "\(own)/contradicted.receipt"
        venue = context.venue.id
        genesis = context.venue.genesisBytes
        prefix = SigningPrefix.make(.receipt, venue: venue)
        interval = UInt64(settings.settlement.receiptIntervalMicroseconds) * 1_000
        log = context.log
        ranges = try context.counters.counter("receipts.ranges")
        records = try context.counters.counter("receipts.records")
        position = try context.counters.counter("receipts.sequence")
        paths = ("\(own)/receipts", "\(settings.settlement.published)/receipts")
    }

    public mutating func run(until stop: StopFlag) throws {
        let store = try ReceiptStore(privatePath: paths.private, directory: paths.published, genesis: genesis)
        position.set(store.position)
        guard var reader = try openJournal(at: store, until: stop) else { return }
        try resume(&reader, store)
        var gathering = ReceiptGathering()
        var waiting: RecordView?
        var key: SigningKey? = try signingKey(store.keys.current)
        var nextSignature = SystemClock.monotonicNanoseconds()
        while true {
            try gather(&reader, &gathering, &waiting)
            if gathering.leaves.isEmpty {
                if stop.isStopped { break }
                SystemClock.sleep(nanoseconds: interval)
                continue
            }
            guard let signer = key else {
                if stop.isStopped { break }
                SystemClock.sleep(nanoseconds: 100_000_000)
                key = try? signingKey(store.keys.current)
                continue
            }
            let now = SystemClock.monotonicNanoseconds()
            if now < nextSignature {
                SystemClock.sleep(nanoseconds: nextSignature - now)
                continue
            }
            let spent = Self.threadNanoseconds()
            try sign(&gathering, store, signer)
            // Where a signature and its way to the disk are dear, ranges grow instead: a core has other work.
            let pause = min((Self.threadNanoseconds() - spent) * Self.pauseFactor, Self.pauseMax)
            nextSignature = now + max(interval, pause)
            if store.keys.current != signer.publicKey { key = renewedKey(store.keys.current) }
        }
        try store.finishPublished()
    }

    /// Takes what is durable and belongs to the range.
    private func gather(
        _ reader: inout TailReader, _ gathering: inout ReceiptGathering, _ waiting: inout RecordView?
    ) throws {
        // The view of the waiting record stays valid: the reader is not asked for another one before.
        if let record = waiting, !gathering.isComplete {
            waiting = nil
            let step = gathering.take(record)
            assert(step != .startsNext, "an empty range takes any record")
        }
        let durable = try reader.durableSequence()
        while !gathering.isComplete, reader.nextSequence <= durable, let record = try reader.next() {
            if gathering.take(record) == .startsNext { waiting = record }
        }
    }

    /// Signs what was gathered, and stores it.
    private func sign(
        _ gathering: inout ReceiptGathering, _ store: ReceiptStore, _ key: SigningKey
    ) throws(SettlementError) {
        // Never before the records themselves, and never back: the promise counts from here.
        let time = max(SystemClock.realtimeNanoseconds(), gathering.time, store.last?.body.time ?? 0)
        let range = ReceiptRange(
            signing: gathering.leaves, venue: venue, epoch: gathering.epoch, time: time, prefix: prefix, by: key)
        try store.append(range)
        if let rotation = gathering.rotation { try store.append(rotation) }
        ranges.add()
        records.add(UInt64(range.leaves.count))
        position.set(range.body.last)
        gathering.clear()
    }

    /// A reader at the last record that has a receipt, once the journal is there; nil when asked to stop before.
    private func openJournal(at store: ReceiptStore, until stop: StopFlag) throws(SettlementError) -> TailReader? {
        repeat {
            do throws(JournalError) {
                let start = store.position == 0 ? TailStart.first : .sequence(store.position)
                let reader = try TailReader.open(directory: journalDirectory, from: start)
                // A journal that is being made has no mark yet, and a reader finds it only when it opens.
                if try reader.durableSequence() > 0 { return reader }
            } catch {
                if case .noJournal = error {} else { throw .journal(error) }
            }
            SystemClock.sleep(nanoseconds: 20_000_000)
        } while !stop.isStopped
        return nil
    }
}

extension ReceiptFollower {
    /// Compares the last record that has a receipt with what the journal has there now.
    private func resume(_ reader: inout TailReader, _ store: ReceiptStore) throws(SettlementError) {
        guard let range = store.last, let leaf = range.leaves.last else { return }
        let record: RecordView?
        do throws(JournalError) { record = try reader.next() } catch { throw .journal(error) }
        guard let record, ReceiptLeaf(record) == leaf else {
            let bytes = range.receipt(for: leaf.sequence, keys: store.keys)?.encoded ?? []
            try? File.replace(evidencePath, with: bytes)
            let what = record == nil ? "the journal ends before it" : "the journal has another record there"
            throw .contradiction(
                "record \(leaf.sequence) has a receipt, and \(what)", evidence: evidencePath)
        }
        // The process may have ended between the range and the file of keys.
        if let rotation = ReceiptGathering.rotation(record), rotation.newKey != store.keys.current {
            try store.append(rotation)
        }
    }

    /// Processor time that the calling thread has used, ns.
    private static func threadNanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// The secret key of a public one, from the files `receipt*.key`; so the next key can lie there before it is in
    /// force, and the last one for as long as it is.
    private func signingKey(_ current: PublicKey) throws(SettlementError) -> SigningKey {
        let names = (try? FileDirectory.names(keyDirectory)) ?? []
        for name in names where name.hasPrefix("receipt") && name.hasSuffix(".key") {
            guard let key = try? KeyFile.load("\(keyDirectory)/\(name)", role: .receipt).key else { continue }
            if key.publicKey == current { return key }
        }
        throw .key("no receipt*.key in \(keyDirectory) is the venue's receipt key \(current)")
    }

    /// The key after a change; nil, with an alarm, while its file is missing.
    private func renewedKey(_ current: PublicKey) -> SigningKey? {
        if let key = try? signingKey(current) { return key }
        log.error("receipts wait: no receipt*.key in \(keyDirectory) is the new receipt key \(current)")
        return nil
    }
}
