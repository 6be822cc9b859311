import Journal
import Platform
import Ring
import Wire

/// The stages that there is one of, made and waiting for their thread.
struct Stages: ~Copyable {
    private var orderEntry: OrderEntryAgent?
    private var sequence: SequenceAgent?
    private var publish: PublishAgent?
    /// The port that order entry listens on.
    let orderEntryPort: UInt16
    /// Bytes of memory that order entry holds.
    let orderEntryBytes: Int

    private init(
        orderEntry: consuming OrderEntryAgent, sequence: consuming SequenceAgent, publish: consuming PublishAgent
    ) {
        orderEntryPort = orderEntry.port
        orderEntryBytes = orderEntry.byteCount
        self.orderEntry = consume orderEntry
        self.sequence = consume sequence
        self.publish = consume publish
    }

    /// Makes all of them: takes the venue apart, and the ring's handles.
    static func make(
        _ facts: NodeFacts, _ opened: consuming OpenedVenue, _ ring: borrowing SlotRing, _ gate: ReleaseGate,
        _ exchange: HistoryExchange, _ scale: TimestampCounter.Scale, _ file: inout CounterFile
    ) throws(NodeError) -> Stages {
        var venue = opened
        let counted = try Counted(&file, scale)
        let orderEntry = try OrderEntryAgent(
            facts: facts, producer: ring.producer(), consumer: ring.follower(0), reader: venue.takeReplyReader(),
            gate: gate, history: exchange, counters: counted.orderEntry)
        let feed = try FeedPublisher(facts: facts, counters: counted.feed)
        let publish = PublishAgent(
            consumer: ring.follower(1), reader: venue.takePublishReader(), gate: gate, feed: feed,
            stages: counted.stages)
        let check = SignatureCheck(keys: venue.keys, prefixes: venue.prefixes)
        let sync = GroupCommit(
            synchronizer: venue.takeSynchronizer(),
            intervalMicroseconds: facts.settings.journal.commitIntervalMicroseconds, scale: scale,
            duration: counted.sequence.synchronizations)
        let sequence = SequenceAgent(
            consumer: ring.sequencer(), sequencer: venue.takeSequencer(), check: check, sync: sync, gate: gate,
            durability: facts.durability, counters: counted.sequence)
        return Stages(orderEntry: orderEntry, sequence: sequence, publish: publish)
    }

    mutating func takeOrderEntry() -> OrderEntryAgent? { orderEntry.take() }
    mutating func takeSequence() -> SequenceAgent? { sequence.take() }
    mutating func takePublish() -> PublishAgent? { publish.take() }
}

/// The counters of those stages.
private struct Counted {
    let orderEntry: OrderEntryCounters
    let feed: FeedCounters
    let sequence: SequenceCounters
    let stages: StageHistograms

    init(_ file: inout CounterFile, _ scale: TimestampCounter.Scale) throws(NodeError) {
        do throws(PlatformError) {
            orderEntry = try OrderEntryCounters(&file)
            feed = try FeedCounters(&file)
            sequence = try SequenceCounters(&file)
            stages = try StageHistograms(&file, scale: scale)
        } catch { throw .system(error) }
    }
}
