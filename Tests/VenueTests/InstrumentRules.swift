import Testing
import Wire

@testable import Venue

@Suite struct InstrumentRules {
    private func venue() -> TestVenue {
        let venue = TestVenue()
        venue.listAsset(0, symbol: "X")
        venue.listAsset(1, symbol: "Y")
        return venue
    }

    /// What of a listing is changed, and the refusal.
    private func refused(_ reason: Reason, _ expected: UInt64, _ change: (inout TestVenue.Listing) -> Void) {
        let venue = venue()
        var listing = TestVenue.Listing()
        change(&listing)
        #expect(venue.list(listing) == [.rejected(reason, expected)])
        #expect(venue.venue.instrumentCount == 0)
    }

    @Test("INS-1: a listing whose values are not valid is refused")
    func invalid() {
        refused(.instrumentInvalid, 0) { $0.instrument = 1 }
        refused(.instrumentInvalid, 0) { $0.symbol = "a" }
        refused(.instrumentInvalid, 0) { $0.lotSize = 0 }
        refused(.instrumentInvalid, 0) { $0.lotSize = 1 << 63 }
        refused(.instrumentInvalid, 0) { $0.tickValue = 0 }
        refused(.instrumentInvalid, 0) { $0.tickValue = 1 << 63 }
        refused(.instrumentInvalid, 0) { $0.notionalMax = 0 }
        refused(.instrumentInvalid, 0) { $0.notionalMax = 1 << 63 }
        refused(.instrumentInvalid, 0) { $0.multiplier = 0 }
        refused(.instrumentInvalid, 0) { $0.quantityMax = 0 }
        refused(.instrumentInvalid, 0) { $0.band = 1_000_001 }
        refused(.instrumentInvalid, 0) { $0.protection = 1_000_001 }
        refused(.instrumentInvalid, 0) { $0.base = 1 }
        refused(.instrumentInvalid, 0) { $0.minimum = 0 }
        refused(.instrumentInvalid, 0) { $0.reference = 9 }
        refused(.instrumentInvalid, 0) { $0.reference = 1_001 }
        refused(.instrumentInvalid, 0) {
            ($0.minimum, $0.reference, $0.maximum, $0.multiplier) = (1, 1, (1 << 24) + 1, 1)
        }
        refused(.instrumentInvalid, 0) { ($0.minimum, $0.maximum) = (501, 499) }
    }

    @Test("INS-1: what ITCH or the tables cannot hold is refused with what fits")
    func inexpressible() {
        refused(.unknownAsset, 2) { $0.base = 2 }
        refused(.unknownAsset, 2) { $0.quote = 7 }
        refused(.tickNotExpressible, 2_000_000_000) { $0.multiplier = 2_000_001 }
        refused(.lotNotExpressible, 4_294_967_294) { $0.quantityMax = 4_294_967_295 }
        refused(.feeInvalid, 100_000) { $0.takerFee = -1 }
        refused(.levelsFull, 4_000) { ($0.minimum, $0.maximum) = (1, 2_001) }
        // The order of the checks.
        refused(.unknownAsset, 2) { ($0.base, $0.minimum) = (5, 0) }
        refused(.tickNotExpressible, 2_000_000_000) { ($0.multiplier, $0.quantityMax) = (2_000_001, 1 << 40) }
        refused(.lotNotExpressible, 4_294_967_294) { ($0.takerFee, $0.quantityMax) = (-1, 1 << 40) }
    }

    @Test("INS-1: listings take levels on both sides, symbols and ids until there are none left")
    func tables() {
        let venue = venue()
        #expect(venue.list() == [.instrumentListed(0)])
        #expect(venue.venue.books.unusedLevelCount == 4_000 - 2 * 991)
        var second = TestVenue.Listing()
        second.instrument = 1
        #expect(venue.list(second) == [.rejected(.instrumentInvalid, 1)])
        second.symbol = "YX"
        (second.base, second.quote) = (1, 0)
        (second.minimum, second.maximum, second.reference) = (1, 1_010, 1)
        #expect(venue.list(second) == [.rejected(.levelsFull, 2_018)])
        second.maximum = 1_009
        #expect(venue.list(second) == [.instrumentListed(1)])
        second.instrument = 2
        second.symbol = "Z"
        #expect(venue.list(second) == [.rejected(.levelsFull, 0)])
        // The tables full: the id is not below the capacity.
        var few = TestVenue.Capacity()
        few.instruments = 1
        let small = TestVenue.trading(capacity: few)
        #expect(small.list(second) == [.rejected(.instrumentInvalid, 1)])
        venue.setState(.endOfMessages)
        #expect(venue.list(second) == [.rejected(.venueClosed, 9)])
    }

    @Test("INS-2: a state is set, also the same one, and orders stay")
    func states() {
        let venue = TestVenue.trading()
        venue.order(3, .buy, 1, at: 100)
        #expect(venue.setState(.halted, of: 0) == [.state(0, .halted)])
        #expect(venue.setState(.halted, of: 0) == [.state(0, .halted)])
        #expect(venue.setState(.closed) == [.state(nil, .closed)])
        #expect(venue.setState(.closed, of: 1) == [.rejected(.unknownInstrument, 1)])
        #expect(venue.venue.books.orderCount == 1)
        #expect(venue.setState(.endOfMessages) == [.state(nil, .endOfMessages)])
        #expect(venue.setState(.continuous) == [.rejected(.venueClosed, 9)])
        #expect(venue.setState(.continuous, of: 0) == [.rejected(.venueClosed, 9)])
    }

    @Test("INS-3: a kill switch blocks, and cancels in ascending order id, whatever state the instrument is in")
    func killSwitch() {
        let venue = TestVenue.trading()
        venue.order(3, .buy, 1, at: 100)
        venue.order(4, .buy, 1, at: 101)
        venue.order(3, .sell, 1, at: 200)
        venue.setState(.closed, of: 0)
        #expect(venue.killSwitch(9) == [.rejected(.targetUnknown, 0)])
        #expect(
            venue.killSwitch(3) == [
                .killSwitch(3, engaged: true), .cancelled(order: 1, lots: 1, .killSwitch),
                .cancelled(order: 3, lots: 1, .killSwitch),
            ])
        venue.setState(.continuous, of: 0)
        #expect(venue.order(3, .buy, 1, at: 100) == [.rejected(.accountBlocked, 0)])
        #expect(venue.order(4, .buy, 1, at: 100).count == 2)
        #expect(venue.killSwitch(3) == [.killSwitch(3, engaged: true)])
        #expect(venue.killSwitch(3, engage: false) == [.killSwitch(3, engaged: false)])
        #expect(venue.order(3, .buy, 1, at: 100).count == 2)
    }

    @Test("INS-3: the venue's cancels by ascending instrument, then id; a full record goes on in the next")
    func venueKillSwitch() {
        let venue = TestVenue.trading()
        var second = TestVenue.Listing()
        (second.instrument, second.symbol, second.maximum) = (1, "YX", 600)
        venue.list(second)
        venue.checksEveryCommand = false
        for _ in 0..<300 {
            venue.order(3, .buy, 1, at: 100, instrument: 1)
            venue.order(4, .buy, 1, at: 100)
        }
        let before = venue.records.count
        let told = venue.killSwitch(nil)
        let odd = stride(from: UInt64(1), to: 600, by: 2), even = stride(from: UInt64(2), through: 600, by: 2)
        #expect(
            told == [.killSwitch(nil, engaged: true)]
                + (Array(even) + Array(odd)).map { .cancelled(order: $0, lots: 1, .killSwitch) })
        #expect(venue.records[before...].map(RecordRules.count) == [509, 92])
        #expect(venue.order(3, .buy, 1, at: 100) == [.rejected(.venueBlocked, 0)])
        venue.killSwitch(3, engage: false)
        #expect(venue.order(3, .buy, 1, at: 100) == [.rejected(.venueBlocked, 0)])
        venue.killSwitch(nil, engage: false)
        #expect(venue.order(3, .buy, 1, at: 100).count == 2)
        venue.setState(.endOfMessages)
        #expect(venue.killSwitch(3) == [.rejected(.venueClosed, 9)])
        #expect(venue.killSwitch(3, engage: false) == [.killSwitch(3, engaged: false)])
        venue.check()
    }

    @Test("INS-4: an account's limit; open orders stay")
    func accountLimits() {
        let venue = TestVenue.trading()
        #expect(venue.setLimits(.account, 9, openOrders: 1) == [.rejected(.targetUnknown, 0)])
        #expect(venue.setLimits(.account, 3) == [.rejected(.limitInvalid, 0)])
        #expect(venue.setLimits(.account, 3, openOrders: 2_001) == [.rejected(.limitInvalid, 0)])
        #expect(venue.setLimits(.account, 3, openOrders: 1, band: 1) == [.rejected(.limitInvalid, 0)])
        #expect(venue.setLimits(.account, 3, openOrders: 1, notional: 1) == [.rejected(.limitInvalid, 0)])
        venue.order(3, .buy, 1, at: 100)
        venue.order(3, .buy, 1, at: 100)
        #expect(venue.setLimits(.account, 3, openOrders: 1) == [.limits(3, .account)])
        #expect(venue.venue.books.orderCount == 2)
        #expect(venue.order(3, .buy, 1, at: 100) == [.rejected(.tooManyOpenOrders, 1)])
        #expect(venue.setLimits(.account, 3, openOrders: 0) == [.limits(3, .account)])
    }

    @Test("INS-4: an instrument's limits; what is not given stays")
    func instrumentLimits() {
        let venue = TestVenue.trading()
        #expect(venue.setLimits(.instrument, 1, band: 1) == [.rejected(.unknownInstrument, 1)])
        #expect(venue.setLimits(.instrument, 0) == [.rejected(.limitInvalid, 0)])
        #expect(venue.setLimits(.instrument, 0, openOrders: 1, band: 1) == [.rejected(.limitInvalid, 0)])
        #expect(venue.setLimits(.instrument, 0, band: 1_000_001) == [.rejected(.limitInvalid, 0)])
        #expect(venue.setLimits(.instrument, 0, protection: 1_000_001) == [.rejected(.limitInvalid, 0)])
        #expect(venue.setLimits(.instrument, 0, quantity: 0) == [.rejected(.limitInvalid, 0)])
        #expect(venue.setLimits(.instrument, 0, quantity: 4_294_967_295) == [.rejected(.limitInvalid, 0)])
        #expect(venue.setLimits(.instrument, 0, notional: 0) == [.rejected(.limitInvalid, 0)])
        #expect(venue.setLimits(.instrument, 0, notional: 1 << 63) == [.rejected(.limitInvalid, 0)])
        // The rates as they would be together.
        #expect(venue.setLimits(.instrument, 0, makerFee: -1) == [.rejected(.feeInvalid, 100_000)])
        #expect(venue.setLimits(.instrument, 0, takerFee: 100_001) == [.rejected(.feeInvalid, 100_000)])
        #expect(venue.setLimits(.instrument, 0, makerFee: -1, takerFee: 1) == [.limits(0, .instrument)])
        #expect(venue.setLimits(.instrument, 0, quantity: 3) == [.limits(0, .instrument)])
        #expect(venue.order(3, .buy, 4, at: 100) == [.rejected(.quantityTooLarge, 3)])
        #expect(venue.venue.instruments[0].makerFee == -1)
        #expect(venue.venue.instruments[0].protectionBasisPoints == 1_000)
    }

    @Test("INS-5: the states of an instrument")
    func instrumentGates() {
        for (state, expected) in [
            (.closed, [.instrumentClosed, .instrumentClosed, .instrumentClosed, .instrumentClosed]),
            (.halted, [.instrumentHalted, .instrumentHalted, nil, nil]),
            (.cancelOnly, [.cancelOnly, .cancelOnly, nil, nil]),
        ] as [(TradingState, [Reason?])] {
            let venue = TestVenue.trading()
            venue.order(3, .buy, 10, at: 100)
            venue.setState(state, of: 0)
            let told = [
                venue.order(3, .buy, 1, at: 100).first, venue.replace(3, 1, lots: 9, at: 100).first,
                venue.massCancel(3, instrument: 0, side: .sell).first, venue.cancel(3, 1).first,
            ]
            for (one, reason) in zip(told, expected) {
                if let reason { #expect(one == .rejected(reason, UInt64(state.rawValue))) }
            }
            if state != .closed {
                #expect(told[2] == .massCancelled(0) && told[3] == .cancelled(order: 1, lots: 10, .requested))
            }
        }
    }

    @Test("INS-6: the states of the venue come before the order is looked for")
    func venueGates() {
        for state in [.closed, .endOfMessages, .halted, .cancelOnly] as [TradingState] {
            let venue = TestVenue.trading()
            venue.order(3, .buy, 10, at: 100)
            venue.setState(state)
            let refuses = state == .closed || state == .endOfMessages
            let reason = refuses ? Reason.venueClosed : .cancelOnly
            let expected = Told.rejected(reason, UInt64(state.rawValue))
            #expect(venue.order(3, .buy, 1, at: 100) == [expected])
            #expect(venue.replace(3, 99, lots: 9, at: 100) == [expected])
            if refuses {
                #expect(venue.cancel(3, 99) == [expected])
                #expect(venue.massCancel(3, instrument: 7) == [expected])
            } else {
                #expect(venue.cancel(3, 99) == [.rejected(.unknownOrder, 0)])
                #expect(venue.massCancel(3).last == .massCancelled(1))
            }
        }
    }
}
