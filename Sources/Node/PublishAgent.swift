import Journal
import Platform
import Ring
import Wire

/// Follower 1: hands released records to the feed publisher, in order, and feeds the stages' histograms.
struct PublishAgent: ~Copyable {
    private var consumer: RingConsumer
    private var reader: CommittedReader
    private let gate: ReleaseGate
    private var feed: FeedPublisher
    private let stages: StageHistograms

    init(
        consumer: consuming RingConsumer, reader: consuming CommittedReader, gate: ReleaseGate,
        feed: consuming FeedPublisher, stages: StageHistograms
    ) {
        self.consumer = consumer
        self.reader = reader
        self.gate = gate
        self.feed = feed
        self.stages = stages
    }

    mutating func start(_ io: inout IOUring) { feed.start(&io) }

    mutating func complete(_ completion: Completion, _ io: inout IOUring) { feed.complete(completion, &io) }

    /// Publishes what is released. Returns records and slots taken.
    mutating func doWork(_ io: inout IOUring) -> Int {
        let records = publishReleased(&io)
        let packets = feed.flush(&io)
        return records &+ packets &+ passSlots()
    }

    private mutating func publishReleased(_ io: inout IOUring) -> Int {
        var count = 0
        let released = gate.released
        while reader.nextSequence <= released, let record = reader.next() {
            feed.append(record, &io)
            count &+= 1
        }
        return count
    }

    /// Slots whose records are published, or that have none, are done with.
    private mutating func passSlots() -> Int {
        let available = consumer.available()
        if available == 0 { return 0 }
        let now = TimestampCounter.now()
        var count = 0
        while count < available {
            let slot = consumer.slot(count)
            if slot.status == SlotStatus.journaled.rawValue {
                if slot.lastSequence >= reader.nextSequence { break }
                record(slot, now)
            }
            count &+= 1
        }
        consumer.advance(count)
        return count
    }

    private mutating func record(_ slot: Slot, _ now: UInt64) {
        let scale = stages.scale
        slot.publishedTicks = now
        stages.arrivalToVerified.record(scale.nanoseconds(from: slot.arrivalTicks, to: slot.verifiedTicks))
        stages.verifiedToMatched.record(scale.nanoseconds(from: slot.verifiedTicks, to: slot.matchedTicks))
        stages.matchedToJournaled.record(scale.nanoseconds(from: slot.matchedTicks, to: slot.journaledTicks))
        stages.journaledToPublished.record(scale.nanoseconds(from: slot.journaledTicks, to: now))
        stages.arrivalToPublished.record(scale.nanoseconds(from: slot.arrivalTicks, to: now))
    }
}
