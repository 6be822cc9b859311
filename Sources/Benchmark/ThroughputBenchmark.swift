import Cryptography
import Platform
import Settings
import Wire

/// The highest rate that a node holds: for ten seconds, every frame answered, and in every second the median answer
/// within ten milliseconds of the time at which its frame was to leave. So the node never falls behind; a stall of the
/// machine that is caught up with does not count, and is seen in the percentiles.
///
/// Frames are signed before the clock starts. A search with short runs finds where it may lie; a run of full length
/// confirms it, or the next lower rate is tried. A rate that was not held is tried once more: on a machine that others
/// use too, a lower rate is the machine's as often as the node's.
public struct ThroughputBenchmark: Sendable {
    /// Orders of a frame: 1 sends NewOrder messages that rest and cross in turn; more sends batches of `OrderMix`.
    public var batch = 1
    /// Length of the run that confirms, seconds.
    public var seconds = 10.0
    /// Length of the runs of the search, seconds.
    public var probeSeconds = 3.0
    /// Orders that rest before the clock starts, in batches.
    public var depth = 100_000
    public var nodeCore: UInt32 = 0
    public var clientCore: UInt32 = 1

    /// An answer that comes later is late.
    public static let limitNanoseconds: UInt64 = 10_000_000

    public init() {}

    /// What was found.
    public struct Result: Sendable {
        /// Orders of a frame.
        public var batch: Int
        /// Orders a second that were held; 0: none was.
        public var ordersPerSecond: UInt64
        /// What the node's core could check at most: orders of a frame by the time of its signature check.
        public var verifyOrdersPerSecond: UInt64
        /// Median check of one frame, ns.
        public var verifyNanoseconds: UInt64
        /// Frames of the confirmed run: intended time to the last answer.
        public var answers = LatencyFigures()
        /// Orders of the confirmed run that were refused, per thousand.
        public var refusedPerThousand: Int

        /// A line for a person.
        public var line: String {
            let share = verifyOrdersPerSecond == 0 ? 0 : ordersPerSecond * 100 / verifyOrdersPerSecond
            let what = batch == 1 ? "single orders" : "batches of \(batch)"
            return "\(what)\(String(repeating: " ", count: max(1, 18 - what.utf8.count)))"
                + "\(pad(grouped(ordersPerSecond), 9)) orders/s held, \(share) % of what its checks alone allow; "
                + "answers p50 \(microseconds(answers.p50)) p99 \(microseconds(answers.p99)) "
                + "p99.9 \(microseconds(answers.p999)) µs; \(refusedPerThousand) ‰ refused"
        }

        /// An object for a program.
        public var json: String {
            "{\"batch\": \(batch), \"orders_per_second\": \(ordersPerSecond), "
                + "\"frames_per_second\": \(ordersPerSecond / UInt64(batch)), \"verify_ns\": \(verifyNanoseconds), "
                + "\"verify_orders_per_second\": \(verifyOrdersPerSecond), \"p50_ns\": \(answers.p50), "
                + "\"p99_ns\": \(answers.p99), \"p999_ns\": \(answers.p999)}"
        }
    }

    /// Measures a node of its own, or one that runs.
    public func run(_ target: Target, _ progress: ProgressLog) throws(BenchmarkError) -> Result {
        let messageBytes = ThroughputLoad.messageBytes(batch)
        let verify = try VerifyCost.median(messageBytes: messageBytes, core: nodeCore)
        let access = try target.open(progress)
        defer { access.close() }
        return try onCore(clientCore) { () throws(BenchmarkError) in
            var load = try ThroughputLoad(batch, depth, access)
            try load.prepare(depth, progress)
            return try search(&load, verify, progress)
        }
    }

    private func search(
        _ load: inout ThroughputLoad, _ verify: UInt64, _ progress: ProgressLog
    ) throws(BenchmarkError) -> Result {
        let ceiling = 1e9 / Double(verify)
        var (low, high) = (0.0, 1.0)
        for step in 0..<5 {
            let share = step == 0 ? 0.9 : (low + high) / 2
            let probe = try attempt(&load, ceiling * share, probeSeconds, progress)
            if probe.isHeld { low = share } else { high = share }
        }
        var result = Result(
            batch: batch, ordersPerSecond: 0, verifyOrdersPerSecond: UInt64(ceiling * Double(batch)),
            verifyNanoseconds: verify, refusedPerThousand: 0)
        var share = low
        for _ in 0..<6 where share > 0.02 {
            let run = try attempt(&load, ceiling * share, seconds, progress)
            if run.isHeld {
                result.ordersPerSecond = UInt64(run.framesPerSecond * Double(batch))
                result.answers = run.answers
                result.refusedPerThousand = run.refused * 1000 / max(1, run.frames * batch)
                return result
            }
            share *= 0.95
        }
        return result
    }

    /// A run, and another one when the rate was not held.
    private func attempt(
        _ load: inout ThroughputLoad, _ framesPerSecond: Double, _ seconds: Double, _ progress: ProgressLog
    ) throws(BenchmarkError) -> ThroughputRun {
        var run = ThroughputRun(framesPerSecond: framesPerSecond)
        for _ in 0..<2 {
            run = try load.run(framesPerSecond: framesPerSecond, seconds: seconds, progress)
            progress.say("\(batch == 1 ? "single orders" : "batches of \(batch)"): \(run.text(batch)), \(seconds) s")
            if run.isHeld { break }
        }
        return run
    }
}

/// One run at one rate.
struct ThroughputRun {
    var framesPerSecond: Double
    var frames = 0
    /// Seconds of the run in which more than half of the answers were late.
    var lateSeconds = 0
    var refused = 0
    var answers = LatencyFigures()

    var isHeld: Bool { lateSeconds == 0 }

    func text(_ batch: Int) -> String {
        "\(grouped(UInt64(framesPerSecond * Double(batch)))) orders/s \(isHeld ? "held" : "not held"), "
            + "answers p50 \(microseconds(answers.p50)) p99 \(microseconds(answers.p99)) "
            + "p99.9 \(microseconds(answers.p999)) µs"
    }
}
