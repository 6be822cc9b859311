import Settings

/// The alarms of a venue: the columns "Alarm" of Node.md and Settlement.md, with the numbers of its configuration.
enum AlarmRules {
    /// An fdatasync that takes longer holds up the next one, at level `journaled`.
    static let synchronizationMax: UInt64 = 50_000_000

    /// - Parameter nanoseconds: between the first reading and the last.
    static func all(_ settings: NodeSettings, over nanoseconds: UInt64) -> [AlarmRule] {
        node(settings) + settlement(settings, nanoseconds)
    }

    private static func node(_ settings: NodeSettings) -> [AlarmRule] {
        let sessions = UInt64(settings.orderEntry.sessionsMax)
        return [
            AlarmRule(
                .node, "order-entry.sessions", .above(sessions * 9 / 10, "nine tenths of sessions_max = \(sessions)"),
                "soon nobody can connect"),
            AlarmRule(.node, "order-entry.slow-consumers", .grows, "clients are closed because they do not read"),
            AlarmRule(.node, "order-entry.ring-full", .grows, "the venue is slower than its clients"),
            AlarmRule(.node, "verify-N.failed", .grows, "somebody sends what is not signed"),
            AlarmRule(
                .node, "sequence.records",
                .standsStillWhile(
                    "order-entry.messages", by: 100,
                    without: ["sequence.refused", "sequence.resent", "sequence.no-space"]),
                "messages come in, and nothing is journaled"),
            AlarmRule(.node, "sequence.no-space", .any, "the disk of the journal is or was full"),
            AlarmRule(
                .node, "journal.durable-sequence", .standsStillWhile("sequence.records", by: 1, without: []),
                "records are journaled, and not synchronised"),
            AlarmRule(.node, "feed.gaps", .grows, "packets of the feed are not sent"),
            AlarmRule(
                .node, "journal.fdatasync-ns", .ninetyNinePercentAbove(synchronizationMax, "50 ms"),
                "the disk does not follow"),
        ]
    }

    private static func settlement(_ settings: NodeSettings, _ nanoseconds: UInt64) -> [AlarmRule] {
        let own = settings.settlement
        let interval = UInt64(own.checkpointIntervalMilliseconds)
        let promise = UInt64(settings.venue.promiseSeconds)
        let records = UInt64(own.checkpointRecords)
        var rules = [
            AlarmRule(
                .settlement, "log.lag-records", .staysAbove(records, "checkpoint_records = \(records)"),
                "settlement is slower than the node"),
            AlarmRule(
                .settlement, "checkpoint.published-size", .standsStillBehind(.settlement, "checkpoint.signed-size"),
                "no quorum of witnesses"),
            AlarmRule(
                .settlement, "checkpoint.age-ms", .above(2 * interval, "twice checkpoint_interval_ms = \(interval)"),
                "no checkpoint is made"),
            AlarmRule(
                .settlement, "checkpoint.oldest-record-ns",
                .above(promise * 800_000_000, "four fifths of the promise of \(promise) s"),
                "receipts are about to be broken"),
            AlarmRule(.settlement, "checkpoint.failures", .any, "a checkpoint could not be made or written: its log"),
            AlarmRule(
                .settlement, "witness-N.size", .standsStillBehind(.settlement, "checkpoint.signed-size"),
                "a witness does not cosign"),
            AlarmRule(.settlement, "witness-N.failures", .grows, "a witness refuses, lies or does not answer"),
            AlarmRule(.settlement, "commitment.failures", .grows, "commitments do not reach the node"),
            AlarmRule(
                .settlement, "receipts.sequence", .isBehind(.node, "journal.durable-sequence"),
                "receipts are late"),
            AlarmRule(
                .settlement, "availability.oldest-unpublished-ns",
                .above(
                    UInt64(own.availability.alarmMilliseconds) * 1_000_000,
                    "alarm_ms = \(own.availability.alarmMilliseconds)"), "the data layer is behind"),
            AlarmRule(.settlement, "availability.failures", .grows, "the data layer fails"),
            AlarmRule(
                .settlement, "history.sequence", .standsStillBehind(.settlement, "log.sequence"),
                "the database is behind"),
        ]
        // Entries that wait for their delay stand still as well, and those of a checkpoint take their time.
        if own.publishDelayMilliseconds == 0, nanoseconds >= interval * 1_000_000 {
            rules.append(
                AlarmRule(
                    .settlement, "entries.size", .standsStillBehind(.settlement, "checkpoint.published-size"),
                    "entries are not published"))
        }
        if own.witnessQuorum > 0 {
            rules.append(
                AlarmRule(
                    .settlement, "checkpoint.cosignatures",
                    .below(
                        UInt64(own.witnessQuorum), "witness_quorum = \(own.witnessQuorum)", once: "checkpoint.count"),
                    "the published checkpoint lacks witnesses"))
        }
        return rules
    }
}
