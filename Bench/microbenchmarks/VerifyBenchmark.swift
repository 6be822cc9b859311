import ArgumentParser
import Foundation
import Platform
import Synchronization

/// What one signature check costs on one core while the others rest, and on all cores at once.
///
/// The two differ where cores share a power budget, or are halves of one: the second is what a process that works on
/// all cores can reach at most.
struct VerifyBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify", abstract: "A signature check: on one core alone, and on all cores at once.")

    @Option(help: "Runs of each; the median counts.")
    var runs = 5
    @Flag(help: "A list of {name, value, unit, bar, holds}.")
    var json = false

    func run() throws {
        let alone = SignatureBenchmark()
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let figures = [
            Figure(name: "verify_one_core", value: median(runs) { alone.verify() }, unit: "ns"),
            Figure(name: "verify_all_cores", value: try median(runs) { try Self.together(cores) }, unit: "ns"),
        ]
        Figure.show(figures, json: json)
    }

    /// Mean nanoseconds of a check while as many threads as there are cores make checks.
    private static func together(_ cores: Int) throws -> Double {
        let sum = Sum()
        var threads: [BenchmarkThread] = []
        for core in 0..<cores {
            threads.append(
                BenchmarkThread(
                    try PinnedThread(name: "verify-\(core)", core: UInt32(core)) {
                        sum.add(SignatureBenchmark().verify())
                    }))
        }
        threads.removeAll()
        return sum.value / Double(cores)
    }
}

/// A thread that is joined when it is let go.
private final class BenchmarkThread {
    let thread: PinnedThread
    init(_ thread: consuming PinnedThread) { self.thread = thread }
}

/// What threads add up.
private final class Sum: Sendable {
    private let total = Mutex(0.0)
    var value: Double { total.withLock { $0 } }
    func add(_ value: Double) { total.withLock { $0 += value } }
}
