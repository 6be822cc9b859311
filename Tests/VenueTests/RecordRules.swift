import Testing
import Wire

@testable import Venue

@Suite struct RecordRules {
    @Test("REC-1: time and sequence decide nothing but deadlines: other times, same effects")
    func onlyRecordsCount() {
        let (first, second) = (TestVenue.trading(), TestVenue.trading())
        second.time = 5_000_000
        for venue in [first, second] {
            venue.order(3, .buy, 5, at: 100)
            venue.order(4, .sell, 7, at: 90)
        }
        #expect(first.records == second.records)
        #expect(first.state() == second.state())
    }

    @Test("REC-2: genesis opens three accounts with their keys, and a feed session")
    func genesis() {
        let venue = TestVenue()
        #expect(venue.records.count == 1)
        var cursor: [Told] = []
        venue.records[0].withUnsafeBytes { bytes in
            var effects = EffectCursor(bytes.baseAddress!, count: bytes.count)
            while let effect = effects.read() { cursor.append(Told(effect)) }
        }
        #expect(cursor == [.feedSession(1)])
        for (account, key) in [(0, 1), (1, 1), (2, 4)] as [(UInt32, UInt64)] {
            let entry = venue.venue.keys.entry(account: account, slot: 0)
            #expect(entry.state == .inForce)
            #expect(Bytes32(from: entry.key) == TestVenue.key(key))
            #expect(venue.venue.ledger.openOrdersMax(account) == 1_500)
            #expect(venue.venue.ledger.ownerSlot(account) == 0)
            #expect(venue.venue.nonceMark(account: account, slot: 0) == 0)
        }
        #expect(venue.venue.keys.hasAccount(3) == false)
        #expect(venue.venue.state == .continuous)
        for purpose in VenueKeyPurpose.allCases {
            #expect(venue.venue.withVenueKey(purpose) { Bytes32(from: $0) == TestVenue.key(UInt64(purpose.rawValue)) })
        }
    }

    @Test("REC-3: a restart with the next generation begins a feed session, and closes a venue whose feed ended")
    func restart() {
        let venue = TestVenue()
        #expect(venue.restart(generation: 1) == [])
        #expect(venue.restart(generation: 2) == [.feedSession(2)])
        #expect(venue.venue.state == .continuous)
        venue.setState(.endOfMessages)
        #expect(venue.restart(generation: 3) == [.feedSession(3)])
        #expect(venue.venue.state == .closed)
    }

    @Test("REC-4: a tick has no effect and changes nothing")
    func tick() {
        let venue = TestVenue.trading()
        let before = venue.state()
        let message = UnsafeMutableRawPointer.allocate(byteCount: TickMessage.size, alignment: 8)
        defer { message.deallocate() }
        TickMessage.encode(at: message)
        #expect(venue.apply(message, TickMessage.size, kind: .tick).effects == [])
        #expect(venue.state() == before)
    }

    @Test("REC-5: a sweep over more makers than a record holds goes on in continuations, at the unit that had no room")
    func sweep() {
        let venue = TestVenue.trading()
        venue.checksEveryCommand = false
        for _ in 0..<1_100 { venue.order(3, .sell, 1, at: 100) }
        let before = venue.records.count
        let told = venue.order(4, .buy, 1_101, at: 100)
        #expect(told.count == 1 + 1_100 + 1)
        #expect(told.last == .rested(order: 1_101, price: 100, lots: 1))
        // A unit begins with at most 508 effects before it, so a record of single effects holds 509.
        #expect(venue.records[before...].map(Self.count) == [509, 509, 84])
        #expect(venue.venue.pendingCause == nil)
        venue.check()
    }

    @Test("REC-5: an order whose last unit has no room ends in a continuation")
    func lastUnitAlone() {
        let venue = TestVenue.trading()
        venue.checksEveryCommand = false
        for _ in 0..<508 { venue.order(3, .sell, 1, at: 100) }
        let before = venue.records.count
        let told = venue.order(4, .buy, 600, at: 100, .immediateOrCancel)
        #expect(venue.records[before...].map(Self.count) == [509, 1])
        #expect(told.last == .cancelled(order: 509, lots: 92, .immediateOrCancel, displayed: false))
        // Filled exactly at the end of the record: nothing is left to do.
        for _ in 0..<508 { venue.order(3, .sell, 1, at: 100) }
        let again = venue.records.count
        venue.order(4, .buy, 508, at: 100)
        #expect(venue.records[again...].map(Self.count) == [509])
        venue.check()
    }

    @Test("REC-5: units of two effects are not torn by the end of a record")
    func pairsStayTogether() {
        let venue = TestVenue.trading()
        venue.checksEveryCommand = false
        for _ in 0..<300 { venue.order(3, .sell, 1, at: 100) }
        let before = venue.records.count
        venue.order(3, .buy, 300, at: 100, stp: .decrementBoth)
        // 1 + 2 x 254 = 509 effects; the 255th pair would begin with 509 before it.
        #expect(venue.records[before...].map(Self.count) == [509, 92])
        venue.check()
    }

    @Test("REC-6: ids and match numbers are dense; refusals use none")
    func denseIds() {
        let venue = TestVenue.trading()
        #expect(venue.order(3, .buy, 5, at: 100).first == .accepted(order: 1, price: 100, lots: 5))
        #expect(venue.order(3, .buy, 0, at: 100).first == .rejected(.quantityInvalid, 1))
        #expect(venue.order(4, .sell, 2, at: 100).first == .accepted(order: 2, price: 100, lots: 2))
        venue.replace(3, 1, lots: 2, at: 100)
        #expect(venue.replace(3, 1, lots: 2, at: 101).first.map(Self.newId) == 3)
        #expect(venue.order(4, .sell, 2, at: 101).first == .accepted(order: 4, price: 101, lots: 2))
        #expect(venue.venue.lastMatchNumber == 2)
        #expect(venue.venue.lastOrderId == 4)
    }

    @Test("REC-7: effects of an entry carry its number; a maker's cancel has none")
    func entries() {
        let venue = TestVenue.trading()
        venue.order(3, .sell, 1, at: 100)
        venue.order(4, .sell, 1, at: 101)
        venue.batch(
            3,
            [
                .new(.buy, 0, at: 100, as: 1), .new(.buy, 2, at: 101, as: 2, stp: .cancelMaker), .cancel(3),
                .cancel(99),
            ])
        var entries: [UInt16] = []
        venue.records[venue.records.count - 1].withUnsafeBytes { bytes in
            var cursor = EffectCursor(bytes.baseAddress!, count: bytes.count)
            while let effect = cursor.read() { entries.append(Self.entry(effect)) }
        }
        // Rejected; Accepted, Cancelled (maker), Executed, Rested, which has no such field; Cancelled; Rejected.
        #expect(entries == [0, 1, Null.u16, 1, Null.u16, 2, 3])
        venue.order(5, .buy, 1, at: 50)
        let alone = venue.records[venue.records.count - 1]
        alone.withUnsafeBytes { #expect(AcceptedMessage($0.baseAddress!).entry == Null.u16) }
    }

    static func count(_ record: [UInt8]) -> Int {
        record.withUnsafeBytes { bytes in
            var cursor = EffectCursor(bytes.baseAddress!, count: bytes.count)
            var count = 0
            while cursor.read() != nil { count += 1 }
            return count
        }
    }

    static func newId(_ told: Told) -> UInt64? {
        guard case .replaced(_, let id, _, _, _, _) = told else { return nil }
        return id
    }

    private static func entry(_ effect: Effect) -> UInt16 {
        switch effect.template {
        case Template.accepted: AcceptedMessage(effect.base).entry
        case Template.executed: ExecutedMessage(effect.base).entry
        case Template.cancelled: CancelledMessage(effect.base).entry
        case Template.rejected: RejectedMessage(effect.base).entry
        case Template.replaced: ReplacedMessage(effect.base).entry
        default: Null.u16
        }
    }
}
