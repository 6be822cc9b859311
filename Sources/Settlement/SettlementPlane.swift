import Foundation
import Glibc
import Logging
import Platform
import Proof
import Settings
import Synchronization

/// The settlement plane of one venue: its followers, each on a thread, and the lock on their directory.
public final class SettlementPlane: Sendable {
    /// The followers that run, in the order in which they are started.
    static func followers(_ settings: NodeSettings) -> [any Follower.Type] {
        let always: [any Follower.Type] = [
            LogFollower.self, EntriesFollower.self, ReceiptFollower.self, AvailabilityFollower.self,
        ]
        return always + (settings.settlement.history ? [HistoryFollower.self] : [])
    }

    private let lock: ExclusiveLock
    private let stopping = StopFlag()
    private let threads: [ThreadHolder]
    private let failure = Failure()
    private let context: FollowerContext

    /// Takes the lock, reads the venue's genesis, asks the witnesses what they remember, starts the threads.
    ///
    /// - Parameter onFailure: called, on any thread, when the process has to end; `stop` then says why.
    public init(
        _ settings: NodeSettings, _ log: Logger, onFailure: @escaping @Sendable () -> Void
    ) throws(SettlementError) {
        let directory = settings.settlementDirectory
        let venue = try VenueIdentity(settings)
        let lock = try system { () throws(PlatformError) in
            // What is synchronised in a directory is durable only when the directory is.
            try FileDirectory.createDurably(directory)
            try FileDirectory.createDurably(settings.settlement.published + "/checkpoints")
            return try File.lockExclusively(try File.open(directory + "/lock", .createOrOpen), path: directory)
        }
        guard let lock else { throw .inUse(directory) }
        self.lock = lock
        // A process that was killed between a rename and the directory left a name that the next one reads, and a loss
        // of power takes back: nothing is given out on the strength of it before. So may have who founded the venue.
        try system { () throws(PlatformError) in
            try FileDirectory.synchronize(directory)
            try FileDirectory.synchronize(settings.journalDirectory)
        }
        let counters = try SettlementCounters(path: directory + "/counters")
        context = FollowerContext(settings: settings, venue: venue, log: log, counters: counters)
        // Each follower signs, or gives out, what another copy of this venue may have given out otherwise.
        try WitnessCheck.run(context)
        let kinds = Self.followers(settings)
        threads = kinds.map { _ in ThreadHolder() }
        for (kind, thread) in zip(kinds, threads) {
            let runner = FollowerThread(kind: kind, context: context, stopping: stopping) { [failure] error in
                failure.set(error)
                onFailure()
            }
            try thread.start(kind.name) { runner.run() }
        }
    }

    /// What the process takes of memory at most.
    ///
    /// - Parameter isServing: whether it also answers requests.
    public func memory(isServing: Bool) -> MemoryPlan {
        MemoryPlan(context.settings, context.venue, isServing: isServing)
    }

    /// One line for whoever started the process: the venue, and the key of the log that is in force now.
    public var readyLine: String {
        let key = VerifierKey(name: context.venue.origin, kind: .ed25519, key: LogKeys.inForce(context))
        return "ready settlement venue=\(context.venue.id) log=\(key.map { "\($0)" } ?? context.venue.origin)"
    }

    /// Ends every follower in order: a last checkpoint, open ranges and batches. Throws what ended the process, when it
    /// was not the caller's wish.
    public func stop() throws(SettlementError) {
        stopping.stop()
        for thread in threads { thread.join() }
        if let error = failure.first { throw error }
    }
}

/// The first error that ends the process.
private final class Failure: Sendable {
    private let state = Mutex<SettlementError?>(nil)

    var first: SettlementError? { state.withLock { $0 } }

    func set(_ error: SettlementError) { state.withLock { if $0 == nil { $0 = error } } }
}

/// Runs one follower, and makes it anew when it fails without being fatal.
struct FollowerThread: Sendable {
    let kind: any Follower.Type
    let context: FollowerContext
    let stopping: StopFlag
    let fail: @Sendable (SettlementError) -> Void

    func run() {
        // Whoever waits for the last head waits no longer.
        defer { if kind is LogFollower.Type { context.checkpoints.end() } }
        var pause: UInt64 = 1_000
        // Once at least: also who is asked to stop at once leaves what is due behind it.
        repeat {
            let start = SystemClock.monotonicNanoseconds()
            do {
                var follower = try kind.init(context)
                try follower.run(until: stopping)
                return
            } catch {
                if let fatal = SettlementError(any: error), fatal.isFatal { return fail(fatal) }
                report(error)
            }
            // One that ran for a while begins with a short pause again.
            if SystemClock.monotonicNanoseconds() - start > 60_000_000_000 { pause = 1_000 }
            wait(milliseconds: pause)
            pause = min(pause * 2, 60_000)
        } while !stopping.isStopped
    }

    /// Before the first start of the node there is no journal, and nothing wrong with that.
    private func report(_ error: any Error) {
        let isSigned = File.exists(SignedHead.path(context.settings.settlementDirectory))
        if case .journal(.noJournal)? = SettlementError(any: error), !isSigned {
            context.log.notice("\(kind.name): \(error) yet; the node makes it")
        } else {
            context.log.error("\(kind.name): \(error)")
        }
    }

    private func wait(milliseconds: UInt64) {
        for _ in 0..<(milliseconds / 10) where !stopping.isStopped { SystemClock.sleep(nanoseconds: 10_000_000) }
    }
}
