import ArgumentParser
import Cryptography
import Genesis
import Glibc
import Journal
import Logging
import Platform
import Proof
import Settings
import Settlement
import Synchronization
import Wire

/// What receipts cost beside a venue under load: the real follower, over a journal that grows at a given rate.
struct ReceiptBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "receipts", abstract: "The share of a core that receipts take, and the check of one.")

    @Option(help: "Records a second.")
    var rate: UInt64 = 15_000
    @Option(help: "How long, seconds.")
    var seconds: UInt64 = 10
    @Option(help: "Configuration: interval and capacities are taken from it.")
    var config = "config.toml"
    @Option(help: "A directory that does not exist; removed afterwards.")
    var directory = "/tmp/glassbook-receipts-benchmark"
    @Flag(help: "A list of {name, value, unit, bar, holds}.")
    var json = false

    func run() throws {
        let scratch = try ScratchDirectory(directory)
        var settings = try NodeSettings.load(config)
        settings.dataDirectory = scratch.path
        settings.settlement.published = scratch.path + "/published"
        settings.settlement.keys = scratch.path + "/keys"
        let venue = try Founding.found(settings, keys: try VenueKeys.loadOrMake(in: settings.settlement.keys))
        try FileDirectory.create(settings.settlementDirectory)
        let counters = try SettlementCounters(path: settings.settlementDirectory + "/counters")
        let context = FollowerContext(
            settings: settings, venue: try VenueIdentity(settings), log: Logger(label: "receipts"), counters: counters)

        var load = try ReceiptLoad(settings, venue: venue.id)
        try load.synchronize()
        let stop = StopFlag()
        let spent = Spent()
        let thread = try PinnedThread(name: "receipts") {
            do {
                var follower = try ReceiptFollower(context)
                try follower.run(until: stop)
            } catch { preconditionFailure("receipts: \(error)") }
            spent.nanoseconds.store(Self.threadNanoseconds(), ordering: .releasing)
        }
        let start = SystemClock.monotonicNanoseconds()
        let last = try load.run(rate: rate, seconds: seconds)
        let position = try counters.counter("receipts.sequence")
        while position.value < last { SystemClock.sleep(nanoseconds: 1_000_000) }
        let wall = SystemClock.monotonicNanoseconds() - start
        stop.stop()
        thread.join()
        let share = Double(spent.nanoseconds.load(ordering: .acquiring)) / Double(wall) * 100
        let ranges = try counters.counter("receipts.ranges").value
        let (bytes, check) = try Self.check(settings, last, venue: venue.id)
        Figure.show(
            [
                Figure(name: "receipts_share_of_core", value: share, unit: "%", bar: .atMost(10)),
                Figure(name: "receipts_rate", value: Double(last) * 1e9 / Double(wall), unit: "records/s"),
                Figure(name: "receipts_signatures", value: Double(ranges) * 1e9 / Double(wall), unit: "signatures/s"),
                Figure(name: "receipt_check", value: check, unit: "ms", bar: .atMost(1)),
                Figure(name: "receipt_size", value: Double(bytes), unit: "bytes", bar: .atMost(4_096)),
            ], json: json)
    }

    /// Size of a receipt, and the median time to read and check one, milliseconds.
    private static func check(
        _ settings: NodeSettings, _ sequence: UInt64, venue: Hash256
    ) throws -> (bytes: Int, milliseconds: Double) {
        let bytes = try ServedProofs(settings).receipt(sequence).encoded
        var times: [UInt64] = []
        for _ in 0..<1_001 {
            let start = SystemClock.monotonicNanoseconds()
            try Receipt(bytes).verify(venue: venue)
            times.append(SystemClock.monotonicNanoseconds() - start)
        }
        return (bytes.count, Double(times.sorted()[500]) / 1e6)
    }

    private static func threadNanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// What the thread has spent when it ended.
    private final class Spent: Sendable {
        let nanoseconds = Atomic<UInt64>(0)
    }
}

/// A journal of records of an order's size, appended at a rate.
private struct ReceiptLoad: ~Copyable {
    private var writer: JournalWriter

    init(_ settings: NodeSettings, venue: Hash256) throws {
        let genesis = try File.readPrefix(settings.genesisFile, limit: GenesisMessage.size)
        let id = venue.withUnsafeBytes { Bytes32(from: $0.baseAddress!) }
        writer = try JournalWriter.create(directory: settings.journalDirectory, venueId: id)
        append(genesis, effects: 0, kind: .genesis)
    }

    private mutating func append(_ command: [UInt8], effects: Int, kind: RecordKind) {
        let time = SystemClock.realtimeNanoseconds()
        while true {
            guard let draft = writer.reserve(commandLength: command.count) else {
                precondition(writer.waitForSpare() == nil, "no room for the journal")
                continue
            }
            command.withUnsafeBytes { draft.command.copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
            memset(draft.effects, 0x5A, effects)
            _ = writer.commit(
                draft,
                RecordHead(
                    time: time, arrivalTime: time, arrivalTicket: 0, kind: kind, flags: [], feedSequence: 1,
                    feedMessages: 0, effectsLength: effects))
            return
        }
    }

    func synchronize() throws {
        var synchronizer = writer.makeSynchronizer()
        try synchronizer.synchronizeBlocking()
    }

    /// Appends at a rate, and makes durable every millisecond or as often as the disk can. Returns the last sequence.
    mutating func run(rate: UInt64, seconds: UInt64) throws -> UInt64 {
        var command = [UInt8](repeating: 0x33, count: NewOrderMessage.size + Limits.signatureBytes)
        let start = SystemClock.monotonicNanoseconds()
        let total = rate * seconds
        var count: UInt64 = 0
        while count < total {
            let due = min((SystemClock.monotonicNanoseconds() - start) * rate / 1_000_000_000, total)
            while count < due {
                withUnsafeBytes(of: count) { command.replaceSubrange(16..<24, with: $0) }
                append(command, effects: AcceptedMessage.size + RestedMessage.size, kind: .command)
                count += 1
            }
            try synchronize()
            SystemClock.sleep(nanoseconds: 1_000_000)
        }
        try synchronize()
        return count + 1
    }
}
