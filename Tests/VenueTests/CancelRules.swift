import Testing
import Wire

@testable import Venue

@Suite struct CancelRules {
    @Test("CAN-1: a cancelled order leaves the book, and its hold comes back")
    func cancelled() {
        let venue = TestVenue.trading()
        let before = venue.available(3, 1)
        venue.order(3, .buy, 5, at: 100)
        #expect(venue.cancel(3, 1) == [.cancelled(order: 1, lots: 5, .requested)])
        #expect(venue.available(3, 1) == before && venue.held(3, 1) == 0)
        #expect(venue.order(4, .sell, 1, at: 100).count == 2)
    }

    @Test("CAN-2: by exactly one of two names, an order of one's own that is open; switches do not stop it")
    func refusals() {
        let venue = TestVenue.trading()
        venue.order(3, .buy, 5, at: 100, as: 7)
        #expect(venue.cancel(3) == [.rejected(.orderIdInvalid, 0)])
        #expect(venue.cancel(3, 1, as: 7) == [.rejected(.orderIdInvalid, 0)])
        for unknown in [0, 2, UInt64.max - 1] { #expect(venue.cancel(3, unknown) == [.rejected(.unknownOrder, 0)]) }
        #expect(venue.cancel(4, 1) == [.rejected(.unknownOrder, 0)])
        #expect(venue.cancel(4, as: 7) == [.rejected(.unknownOrder, 0)])
        #expect(venue.cancel(3, as: 8) == [.rejected(.unknownOrder, 0)])
        venue.setState(.closed, of: 0)
        #expect(venue.cancel(3, 1) == [.rejected(.instrumentClosed, 1)])
        #expect(venue.cancel(4, 1) == [.rejected(.unknownOrder, 0)])
        venue.setState(.continuous, of: 0)
        #expect(venue.cancel(3, as: 7) == [.cancelled(order: 1, lots: 5, .requested)])
        #expect(venue.cancel(3, 1) == [.rejected(.unknownOrder, 0)])
    }

    @Test("CAN-3: a mass cancel takes what it names, in ascending id, and none of a closed instrument")
    func massCancel() {
        let venue = TestVenue.trading()
        var second = TestVenue.Listing()
        (second.instrument, second.symbol, second.maximum) = (1, "YX", 600)
        venue.list(second)
        venue.order(3, .sell, 1, at: 200)
        venue.order(3, .buy, 1, at: 100, instrument: 1)
        venue.order(3, .buy, 1, at: 100)
        venue.order(4, .buy, 1, at: 100)
        venue.order(3, .buy, 1, at: 90)
        #expect(venue.massCancel(3, instrument: 2) == [.rejected(.unknownInstrument, 2)])
        venue.setState(.closed, of: 1)
        #expect(venue.massCancel(3, instrument: 1) == [.rejected(.instrumentClosed, 1)])
        #expect(
            venue.massCancel(3, instrument: 0, side: .buy) == [
                .cancelled(order: 3, lots: 1, .massCancel), .cancelled(order: 5, lots: 1, .massCancel),
                .massCancelled(2),
            ])
        #expect(venue.massCancel(3) == [.cancelled(order: 1, lots: 1, .massCancel), .massCancelled(1)])
        venue.setState(.continuous, of: 1)
        #expect(venue.massCancel(3) == [.cancelled(order: 2, lots: 1, .massCancel), .massCancelled(1)])
        #expect(venue.massCancel(3) == [.massCancelled(0)])
    }

    @Test("CAN-3: more than a record holds goes on in continuations, and the count is that of all")
    func manyOrders() {
        let venue = TestVenue.trading()
        venue.checksEveryCommand = false
        for _ in 0..<509 { venue.order(3, .buy, 1, at: 100) }
        for _ in 0..<700 { venue.order(4, .buy, 1, at: 100) }
        var before = venue.records.count
        // 509 cancels fill the record; the completion alone goes on.
        #expect(venue.massCancel(3).last == .massCancelled(509))
        #expect(venue.records[before...].map(RecordRules.count) == [509, 1])
        before = venue.records.count
        #expect(venue.massCancel(4, side: .buy).last == .massCancelled(700))
        #expect(venue.records[before...].map(RecordRules.count) == [509, 192])
        venue.check()
    }
}

@Suite struct ReplaceRules {
    @Test("REP-1: what is refused, in this order")
    func refusals() {
        let venue = TestVenue.trading()
        venue.order(3, .buy, 5, at: 100, as: 7)
        venue.order(3, .buy, 5, at: 100, as: 8)
        #expect(venue.replace(3, lots: 0, at: 1) == [.rejected(.orderIdInvalid, 0)])
        #expect(venue.replace(3, 1, as: 7, lots: 0, at: 1) == [.rejected(.orderIdInvalid, 0)])
        #expect(venue.replace(4, 1, lots: 0, at: 1) == [.rejected(.unknownOrder, 0)])
        #expect(venue.replace(3, 1, lots: 0, at: 1, newClientOrderId: 0) == [.rejected(.clientOrderIdInvalid, 0)])
        #expect(venue.replace(3, 1, lots: 0, at: 1, newClientOrderId: 8) == [.rejected(.duplicateClientOrderId, 2)])
        #expect(venue.replace(3, 1, lots: 0, at: 1, newClientOrderId: 7) == [.rejected(.quantityInvalid, 1)])
        #expect(venue.replace(3, 1, lots: 1_000_001, at: 1) == [.rejected(.quantityTooLarge, 1_000_000)])
        #expect(venue.replace(3, 1, lots: 1, at: 9) == [.rejected(.priceOutOfRange, 10)])
        #expect(venue.replace(3, 1, lots: 1, at: UInt32.max) == [.rejected(.priceOutOfRange, 1_000)])
        venue.setState(.halted, of: 0)
        #expect(venue.replace(3, 1, lots: 1, at: 100) == [.rejected(.instrumentHalted, 8)])
        #expect(venue.replace(3, 9, lots: 1, at: 100) == [.rejected(.unknownOrder, 0)])
        venue.killSwitch(4)
        venue.setState(.continuous, of: 0)
        #expect(venue.replace(3, 1, lots: 4, at: 100).count == 1)
    }

    @Test("REP-1: a kill switch that cancels nothing of a closed hour still refuses replaces")
    func killSwitch() {
        let venue = TestVenue.trading()
        venue.order(3, .buy, 5, at: 100)
        venue.venue.ledger.setBlocked(3, true)
        venue.setState(.halted, of: 0)
        #expect(venue.replace(3, 1, lots: 4, at: 100) == [.rejected(.accountBlocked, 0)])
        #expect(venue.cancel(3, 1) == [.cancelled(order: 1, lots: 5, .requested)])
    }

    @Test("REP-2: the same price and no more lots keep the place; the hold follows, and a new name")
    func keepsPlace() {
        let venue = TestVenue.trading()
        venue.order(3, .buy, 5, at: 100, as: 7)
        venue.order(4, .buy, 5, at: 100)
        #expect(
            venue.replace(3, 1, lots: 3, at: 100, newClientOrderId: 9)
                == [.replaced(from: 1, to: 1, price: 100, lots: 3, before: 5, .keptPriority)])
        #expect(venue.held(3, 1) == 1_500)
        #expect(venue.replace(3, as: 7, lots: 2, at: 100) == [.rejected(.unknownOrder, 0)])
        #expect(
            venue.replace(3, as: 9, lots: 3, at: 100)
                == [.replaced(from: 1, to: 1, price: 100, lots: 3, before: 3, .keptPriority)])
        #expect(
            venue.order(5, .sell, 1, at: 100).last == .executed(taker: 3, maker: 1, price: 100, lots: 1))
        // Beyond the band or not: it stays where it is.
        venue.setLimits(.instrument, 0, band: 1, notional: 1)
        #expect(venue.replace(3, 1, lots: 1, at: 100).count == 1)
    }

    @Test("REP-3: a new price, more lots, or losePriority give a new id at the back of the price")
    func losesPlace() {
        let venue = TestVenue.trading()
        venue.order(3, .buy, 5, at: 100, as: 7)
        #expect(
            venue.replace(3, 1, lots: 5, at: 100, flags: .losePriority)
                == [.replaced(from: 1, to: 2, price: 100, lots: 5, before: 5, .restsAtOnce)])
        #expect(
            venue.replace(3, as: 7, lots: 6, at: 100)
                == [.replaced(from: 2, to: 3, price: 100, lots: 6, before: 5, .restsAtOnce)])
        #expect(
            venue.replace(3, 3, lots: 1, at: 99, newClientOrderId: 8)
                == [.replaced(from: 3, to: 4, price: 99, lots: 1, before: 6, .restsAtOnce)])
        #expect(venue.held(3, 1) == 495)
        #expect(venue.cancel(3, 3) == [.rejected(.unknownOrder, 0)])
        #expect(venue.order(3, .buy, 1, at: 90, as: 7).count == 2)
        #expect(venue.cancel(3, as: 8) == [.cancelled(order: 4, lots: 1, .requested)])
    }

    @Test("REP-3: when it crosses it trades and rests like a new order")
    func crosses() {
        let venue = TestVenue.trading()
        venue.order(4, .sell, 2, at: 101)
        venue.order(3, .buy, 5, at: 100)
        #expect(
            venue.replace(3, 2, lots: 5, at: 101) == [
                .replaced(from: 2, to: 3, price: 101, lots: 5, before: 5, []),
                .executed(taker: 3, maker: 1, price: 101, lots: 2), .rested(order: 3, price: 101, lots: 3),
            ])
        #expect(
            venue.replace(3, 3, lots: 2, at: 102)
                == [.replaced(from: 3, to: 4, price: 102, lots: 2, before: 3, .restsAtOnce)])
    }

    @Test("REP-3: its further checks: band, notional, hold, postOnly, funds")
    func furtherChecks() {
        var listing = TestVenue.Listing()
        (listing.reference, listing.band, listing.notionalMax) = (100, 2_000, 60_000)
        let venue = TestVenue.trading(listing, funds: 10_000)
        venue.order(3, .buy, 10, at: 100, flags: .postOnly)
        venue.order(4, .sell, 1, at: 110)
        #expect(venue.replace(3, 1, lots: 10, at: 121) == [.rejected(.priceOutsideBand, 120)])
        #expect(venue.replace(3, 1, lots: 101, at: 119) == [.rejected(.notionalTooLarge, 60_000)])
        #expect(venue.replace(3, 1, lots: 100, at: 110) == [.rejected(.wouldTrade, 110)])
        // It holds 5,000 of 10,000: twice as much is enough, a lot more is not.
        #expect(venue.replace(3, 1, lots: 21, at: 100) == [.rejected(.insufficientFunds, 5_000)])
        #expect(venue.replace(3, 1, lots: 20, at: 100).count == 1)
        #expect(venue.available(3, 1) == 0)
        #expect(venue.replace(3, 3, lots: 10, at: 110) == [.rejected(.wouldTrade, 110)])
        #expect(venue.venue.books.orderCount == 2)
    }

    @Test("REP-3: a replace over more makers than a record holds goes on in continuations")
    func replaceSweeps() {
        let venue = TestVenue.trading()
        venue.checksEveryCommand = false
        venue.order(3, .buy, 600, at: 50)
        for _ in 0..<600 { venue.order(4, .sell, 1, at: 100) }
        let before = venue.records.count
        venue.replace(3, 1, lots: 600, at: 100)
        #expect(venue.records[before...].map(RecordRules.count) == [509, 92])
        venue.check()
    }

    @Test("REP-4: the quantity told is the new open one before any trade, beside the open one before")
    func quantities() {
        let venue = TestVenue.trading()
        venue.order(3, .buy, 10, at: 100)
        venue.order(4, .sell, 4, at: 100)
        #expect(
            venue.replace(3, 1, lots: 6, at: 100)
                == [.replaced(from: 1, to: 1, price: 100, lots: 6, before: 6, .keptPriority)])
        venue.order(4, .sell, 9, at: 105)
        #expect(
            venue.replace(3, 1, lots: 8, at: 105).first
                == .replaced(from: 1, to: 4, price: 105, lots: 8, before: 6, []))
    }
}
