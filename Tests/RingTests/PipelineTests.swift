import Platform
import Ring
import Synchronization
import Testing

/// The ring between real threads: nothing is lost, reordered, or seen before it was written.
@Suite(.serialized) struct PipelineTests {
    /// Moves `count` messages through all stages, a thread each, and checks at every stage what the ones before wrote.
    private func transfer(count: UInt64, slots: Int, verifiers: Int, followers: Int) throws {
        let ring = try makeRing(slots: slots, slotBytes: 256, verifiers: verifiers, followers: followers)
        let faults = Faults()
        let handles = (0..<verifiers).map { ConsumerBox(ring.verifier($0)) }
        let followerHandles = (0..<followers).map { ConsumerBox(ring.follower($0)) }
        let sequencerHandle = ConsumerBox(ring.sequencer())
        let threads = ThreadList()

        for (index, box) in handles.enumerated() {
            let mine = (count &- UInt64(index) &+ UInt64(verifiers) &- 1) / UInt64(verifiers)
            try threads.start("verifier-\(index)") {
                box.take(mine) { slot, turn in
                    let number = turn &* UInt64(verifiers) &+ UInt64(index)
                    faults.unless(slot.ticket == number && slot.context == mixed(number))
                    faults.unless(
                        slot.messageBytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self) == mixed(number &+ 1))
                    slot.detail = mixed(number ^ 1)
                    slot.status = UInt16(truncatingIfNeeded: number)
                }
            }
        }
        try threads.start("sequencer") {
            sequencerHandle.take(count) { slot, number in
                faults.unless(slot.ticket == number && slot.detail == mixed(number ^ 1))
                faults.unless(slot.status == UInt16(truncatingIfNeeded: number))
                slot.firstSequence = mixed(number ^ 2)
            }
        }
        for (index, box) in followerHandles.enumerated() {
            try threads.start("follower-\(index)") {
                box.take(count) { slot, number in
                    faults.unless(slot.ticket == number && slot.firstSequence == mixed(number ^ 2))
                    faults.unless(slot.context == mixed(number))
                }
            }
        }
        var producer = ring.producer()
        var produced: UInt64 = 0
        while produced < count {
            guard let slot = producer.claim() else {
                producer.publish()
                waitTurn()
                continue
            }
            slot.ticket = produced
            slot.context = mixed(produced)
            slot.messageLength = 16
            slot.message.storeBytes(of: mixed(produced &+ 1), toByteOffset: 8, as: UInt64.self)
            produced += 1
            // In batches of uneven size, so that publications fall everywhere in the ring.
            if produced % 7 != 3 { producer.publish() }
        }
        producer.publish()
        threads.join()
        #expect(faults.count.load(ordering: .relaxed) == 0)
        check(producer.inFlight() == 0)
        check(producer.position == count)
    }

    @Test func `a million slots through three stages arrive whole and in order`() throws {
        try transfer(count: 1_000_000, slots: 1024, verifiers: 1, followers: 1)
    }

    @Test func `three verifiers and two followers`() throws {
        try transfer(count: 200_000, slots: 256, verifiers: 3, followers: 2)
    }

    @Test func `a ring of two slots, always full or empty`() throws {
        try transfer(count: 50_000, slots: 2, verifiers: 1, followers: 1)
    }

    @Test func `more verifiers than slots`() throws {
        try transfer(count: 20_000, slots: 4, verifiers: 6, followers: 1)
    }
}

/// What the stages found wrong.
private final class Faults: Sendable {
    let count = Atomic<Int>(0)

    func unless(_ holds: Bool) {
        if !holds { count.add(1, ordering: .relaxed) }
    }
}

/// A stage's handle, to be carried into its thread.
private final class ConsumerBox: @unchecked Sendable {
    private var consumer: RingConsumer
    init(_ consumer: consuming RingConsumer) { self.consumer = consumer }

    /// Takes so many slots, as they become available.
    func take(_ count: UInt64, _ body: (Slot, UInt64) -> Void) {
        var taken: UInt64 = 0
        while taken < count {
            let available = consumer.available()
            if available == 0 { waitTurn() }
            for ahead in 0..<available {
                body(consumer.slot(ahead), taken)
                taken &+= 1
            }
            consumer.advance(available)
        }
    }
}

/// Threads that are joined together.
private final class ThreadList {
    private final class Holder {
        var thread: PinnedThread?
        init(_ thread: consuming PinnedThread) { self.thread = consume thread }
    }

    private var holders: [Holder] = []

    func start(_ name: String, _ body: sending @escaping () -> Void) throws {
        holders.append(Holder(try PinnedThread(name: name, body: body)))
    }

    func join() {
        for holder in holders { holder.thread = nil }
    }
}
