import Platform
import Ring
import Wire

/// Checks signatures: of its share of the slots, beside other verifiers, ahead of the sequencer.
///
/// What it finds is tentative: a key may be added or revoked by a command that is before this one in the ring. So it
/// notes the key's generation, and the sequencer has the message checked again, passed or failed, when that changed.
struct VerifyAgent: ~Copyable {
    private var consumer: RingConsumer
    private let check: SignatureCheck
    private let counters: VerifyCounters

    /// Slots in one turn of a thread that also sequences and publishes: what is checked leaves when the turn ends. So
    /// of a few that wait each gets a turn of its own, and the first is not kept by the others' checks (about 50 µs
    /// each); of many, as many as this share a turn's system calls, a tenth of a check for each.
    private static let slotsPerTurn = 16
    /// Few.
    private static let few = 4

    init(consumer: consuming RingConsumer, check: SignatureCheck, counters: VerifyCounters) {
        self.consumer = consumer
        self.check = check
        self.counters = counters
    }

    /// Checks a bounded number of slots. Returns how many.
    mutating func doWork() -> Int {
        let waiting = consumer.available()
        let count = waiting <= Self.few ? min(waiting, 1) : min(waiting, Self.slotsPerTurn)
        var index = 0
        while index < count {
            let slot = consumer.slot(0)
            if slot.slotKind != .answer { verify(slot) }
            consumer.advance(1)
            index &+= 1
        }
        return count
    }

    private func verify(_ slot: Slot) {
        counters.checked.add()
        if !check.check(slot) { counters.failed.add() }
        slot.verifiedTicks = TimestampCounter.now()
    }
}
