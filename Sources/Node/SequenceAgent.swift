import Journal
import Platform
import Ring
import Wire

/// Takes slots strictly in the order of arrival; numbers, applies, journals.
struct SequenceAgent: ~Copyable {
    private var consumer: RingConsumer
    private var writer: JournalWriter
    private let gate: ReleaseGate

    init(consumer: consuming RingConsumer, writer: consuming JournalWriter, gate: ReleaseGate) {
        self.consumer = consumer
        self.writer = writer
        self.gate = gate
    }

    mutating func start(_ io: inout IOUring) {}

    mutating func complete(_ completion: Completion, _ io: inout IOUring) {}

    /// Sequences a bounded number of slots. Returns how many.
    mutating func doWork(_ io: inout IOUring) -> Int {
        let count = consumer.available()
        consumer.advance(count)
        return count
    }
}
