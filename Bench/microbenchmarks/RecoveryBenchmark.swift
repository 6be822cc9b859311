import ArgumentParser
import Glibc
import Journal
import Platform
import Replay
import Venue

/// How fast a node starts: a journal of a workload, read, checked, applied and compared again.
struct RecoveryBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "recovery",
        abstract: "Recovery: records a second, with hashes, chain and effects compared; signatures are not.")

    @Argument(help: "The workload, FILE.lobw; FILE.lobw.expect stands beside it.")
    var file: String
    @Option(help: "Runs; the median counts.")
    var runs = 5
    @Option(help: "The core to be pinned to.")
    var core: UInt32?
    @Option(help: "A directory that does not exist, for the journal; it is removed in the end.")
    var directory = "/tmp/glassbook-recovery"
    @Flag(help: "A list of {name, value, unit, bar, holds}.")
    var json = false

    func run() throws {
        if let core { try CPUSet([core]).confineCurrentThread() }
        let scratch = try ScratchDirectory(directory)
        let written = try RecoveryJournal.write(VenueWorkload(Workload(path: file)), into: scratch.path)
        var slowest = Double.infinity, fastest = 0.0, processor = Double.infinity, around = 0.0
        let rate = try median(runs) {
            // The clock runs from the first progress to the last: records alone, without the making of the venue before
            // them and the hash of its state behind them, which are printed beside.
            var marks: [(sequence: UInt64, time: UInt64)] = []
            let start = SystemClock.monotonicNanoseconds(), processorStart = threadNanoseconds()
            let replay = try JournalReplay(scratch.path, through: Venue.self) { sequence in
                marks.append((sequence, SystemClock.monotonicNanoseconds()))
            }
            let end = SystemClock.monotonicNanoseconds()
            guard replay.counts.records == written.records, replay.headHash == written.headHash else {
                throw BenchmarkError.outcome(
                    found: "\(replay.counts.records) records", expected: "\(written.records) records and their hash")
            }
            guard let first = marks.first, let last = marks.last, last.sequence > first.sequence else {
                throw BenchmarkError.outcome(found: "\(written.records) records", expected: "131,072 at least")
            }
            processor = min(processor, Double(threadNanoseconds() - processorStart) / Double(written.records))
            let rate = Double(last.sequence - first.sequence) / (Double(last.time - first.time) * 1e-9)
            around = Double(end - start) * 1e-9 - Double(written.records) / rate
            slowest = min(slowest, rate)
            fastest = max(fastest, rate)
            return rate
        }
        let figure = Figure(
            name: "recovery", value: rate / 1_000_000, unit: "million records/s", bar: .atLeast(1))
        Figure.show([figure], json: json)
        if !json {
            print(
                "\(written.records) records of \(written.bytes / written.records) bytes, \(runs) runs, "
                    + "\(decimal(slowest / 1_000_000)) to \(decimal(fastest / 1_000_000)); "
                    + "venue made and state hashed in \(decimal(around)) s besides; "
                    + "\(decimal(processor)) ns of the processor a record at best")
        }
    }
}

/// Processor time of this thread: what a busy machine does not change.
func threadNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
