import Platform

/// Names in the counters file, of which Node.md has a table. Readers (benchmark client, gateway) look them up by name.
public enum CounterName {
    /// Histograms, nanoseconds, one value for each journaled message: between the stamps of two stages.
    public static let arrivalToVerified = "stage.arrival-verified-ns"
    public static let verifiedToMatched = "stage.verified-matched-ns"
    public static let matchedToJournaled = "stage.matched-journaled-ns"
    public static let journaledToPublished = "stage.journaled-published-ns"
    public static let arrivalToPublished = "stage.arrival-published-ns"
}

/// Counters of the sequence agent.
struct SequenceCounters: Sendable {
    let records: Counter
    let refused: Counter
    let rechecked: Counter
    let resent: Counter
    let noSpace: Counter
    let durableSequence: Counter
    let synchronizations: CounterHistogram
}

/// Counters of one verifier.
struct VerifyCounters: Sendable {
    let checked: Counter
    let failed: Counter
}

/// Counters of the order-entry agent. Its owner adds what it counts.
struct OrderEntryCounters: Sendable {
    let sessions: Counter
    let accepted: Counter
    let messages: Counter
    let replies: Counter
    let slowConsumers: Counter
    let ringFull: Counter

    init(_ file: inout CounterFile) throws(PlatformError) {
        sessions = try file.counter("order-entry.sessions")
        accepted = try file.counter("order-entry.accepted")
        messages = try file.counter("order-entry.messages")
        replies = try file.counter("order-entry.replies")
        slowConsumers = try file.counter("order-entry.slow-consumers")
        ringFull = try file.counter("order-entry.ring-full")
    }
}

/// Counters of the feed publisher. Its owner adds what it counts.
struct FeedCounters: Sendable {
    let packets: Counter
    let messages: Counter
    let gaps: Counter

    init(_ file: inout CounterFile) throws(PlatformError) {
        packets = try file.counter("feed.packets")
        messages = try file.counter("feed.messages")
        gaps = try file.counter("feed.gaps")
    }
}

extension SequenceCounters {
    init(_ file: inout CounterFile) throws(PlatformError) {
        records = try file.counter("sequence.records")
        refused = try file.counter("sequence.refused")
        rechecked = try file.counter("sequence.rechecked")
        resent = try file.counter("sequence.resent")
        noSpace = try file.counter("sequence.no-space")
        durableSequence = try file.counter("journal.durable-sequence")
        synchronizations = try file.histogram("journal.fdatasync-ns")
    }
}

extension VerifyCounters {
    init(_ file: inout CounterFile, verifier: Int) throws(PlatformError) {
        checked = try file.counter("verify-\(verifier).checked")
        failed = try file.counter("verify-\(verifier).failed")
    }
}

/// The stages' histograms: all written by the publisher, from the stamps that a slot carries.
struct StageHistograms: Sendable {
    let arrivalToVerified: CounterHistogram
    let verifiedToMatched: CounterHistogram
    let matchedToJournaled: CounterHistogram
    let journaledToPublished: CounterHistogram
    let arrivalToPublished: CounterHistogram
    let scale: TimestampCounter.Scale

    init(_ file: inout CounterFile, scale: TimestampCounter.Scale) throws(PlatformError) {
        self.scale = scale
        arrivalToVerified = try file.histogram(CounterName.arrivalToVerified)
        verifiedToMatched = try file.histogram(CounterName.verifiedToMatched)
        matchedToJournaled = try file.histogram(CounterName.matchedToJournaled)
        journaledToPublished = try file.histogram(CounterName.journaledToPublished)
        arrivalToPublished = try file.histogram(CounterName.arrivalToPublished)
    }
}
