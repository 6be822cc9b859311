import ArgumentParser
import Journal
import Platform
import Proof
import Replay
import Venue
import Wire

/// How fast settlement's log goes over a journal on one core: records read with chain and hash, replayed and compared,
/// hashed into the tree; tiles written and the state root made every 65,536 records.
struct SettlementBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "settlement",
        abstract: "Settlement: hashing and replay of a journal, records a second on one core.")

    @Argument(help: "The workload, FILE.lobw; FILE.lobw.expect stands beside it.")
    var file: String
    @Option(help: "Runs; the median counts.")
    var runs = 5
    @Option(help: "Records between two checkpoints.")
    var interval: UInt64 = 65_536
    @Option(help: "The core to be pinned to.")
    var core: UInt32?
    @Option(help: "A directory that does not exist, for journal and tiles; it is removed in the end.")
    var directory = "/tmp/glassbook-settlement"
    @Flag(help: "A list of {name, value, unit, bar, holds}.")
    var json = false

    func run() throws {
        if let core { try CPUSet([core]).confineCurrentThread() }
        let scratch = try ScratchDirectory(directory)
        let journal = scratch.path + "/journal"
        try FileDirectory.create(journal)
        let written = try RecoveryJournal.write(VenueWorkload(Workload(path: file)), into: journal)
        var roots: [Double] = []
        var number = 0
        var processor = Double.infinity
        let rate = try median(runs) {
            number += 1
            let start = threadNanoseconds()
            let rate = try follow(journal, tiles: "\(scratch.path)/tiles-\(number)", written, &roots)
            processor = min(processor, Double(threadNanoseconds() - start) / Double(written.records))
            return rate
        }
        roots.sort()
        Figure.show(
            [
                Figure(
                    name: "settlement_hash_and_replay", value: rate, unit: "records/s", bar: .atLeast(250_000)),
                Figure(name: "settlement_state_root", value: roots[roots.count / 2], unit: "ms a checkpoint"),
            ], json: json)
        if !json {
            print(
                "\(written.records) records of \(written.bytes / written.records) bytes, \(runs) runs; "
                    + "\(decimal(processor)) ns of the processor a record at best")
        }
    }

    /// Follows the journal from its first record to its last; records a second.
    private func follow(
        _ journal: String, tiles directory: String, _ written: RecoveryJournal.Written, _ roots: inout [Double]
    ) throws -> Double {
        var reader = try TailReader.open(directory: journal)
        guard let first = try reader.next() else { throw BenchmarkError.outcome(found: "none", expected: "a record") }
        var replayer = Replayer<Venue>(genesis: GenesisMessage(first.command))
        var tiles = try TileWriter(directory: directory)
        var touched = TouchedParts()
        try replayer.replay(first)
        tiles.append(MerkleHash.leaf(UnsafeRawBufferPointer(start: first.base, count: first.length)))
        var tree = try StateTree(replayer.venue)
        let start = SystemClock.monotonicNanoseconds()
        while let record = try reader.next() {
            try replayer.replay(record)
            tiles.append(MerkleHash.leaf(UnsafeRawBufferPointer(start: record.base, count: record.length)))
            touched.add(record)
            guard record.sequence % interval == 0 || record.sequence == written.records else { continue }
            try tiles.publish()
            let before = SystemClock.monotonicNanoseconds()
            try tree.update(from: replayer.venue, touched)
            _ = tree.root(through: record.sequence)
            touched.removeAll()
            roots.append(Double(SystemClock.monotonicNanoseconds() - before) / 1e6)
        }
        let seconds = Double(SystemClock.monotonicNanoseconds() - start) * 1e-9
        guard tiles.size == written.records, reader.headHash == written.headHash else {
            throw BenchmarkError.outcome(found: "\(tiles.size) records", expected: "\(written.records) and their hash")
        }
        return Double(written.records - 1) / seconds
    }
}
