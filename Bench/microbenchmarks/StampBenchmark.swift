import Platform

/// What it costs to know where the time goes: a stamp for each stage of a message, and a value for each pair of them.
enum StampBenchmark {
    private static let messages = 1 << 20
    /// As the publisher has them: four from stage to stage, one over all.
    private static let names = ["verified", "matched", "journaled", "published", "all"]

    /// Nanoseconds of one stage: reading the time-stamp counter once, and counting one value.
    ///
    /// - Parameter directory: does not exist; the counters file is made in it.
    static func stage(directory: String) throws -> Double {
        let scratch = try ScratchDirectory(directory)
        try FileDirectory.create(scratch.path)
        defer { withExtendedLifetime(scratch) {} }
        let path = scratch.path + "/counters"
        var file = try CounterFile(path: path, counters: 0, histograms: names.count)
        let verified = try file.histogram(names[0]), matched = try file.histogram(names[1])
        let journaled = try file.histogram(names[2]), published = try file.histogram(names[3])
        let all = try file.histogram(names[4])
        let scale = TimestampCounter.calibrate()
        let start = SystemClock.monotonicNanoseconds()
        for _ in 0..<messages {
            let arrivalTicks = TimestampCounter.now(), verifiedTicks = TimestampCounter.now()
            let matchedTicks = TimestampCounter.now(), journaledTicks = TimestampCounter.now()
            let publishedTicks = TimestampCounter.now()
            verified.record(scale.nanoseconds(from: arrivalTicks, to: verifiedTicks))
            matched.record(scale.nanoseconds(from: verifiedTicks, to: matchedTicks))
            journaled.record(scale.nanoseconds(from: matchedTicks, to: journaledTicks))
            published.record(scale.nanoseconds(from: journaledTicks, to: publishedTicks))
            all.record(scale.nanoseconds(from: arrivalTicks, to: publishedTicks))
        }
        let nanoseconds = SystemClock.monotonicNanoseconds() - start
        let counted = try CounterReader(path: path).histograms()
        precondition(
            counted.map(\.name) == names && counted.allSatisfy { $0.count == UInt64(messages) },
            "every stage is counted")
        return Double(nanoseconds) / Double(messages * names.count)
    }
}
