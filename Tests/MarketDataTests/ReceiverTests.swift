import MarketData
import Testing
import Wire

/// The receiving side on a network that loses, repeats and reorders.
@Suite("Feed receiver")
struct ReceiverTests {
    /// The message with this number.
    private static func message(_ sequence: UInt64) -> [UInt8] { Part.number(sequence, 8).bytes }

    private static func run(_ range: Range<UInt64>, of session: FeedSession = session) -> [UInt8] {
        packet(range.map(message), sequence: range.lowerBound, session: session)
    }

    /// Everything that a receiver handed over, and whether each was the one that was next.
    private struct Delivery {
        var next: UInt64 = 1
        var isInOrder = true

        mutating func take(_ sequence: UInt64, _ bytes: UnsafeRawBufferPointer) {
            if sequence != next || [UInt8](bytes) != ReceiverTests.message(sequence) { isInOrder = false }
            next = sequence + 1
        }
    }

    private func receive(
        _ bytes: [UInt8], _ receiver: inout FeedReceiver, _ delivery: inout Delivery
    ) -> FeedReceiver.Outcome {
        bytes.withUnsafeBytes { receiver.receive($0) { delivery.take($0, $1) } }
    }

    /// A request for the first gap; nil when nothing is missing.
    private func request(_ receiver: borrowing FeedReceiver, messagesMax: UInt16 = 1024) -> [UInt8]? {
        var isMissing = false
        let made = bytes(MoldUDP64.headerBytes) {
            isMissing = receiver.encodeRequest(at: $0, messagesMax: messagesMax)
        }
        return isMissing ? made : nil
    }

    /// Answers the receiver's request as the request server would: one packet, as many messages as fit.
    private func answer(_ receiver: borrowing FeedReceiver, _ range: Range<UInt64>) -> [UInt8]? {
        guard let made = request(receiver) else { return nil }
        let request = made.withUnsafeBytes {
            FeedRequest($0, session: session, nextSequence: range.upperBound)
        }
        guard let request else { return nil }
        let end = min(request.sequence + min(UInt64(request.count), 145), range.upperBound)
        return Self.run(request.sequence..<end)
    }

    @Test func whatComesInOrderIsDelivered() {
        var receiver = FeedReceiver(), delivery = Delivery()
        #expect(receive(Self.run(1..<4), &receiver, &delivery) == .delivered)
        #expect(receiver.session == session && receiver.missing == nil)
        #expect(receive(packet([], sequence: 4, count: 0), &receiver, &delivery) == .heartbeat)
        #expect(receive(Self.run(4..<5), &receiver, &delivery) == .delivered)
        #expect(receive(Self.run(1..<5), &receiver, &delivery) == .duplicate)
        // Known and new messages in one packet.
        #expect(receive(Self.run(3..<8), &receiver, &delivery) == .delivered)
        #expect(delivery.next == 8 && delivery.isInOrder && receiver.nextSequence == 8)
    }

    @Test func gapsAreKnownAndAskedFor() {
        var receiver = FeedReceiver(), delivery = Delivery()
        _ = receive(Self.run(1..<4), &receiver, &delivery)
        #expect(receive(Self.run(6..<8), &receiver, &delivery) == .kept)
        #expect(receiver.missing == 4..<6)
        #expect(receive(Self.run(6..<8), &receiver, &delivery) == .duplicate)
        #expect(request(receiver) == packet([], sequence: 4, count: 2))
        #expect(request(receiver, messagesMax: 1) == packet([], sequence: 4, count: 1))
        #expect(receive(Self.run(4..<6), &receiver, &delivery) == .delivered)
        #expect(delivery.next == 8 && delivery.isInOrder && receiver.missing == nil)
        #expect(request(receiver) == nil)
    }

    /// A heartbeat, or the end of the session, tells of a loss at the end of a burst.
    @Test func theLastLossIsKnownFromAHeartbeat() {
        var receiver = FeedReceiver(), delivery = Delivery()
        _ = receive(Self.run(1..<4), &receiver, &delivery)
        #expect(receive(packet([], sequence: 9, count: 0), &receiver, &delivery) == .heartbeat)
        #expect(receiver.missing == 4..<9)
        #expect(receive(packet([], sequence: 9, count: 0xFFFF), &receiver, &delivery) == .heartbeat)
        #expect(receive(Self.run(4..<9), &receiver, &delivery) == .delivered)
        #expect(receive(packet([], sequence: 9, count: 0xFFFF), &receiver, &delivery) == .ended)
        #expect(delivery.next == 9 && delivery.isInOrder)
    }

    @Test func anotherSessionIsNotMixedIn() {
        var receiver = FeedReceiver(), delivery = Delivery()
        _ = receive(Self.run(1..<4), &receiver, &delivery)
        let other = FeedSession(venueName: venueName, generation: 2)
        #expect(receive(Self.run(4..<6, of: other), &receiver, &delivery) == .otherSession(other))
        #expect(delivery.next == 4 && receiver.nextSequence == 4 && receiver.missing == nil)
    }

    @Test func whatIsNoPacketChangesNothing() {
        var receiver = FeedReceiver(), delivery = Delivery()
        #expect(receive(Self.run(0..<2), &receiver, &delivery) == .malformed, "sequences begin at 1")
        #expect(receive(packet([[1]], sequence: .max), &receiver, &delivery) == .malformed)
        #expect(receive([], &receiver, &delivery) == .malformed)
        let large = packet([[UInt8](repeating: 0, count: 1_500)], sequence: 1)
        #expect(receive(large, &receiver, &delivery) == .malformed)
        #expect(receiver.session == nil && receiver.nextSequence == 1 && receiver.missing == nil)
    }

    /// Without room for early packets everything is still received, by asking again.
    @Test func noRoomMeansAskingAgain() {
        var receiver = FeedReceiver(keptPackets: 1), delivery = Delivery()
        #expect(receive(Self.run(5..<7), &receiver, &delivery) == .kept)
        #expect(receive(Self.run(9..<11), &receiver, &delivery) == .dropped)
        #expect(receiver.missing == 1..<5)
        while let repair = answer(receiver, 1..<11) { _ = receive(repair, &receiver, &delivery) }
        #expect(delivery.next == 11 && delivery.isInOrder && receiver.missing == nil)
    }

    /// Losses, duplicates and reordering together, with requests that are lost as well: everything is delivered once,
    /// in order.
    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func aBadNetworkIsRepaired(_ seed: UInt64) {
        var numbers = TestNumbers(seed)
        let end: UInt64 = 4_000
        var packets: [[UInt8]] = []
        var first: UInt64 = 1
        while first < end {
            let next = min(first + 1 + UInt64(numbers.below(20)), end)
            packets.append(Self.run(first..<next))
            first = next
        }
        // A packet goes up to eight places later, comes twice, or not at all.
        var arrivals: [(place: Int, bytes: [UInt8])] = []
        for (place, packet) in packets.enumerated() {
            for _ in 0..<[0, 1, 1, 1, 1, 2][numbers.below(6)] {
                arrivals.append((place + numbers.below(9), packet))
            }
        }
        arrivals.sort { $0.place < $1.place }
        var receiver = FeedReceiver(session: session, keptPackets: 4 + numbers.below(64)), delivery = Delivery()
        for arrival in arrivals {
            _ = receive(arrival.bytes, &receiver, &delivery)
            if numbers.below(3) == 0, let repair = answer(receiver, 1..<end), numbers.below(4) > 0 {
                _ = receive(repair, &receiver, &delivery)
            }
        }
        _ = receive(packet([], sequence: end, count: 0xFFFF), &receiver, &delivery)
        while let repair = answer(receiver, 1..<end) { _ = receive(repair, &receiver, &delivery) }
        #expect(receive(packet([], sequence: end, count: 0xFFFF), &receiver, &delivery) == .ended)
        #expect(delivery.next == end && delivery.isInOrder)
    }

    /// Garbage between good packets: nothing that is no packet gets in the way.
    @Test func garbageBetweenPacketsChangesNothing() {
        var numbers = TestNumbers(77)
        var receiver = FeedReceiver(session: session, keptPackets: 8), delivery = Delivery()
        for sequence in 1..<2_000 as Range<UInt64> {
            let garbage = numbers.bytes(numbers.below(64))
            switch receive(garbage, &receiver, &delivery) {
            case .malformed, .otherSession: break
            default: Issue.record("garbage was taken for a packet")
            }
            var truncated = Self.run(sequence..<sequence + 3)
            truncated.removeLast(1 + numbers.below(truncated.count - 1))
            #expect(receive(truncated, &receiver, &delivery) == .malformed)
            _ = receive(Self.run(sequence..<sequence + 1), &receiver, &delivery)
        }
        #expect(delivery.next == 2_000 && delivery.isInOrder)
    }
}
