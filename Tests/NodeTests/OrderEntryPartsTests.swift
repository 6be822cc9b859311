import OrderEntry
import Testing
import Wire

@testable import Node

@Suite struct PlaceQueueTests {
    @Test func firstInFirstOutAroundTheEnd() {
        var queue = PlaceQueue(capacity: 3)
        for round in 0..<10 {
            queue.append(round)
            queue.append(round + 100)
            #expect(queue.count == 2)
            let first = queue.popFirst(), second = queue.popFirst(), third = queue.popFirst()
            #expect(first == round && second == round + 100 && third == nil)
        }
    }
}

@Suite struct HeldBuffersTests {
    private func client(_ memory: UnsafeMutableRawPointer) -> ClientSession {
        let rules = SessionRules(
            negotiateTimeout: 1, frameTimeout: 1, heartbeat: 1, badSignaturesMax: 1, accountsMax: 1)
        return ClientSession(
            session: Session(challenge: .zero, rules: rules, now: 0), frames: FrameReader(memory: memory),
            output: SendBuffer(memory: memory, capacity: 1))
    }

    @Test func eachSessionHasItsOwnInOrder() {
        let memory = UnsafeMutableRawPointer.allocate(byteCount: FrameReader.memoryBytes, alignment: 8)
        defer { memory.deallocate() }
        var held = HeldBuffers(capacity: 8)
        var one = client(memory), two = client(memory)
        for buffer in [3, 1, 7] as [UInt16] { held.append(buffer, HeldBuffers.Entry(count: Int(buffer)), to: &one) }
        held.append(5, HeldBuffers.Entry(count: 5), to: &two)
        #expect(held.count == 4 && one.heldCount == 3 && two.heldCount == 1)
        #expect(held[one.firstHeld].count == 3)
        one.heldOffset = 2
        var order = [held.removeFirst(of: &one)]
        #expect(one.heldOffset == 0, "the next buffer is new")
        held.append(2, HeldBuffers.Entry(count: 2), to: &one)
        while one.heldCount > 0 { order.append(held.removeFirst(of: &one)) }
        #expect(order == [3, 1, 7, 2] && one.firstHeld == HeldBuffers.none && one.lastHeld == HeldBuffers.none)
        for buffer in [0, 1, 2, 3, 4, 6, 7] as [UInt16] { held.append(buffer, HeldBuffers.Entry(), to: &one) }
        #expect(held.count == 8)
        let (all, scarce) = (held.areAllHeld, held.areScarce)
        #expect(all && scarce)
    }
}

@Suite struct HistoryLaneTests {
    @Test func aLaneGoesThereAndBack() {
        let exchange = HistoryExchange(sessionsMax: 2, bufferBytes: 512)
        #expect(exchange.laneCount == 2)
        #expect(exchange.given(0) == nil && !exchange.isFilled(0))
        var request = HistoryExchange.Request()
        request.account = 9
        exchange.ask(0, request)
        #expect(exchange.given(0)?.account == 9 && exchange.given(1) == nil && !exchange.isFilled(0))
        exchange.buffer(0)[0] = 0x5A
        exchange.fill(0, HistoryExchange.Answer(bytes: 1, isFinished: true))
        #expect(exchange.isFilled(0) && exchange.given(0) == nil)
        #expect(exchange.answer(0).isFinished && Array(exchange.bytes(0)) == [0x5A])
    }

    @Test func aLaneOfASessionThatIsGoneIsFreeWhenItIsBack() {
        var lanes = HistoryLanes(HistoryExchange(sessionsMax: 1, bufferBytes: 512), sessionsMax: 1, slots: 16)
        let idleAtFirst = lanes.areIdle
        #expect(idleAtFirst)
        let lane = lanes.take(for: 0)
        let none = lanes.take(for: 0)
        #expect(lane == 0 && none == nil && lanes.owner(0) == 0)
        lanes.release(0, isBack: false)
        #expect(lanes.owner(0) == HistoryLanes.orphan && lanes.busyCount == 1)
        lanes.release(0, isBack: true)
        #expect(lanes.owner(0) == HistoryLanes.nobody && lanes.busyCount == 0)
    }

}

@Suite struct WaitingResendsTests {
    @Test func eachSessionHasItsOwnRoom() {
        var resends = WaitingResends(sessions: 3, sendBufferBytes: 65_536, slots: 1_024)
        let room = resends.perSession
        #expect(room == 65_536 / ReplyBudget.messageBytesMin)
        // Around the end, with one session full and its neighbours in use.
        for round in 0..<3 as Range<UInt64> {
            for number in 0..<UInt64(room) {
                resends.append(WaitingResends.Resend(sequence: round << 32 | number, account: 7), 1)
            }
            resends.append(WaitingResends.Resend(sequence: round, account: 8), 2)
            let counts = (0..<3).map { resends.count($0) }
            #expect(counts == [0, room, 1])
            for number in 0..<UInt64(room) - 1 {
                let resend = resends.popFirst(1)
                #expect(resend?.sequence == round << 32 | number && resend?.account == 7)
            }
            let (last, none) = (resends.popFirst(1), resends.popFirst(1))
            #expect(last?.sequence == round << 32 | UInt64(room - 1) && none == nil)
            let other = resends.popFirst(2)
            #expect(other?.sequence == round && other?.account == 8)
            // The next round begins in the middle.
            for _ in 0..<room / 2 {
                resends.append(WaitingResends.Resend(), 1)
                _ = resends.popFirst(1)
            }
        }
    }

    @Test func whatASessionLeavesIsForgotten() {
        var resends = WaitingResends(sessions: 2, sendBufferBytes: 1, slots: 16)
        #expect(resends.perSession == 1, "a session may always resend one")
        resends.append(WaitingResends.Resend(sequence: 1), 0)
        resends.append(WaitingResends.Resend(sequence: 2), 1)
        resends.removeAll(0)
        let (none, other) = (resends.popFirst(0), resends.popFirst(1))
        #expect(none == nil && other?.sequence == 2)
        let small = WaitingResends(sessions: 1, sendBufferBytes: 1 << 24, slots: 16).perSession
        #expect(small == 16, "no more than can be on their way")
    }
}

@Suite struct SlotNoteTests {
    @Test func comesBackAsItWas() {
        for answer in [SlotNote.Answer.none, .challenge, .established, .terminate, .refusal] {
            for reason in [nil, TerminationReason.logout, .resumeUnavailable] {
                let note = SlotNote(answer, reason: reason, budget: 123_456)
                let back = SlotNote(rawValue: note.rawValue)
                #expect(back.answer == answer && back.reason == reason && back.budget == 123_456)
            }
        }
    }
}
