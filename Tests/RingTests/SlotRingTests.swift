import Platform
import Ring
import Testing

/// The ring's rules, one step at a time on one thread: who may take which slot when.
@Suite struct SlotRingTests {
    @Test func `a slot passes every stage before it is free again`() throws {
        let ring = try makeRing(slots: 2)
        var producer = ring.producer()
        var verifier = ring.verifier(0)
        var sequencer = ring.sequencer()
        var follower = ring.follower(0)
        let slot = producer.claim()!
        slot.ticket = 77
        check(verifier.available() == 0)
        producer.publish()
        check(verifier.available() == 1)
        check(verifier.slot(0).ticket == 77)
        check(sequencer.available() == 0)
        verifier.advance()
        check(verifier.available() == 0)
        check(sequencer.available() == 1)
        check(follower.available() == 0)
        sequencer.advance()
        check(sequencer.available() == 0)
        check(follower.available() == 1)
        check(follower.slot(0).ticket == 77)
        check(producer.inFlight() == 1)
        follower.advance()
        check(producer.inFlight() == 0)
        check(producer.free() == 2)
    }

    @Test func `a full ring refuses, until the slowest follower is done`() throws {
        let ring = try makeRing(slots: 4, followers: 2)
        var producer = ring.producer()
        var verifier = ring.verifier(0)
        var sequencer = ring.sequencer()
        var fast = ring.follower(0)
        var slow = ring.follower(1)
        for ticket in UInt64(0)..<4 { producer.claim()!.ticket = ticket }
        #expect(producer.claim() == nil)
        producer.publish()
        #expect(producer.claim() == nil)
        check(verifier.available() == 4)
        verifier.advance(4)
        check(sequencer.available() == 4)
        sequencer.advance(4)
        check(fast.available() == 4)
        fast.advance(4)
        #expect(producer.claim() == nil)
        check(producer.free() == 0)
        check(slow.available() == 4)
        slow.advance(1)
        check(producer.free() == 1)
        let reused = producer.claim()
        #expect(reused?.ticket == 0)
        #expect(producer.claim() == nil)
    }

    @Test func `claimed slots are invisible until published, and can be given back`() throws {
        let ring = try makeRing(slots: 4)
        var producer = ring.producer()
        var verifier = ring.verifier(0)
        producer.claim()!.ticket = 1
        producer.claim()!.ticket = 2
        producer.unclaim()
        check(producer.free() == 3)
        check(verifier.available() == 0)
        producer.publish()
        check(verifier.available() == 1)
        producer.publish()
        check(verifier.available() == 1)
        check(producer.position == 1)
        #expect(producer.claim()?.ticket == 2)
    }

    @Test func `several verifiers share the slots by number, and the sequencer waits for each in turn`() throws {
        let ring = try makeRing(slots: 16, verifiers: 3)
        var producer = ring.producer()
        var first = ring.verifier(0)
        var second = ring.verifier(1)
        var third = ring.verifier(2)
        var sequencer = ring.sequencer()
        for ticket in UInt64(0)..<8 { producer.claim()!.ticket = ticket }
        producer.publish()
        // Slots 0 3 6, 1 4 7, 2 5.
        check(first.available() == 3)
        check(second.available() == 3)
        check(third.available() == 2)
        check((0..<3).map { first.slot($0).ticket } == [0, 3, 6])
        check((0..<3).map { second.slot($0).ticket } == [1, 4, 7])
        check((0..<2).map { third.slot($0).ticket } == [2, 5])
        second.advance(3)
        third.advance(2)
        check(sequencer.available() == 0)
        first.advance()
        check(sequencer.available() == 3)
        first.advance()
        check(sequencer.available() == 6)
        first.advance()
        check(sequencer.available() == 8)
        check((0..<8).map { sequencer.slot($0).ticket } == Array(0..<8))
        sequencer.advance(8)
        check(sequencer.available() == 0)
        // The next slot is number 8, the third verifier's.
        producer.claim()!.ticket = 8
        producer.publish()
        check(first.available() == 0)
        check(second.available() == 0)
        check(third.available() == 1)
        check(third.position == 8)
        third.advance()
        check(sequencer.available() == 1)
    }

    @Test(arguments: [1, 2, 3, 5, 64])
    func `with any number of verifiers every slot is taken once, whoever is first`(verifiers: Int) throws {
        let ring = try makeRing(slots: 8, verifiers: verifiers)
        var producer = ring.producer()
        let stages = UnsafeMutablePointer<RingConsumer>.allocate(capacity: verifiers)
        defer {
            stages.deinitialize(count: verifiers)
            stages.deallocate()
        }
        for index in 0..<verifiers { (stages + index).initialize(to: ring.verifier(index)) }
        var sequencer = ring.sequencer()
        var follower = ring.follower(0)
        var random = UInt64(verifiers)
        var produced: UInt64 = 0
        var sequenced: UInt64 = 0
        while sequenced < 2000 {
            random = mixed(random)
            switch random % 4 {
            case 0:
                if let slot = producer.claim() {
                    slot.ticket = produced
                    slot.status = 0
                    produced += 1
                    producer.publish()
                }
            case 1:
                let index = Int((random >> 8) % UInt64(verifiers))
                if stages[index].available() > 0 {
                    let slot = stages[index].slot(0)
                    #expect(slot.ticket % UInt64(verifiers) == UInt64(index))
                    slot.status += 1
                    stages[index].advance()
                }
            case 2:
                let count = sequencer.availableCached()
                for ahead in 0..<count {
                    #expect(sequencer.slot(ahead).ticket == sequenced)
                    #expect(sequencer.slot(ahead).status == 1)
                    sequenced += 1
                }
                sequencer.advance(count)
            default:
                let count = follower.available()
                follower.advance(count)
            }
        }
        #expect(produced >= sequenced && produced - sequenced <= 8)
    }

    @Test func `numbers go on past many rounds of the ring`() throws {
        let ring = try makeRing(slots: 2, verifiers: 2)
        var producer = ring.producer()
        var even = ring.verifier(0)
        var odd = ring.verifier(1)
        var sequencer = ring.sequencer()
        var follower = ring.follower(0)
        for number in UInt64(0)..<10_000 {
            check(producer.position == number)
            producer.claim()!.context = mixed(number)
            producer.publish()
            if number % 2 == 0 {
                check(even.availableCached() == 1)
                even.advance()
            } else {
                check(odd.availableCached() == 1)
                odd.advance()
            }
            check(sequencer.availableCached() == 1)
            sequencer.advance()
            check(follower.availableCached() == 1)
            check(follower.slot(0).context == mixed(number))
            follower.advance()
        }
    }
}
