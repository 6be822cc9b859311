import Ring
import Wire

/// Checks signatures: of its share of the slots, beside other verifiers, ahead of the sequencer.
///
/// What it finds is tentative: a key may be added or revoked by a command that is before this one in the ring. So it
/// notes the key's generation, and the sequencer has the message checked again, passed or failed, when that changed.
struct VerifyAgent: ~Copyable {
    private var consumer: RingConsumer
    private let counters: VerifyCounters

    init(consumer: consuming RingConsumer, counters: VerifyCounters) {
        self.consumer = consumer
        self.counters = counters
    }

    /// Checks a bounded number of slots. Returns how many.
    mutating func doWork() -> Int {
        let count = consumer.available()
        for index in 0..<count where consumer.slot(index).slotKind != .answer {
            consumer.slot(index).refuse(.badSignature)
        }
        consumer.advance(count)
        return count
    }
}
