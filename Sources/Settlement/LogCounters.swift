import Platform

/// What the log counts.
struct LogCounters {
    /// Last record that was read.
    let read: Counter
    /// Durable records that were not read yet.
    let lag: Counter
    /// Size of the last signed checkpoint, and how many there were.
    let signedSize: Counter
    let checkpoints: Counter
    /// How long records wait for their checkpoint, milliseconds.
    let age: Counter
    /// Checkpoints that could not be made or written, and were tried again.
    let failures: Counter

    /// From the oldest record of the last checkpoint to its head on the disk, ns.
    let oldest: Counter
    /// Record of the last snapshot that was written.
    let snapshot: Counter

    init(_ counters: SettlementCounters) throws(SettlementError) {
        read = try counters.counter("log.sequence")
        lag = try counters.counter("log.lag-records")
        signedSize = try counters.counter("checkpoint.signed-size")
        checkpoints = try counters.counter("checkpoint.count")
        age = try counters.counter("checkpoint.age-ms")
        oldest = try counters.counter("checkpoint.oldest-record-ns")
        snapshot = try counters.counter("snapshot.sequence")
        failures = try counters.counter("checkpoint.failures")
    }
}
