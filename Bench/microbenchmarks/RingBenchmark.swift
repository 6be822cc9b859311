import Platform
import Ring

/// Slots through all stages of the ring on one thread: claim, publish, verify, sequence, follow.
enum RingBenchmark {
    private static let slots = 1 << 20
    /// Producer, verifier, sequencer, follower.
    private static let stages = 4

    /// Nanoseconds that one stage takes to look for a slot, read and write a word of it, and hand it on.
    ///
    /// - Parameter batch: slots that a stage takes in a turn.
    static func hop(batch: Int) throws(PlatformError) -> Double {
        var configuration = SlotRing.Configuration()
        configuration.slots = 1024
        configuration.slotBytes = 512
        let ring = try SlotRing(configuration, prefix: [UInt8](repeating: 0, count: Slot.prefixSize))
        var producer = ring.producer(), verifier = ring.verifier(0), sequencer = ring.sequencer()
        var follower = ring.follower(0)
        var sum: UInt64 = 0
        let start = SystemClock.monotonicNanoseconds()
        for turn in 0..<slots / batch {
            for index in 0..<batch {
                guard let slot = producer.claim() else { preconditionFailure("a ring that is emptied every turn") }
                slot.ticket = UInt64(turn &* batch &+ index)
            }
            producer.publish()
            take(&verifier) { $0.status = 1 }
            take(&sequencer) { $0.record = $0.ticket &+ UInt64($0.status) }
            take(&follower) { sum &+= $0.record }
        }
        let nanoseconds = SystemClock.monotonicNanoseconds() - start
        let all = UInt64(slots)
        precondition(sum == all &* (all &- 1) / 2 &+ all, "every slot went through every stage")
        return Double(nanoseconds) / Double(slots * stages)
    }

    @inline(__always)
    private static func take(_ consumer: inout RingConsumer, _ body: (Slot) -> Void) {
        let count = consumer.available()
        for index in 0..<count { body(consumer.slot(index)) }
        consumer.advance(count)
    }
}
