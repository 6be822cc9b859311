import ArgumentParser
import Platform
import Synchronization

/// What the machine takes away from programs: on a virtual machine, others' work; elsewhere, the kernel's.
struct MachineBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "machine",
        abstract: "How long a thread that only looks at the clock stands still: gaps of a millisecond and more.",
        discussion: """
            One thread on each core, all at once, nothing else to do. What is missing here is missing in every \
            other figure of this machine, whatever the program: a rate that a core must keep for ten seconds cannot be \
            higher than the share that is left, and the slowest answers take the longest gap at least.
            """)

    private static let shortest: UInt64 = 1_000_000

    @Option(help: "How long to look, in seconds, 1 to 600.")
    var seconds: UInt64 = 10
    @Flag(help: "A list of {name, value, unit, bar, holds}.")
    var json = false

    func validate() throws {
        guard (1...600).contains(seconds) else { throw ValidationError("--seconds \(seconds): expected 1 to 600") }
    }

    /// What one core did not give.
    private struct Gaps {
        var sum: UInt64 = 0
        var longest: UInt64 = 0
    }

    private final class Found: Sendable {
        let gaps = Mutex<[Gaps]>([])
    }

    func run() throws {
        let found = Found()
        let length = seconds * 1_000_000_000
        do {
            var threads: [ThreadOwner] = []
            for core in try CPUSet.available().cores {
                threads.append(
                    try ThreadOwner("gaps \(core)", core) {
                        let gaps = Self.look(length)
                        found.gaps.withLock { $0.append(gaps) }
                    })
            }
        }
        let all = found.gaps.withLock { $0 }
        let share = Double(all.map(\.sum).max() ?? 0) / Double(length)
        Figure.show(
            [
                Figure(name: "core_taken_away", value: share * 100, unit: "% of the worst core"),
                Figure(name: "core_longest_gap", value: Double(all.map(\.longest).max() ?? 0) / 1e6, unit: "ms"),
            ], json: json)
    }

    private static func look(_ length: UInt64) -> Gaps {
        var gaps = Gaps()
        let start = SystemClock.monotonicNanoseconds()
        var last = start
        while last - start < length {
            let now = SystemClock.monotonicNanoseconds()
            let gap = now - last
            if gap >= Self.shortest {
                gaps.sum += gap
                gaps.longest = max(gaps.longest, gap)
            }
            last = now
        }
        return gaps
    }
}

/// A thread that is joined when its owner goes: of those that cannot be copied no array is made.
private final class ThreadOwner {
    private let thread: PinnedThread

    init(_ name: String, _ core: UInt32, _ body: @Sendable @escaping () -> Void) throws {
        thread = try PinnedThread(name: name, core: core, body: body)
    }
}
