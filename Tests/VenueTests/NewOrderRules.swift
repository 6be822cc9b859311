import Testing
import Wire

@testable import Venue

@Suite struct NewOrderRules {
    @Test("NEW-1: instrument, states and switches, names, quantity, kind: in this order")
    func refusals() {
        let venue = TestVenue.trading()
        #expect(venue.order(3, .buy, 0, at: 100, as: 0, instrument: 1) == [.rejected(.unknownInstrument, 1)])
        #expect(venue.order(3, .buy, 0, at: 100, as: 0) == [.rejected(.clientOrderIdInvalid, 0)])
        #expect(venue.order(3, .buy, 0, at: 100, as: Null.u64) == [.rejected(.clientOrderIdInvalid, 0)])
        venue.order(3, .buy, 1, at: 100, as: 7)
        #expect(venue.order(3, .buy, 0, at: 100, as: 7) == [.rejected(.duplicateClientOrderId, 1)])
        #expect(venue.order(4, .buy, 1, at: 100, as: 7).count == 2)
        #expect(venue.order(3, .buy, 0, at: nil, type: .limit) == [.rejected(.quantityInvalid, 1)])
        #expect(venue.order(3, .buy, 1_000_001, at: nil, type: .limit) == [.rejected(.quantityTooLarge, 1_000_000)])
        #expect(venue.order(3, .buy, 1, at: nil, type: .limit) == [.rejected(.priceInvalid, 0)])
        #expect(venue.order(3, .buy, 1, at: 100, type: .market) == [.rejected(.priceInvalid, 0)])
        #expect(venue.order(3, .buy, 1, at: nil, flags: .postOnly) == [.rejected(.invalidField, 76)])
        #expect(venue.order(3, .buy, 1, at: 5, .immediateOrCancel, flags: .postOnly) == [.rejected(.invalidField, 76)])
        #expect(venue.order(3, .buy, 1, at: 5, .fillOrKill, flags: .postOnly) == [.rejected(.invalidField, 76)])
        venue.cancel(3, as: 7)
        #expect(venue.order(3, .buy, 1, at: 100, as: 7).count == 2)
        // A halted instrument and a blocked account: the switch is judged first.
        venue.killSwitch(5)
        venue.setState(.halted, of: 0)
        #expect(venue.order(5, .buy, 1, at: 100) == [.rejected(.accountBlocked, 0)])
        #expect(venue.order(3, .buy, 1, at: 100, as: 0) == [.rejected(.instrumentHalted, 8)])
    }

    @Test("NEW-1: price × quantity that does not fit 63 bits, in either asset, and the hold with its fee")
    func overflow() {
        let most = UInt64(Int64.max)
        var listing = TestVenue.Listing()
        (listing.tickValue, listing.quantityMax, listing.notionalMax) = (1 << 40, 4_294_967_294, most)
        let venue = TestVenue.trading(listing)
        // 1000 x 4294967294 x 2^40 needs 82 bits.
        #expect(venue.order(3, .buy, 4_294_967_294, at: 1_000) == [.rejected(.notionalOverflow, most)])
        #expect(venue.order(3, .sell, 4_294_967_294, at: 1_000) == [.rejected(.notionalOverflow, most)])
        // 64 x 131072 x 2^40 is 2^63: one too much.
        #expect(venue.order(3, .buy, 131_072, at: 64) == [.rejected(.notionalOverflow, most)])
        #expect(venue.order(3, .buy, 131_071, at: 64) == [.rejected(.insufficientFunds, 1_000_000_000)])
        var lots = TestVenue.Listing()
        (lots.lotSize, lots.quantityMax) = (1 << 40, 4_294_967_294)
        let base = TestVenue.trading(lots)
        #expect(base.order(3, .buy, 1 << 23, at: 10) == [.rejected(.notionalOverflow, most)])
        #expect(base.order(3, .sell, (1 << 23) - 1, at: 10) == [.rejected(.insufficientFunds, 1_000_000_000)])
        listing.takerFee = 100_000
        let fees = TestVenue.trading(listing)
        // The notional fits, a tenth more does not; a sell holds no fee.
        #expect(fees.order(3, .buy, 131_000, at: 64) == [.rejected(.notionalOverflow, most)])
        #expect(fees.order(3, .sell, 131_000, at: 64).count == 2)
    }

    @Test("NEW-1: the largest notional comes before tables and funds")
    func notionalMax() {
        var listing = TestVenue.Listing()
        listing.notionalMax = 5 * 100 * 7
        let venue = TestVenue.trading(listing, funds: 0)
        #expect(venue.order(3, .buy, 8, at: 100) == [.rejected(.notionalTooLarge, 3_500)])
        #expect(venue.order(3, .buy, 7, at: 100) == [.rejected(.insufficientFunds, 0)])
    }

    @Test("NEW-1: an account's open orders, and the venue's; what does not rest needs no place")
    func tablesFull() {
        var capacity = TestVenue.Capacity()
        (capacity.orders, capacity.openOrders) = (3, 2)
        let venue = TestVenue.trading(capacity: capacity)
        venue.order(3, .buy, 1, at: 100)
        venue.order(3, .buy, 1, at: 101)
        #expect(venue.order(3, .buy, 1, at: 102) == [.rejected(.tooManyOpenOrders, 2)])
        #expect(venue.order(3, .buy, 1, at: 102, .immediateOrCancel).count == 2)
        venue.order(4, .buy, 1, at: 102)
        #expect(venue.order(4, .buy, 1, at: 103) == [.rejected(.ordersFull, 3)])
        // Not even one that would trade at once: whether it does is known only later.
        #expect(venue.order(4, .sell, 1, at: 100) == [.rejected(.ordersFull, 3)])
        #expect(venue.order(4, .sell, 1, at: nil, type: .market).count == 2)
        #expect(venue.replace(3, 2, lots: 5, at: 99).count == 1)
        venue.check()
    }

    @Test("NEW-1: a post-only order never trades")
    func postOnly() {
        let venue = TestVenue.trading()
        venue.order(3, .sell, 1, at: 100)
        #expect(venue.order(4, .buy, 1, at: 100, flags: .postOnly) == [.rejected(.wouldTrade, 100)])
        #expect(venue.order(4, .buy, 1, at: 130, flags: .postOnly) == [.rejected(.wouldTrade, 100)])
        #expect(
            venue.order(4, .buy, 1, at: 99, flags: .postOnly)
                == [.accepted(order: 2, price: 99, lots: 1), .rested(order: 2, price: 99, lots: 1)])
        #expect(venue.order(3, .sell, 1, at: 99, flags: .postOnly) == [.rejected(.wouldTrade, 99)])
    }

    @Test("NEW-1: funds are needed for the hold, with the higher fee")
    func funds() {
        var listing = TestVenue.Listing()
        (listing.makerFee, listing.takerFee) = (200, 10_000)
        let venue = TestVenue.trading(listing, funds: 0)
        venue.deposit(5_049, 1, to: 3)
        // 10 lots at 100 are 5,000, and one per cent of it.
        #expect(venue.order(3, .buy, 10, at: 100) == [.rejected(.insufficientFunds, 5_049)])
        venue.deposit(1, 1, to: 3)
        #expect(venue.order(3, .buy, 10, at: 100).count == 2)
        // Resting, it needs the maker's rate only.
        #expect(venue.held(3, 1) == 5_001 && venue.available(3, 1) == 49)
        venue.deposit(99, 0, to: 3)
        #expect(venue.order(3, .sell, 10, at: 200) == [.rejected(.insufficientFunds, 99)])
        #expect(venue.order(3, .sell, 9, at: 200).count == 2)
    }

    @Test("NEW-2: the band is cut by the range, both ends included, and moves with trades")
    func band() {
        var listing = TestVenue.Listing()
        (listing.reference, listing.band) = (103, 1_000)
        let venue = TestVenue.trading(listing)
        #expect(venue.order(3, .buy, 1, at: 1_001) == [.rejected(.priceOutOfRange, 1_000)])
        #expect(venue.order(3, .sell, 1, at: 9) == [.rejected(.priceOutOfRange, 10)])
        // 10 % of 103, rounded down: 10.
        #expect(venue.order(3, .buy, 1, at: 114) == [.rejected(.priceOutsideBand, 113)])
        #expect(venue.order(3, .sell, 1, at: 92) == [.rejected(.priceOutsideBand, 93)])
        #expect(venue.order(3, .buy, 1, at: 93).count == 2)
        #expect(venue.order(3, .sell, 1, at: 113).count == 2)
        venue.order(4, .buy, 1, at: 113)
        // The reference is 113 now, and 11 around it.
        #expect(venue.order(3, .buy, 1, at: 125) == [.rejected(.priceOutsideBand, 124)])
        #expect(venue.order(3, .buy, 1, at: 124).count == 2)
        venue.setLimits(.instrument, 0, band: 0)
        #expect(venue.order(3, .buy, 1, at: 1_000).count == 2)
        venue.setLimits(.instrument, 0, band: 1_000_000)
        #expect(venue.order(4, .buy, 1, at: 10).count == 2)
    }

    @Test("NEW-3: a market order's protection price, from the best or the reference price")
    func protection() {
        let venue = TestVenue.trading()
        // Nothing to trade with: 500 and a tenth.
        #expect(
            venue.order(3, .buy, 2, at: nil) == [
                .accepted(order: 1, price: 550, lots: 2),
                .cancelled(order: 1, lots: 2, .marketRemainder, displayed: false),
            ])
        venue.order(3, .sell, 1, at: 101)
        venue.order(3, .sell, 1, at: 111)
        venue.order(3, .sell, 1, at: 112)
        #expect(
            venue.order(4, .buy, 5, at: nil) == [
                .accepted(order: 5, price: 111, lots: 5), .executed(taker: 5, maker: 2, price: 101, lots: 1),
                .executed(taker: 5, maker: 3, price: 111, lots: 1),
                .cancelled(order: 5, lots: 3, .marketRemainder, displayed: false),
            ])
        #expect(venue.order(4, .sell, 1, at: nil).first == .accepted(order: 6, price: 100, lots: 1))
        venue.setLimits(.instrument, 0, band: 500)
        // The band around 111: 106 to 116.
        #expect(venue.order(4, .sell, 1, at: nil).first == .accepted(order: 7, price: 106, lots: 1))
        venue.setLimits(.instrument, 0, band: 0, protection: 1_000_000)
        #expect(venue.order(4, .sell, 1, at: nil).first == .accepted(order: 8, price: 10, lots: 1))
        #expect(venue.order(4, .buy, 1, at: nil).first == .accepted(order: 9, price: 1_000, lots: 1))
    }

    @Test("NEW-4: accepted moves the hold, and keeps the rates of its hour")
    func accepted() {
        var listing = TestVenue.Listing()
        (listing.makerFee, listing.takerFee) = (10_000, 10_000)
        let venue = TestVenue.trading(listing)
        venue.order(3, .buy, 10, at: 100)
        #expect(venue.held(3, 1) == 5_050)
        venue.setLimits(.instrument, 0, makerFee: 0, takerFee: 0)
        #expect(
            venue.order(4, .sell, 10, at: 100).last
                == .executed(taker: 2, maker: 1, price: 100, lots: 10, takerFee: 0, makerFee: 50))
        #expect(venue.held(3, 1) == 0)
    }

    @Test("NEW-5: fillOrKill trades in full or not at all; its own orders count against it")
    func fillOrKill() {
        let venue = TestVenue.trading()
        venue.order(4, .sell, 5, at: 100)
        venue.order(4, .sell, 5, at: 102)
        #expect(
            venue.order(3, .buy, 11, at: 102, .fillOrKill) == [
                .accepted(order: 3, price: 102, lots: 11),
                .cancelled(order: 3, lots: 11, .fillOrKill, displayed: false),
            ])
        #expect(venue.held(3, 1) == 0)
        #expect(venue.order(3, .buy, 6, at: 101, .fillOrKill).last?.isFillOrKill == true)
        #expect(
            venue.order(3, .buy, 6, at: 102, .fillOrKill) == [
                .accepted(order: 5, price: 102, lots: 6), .executed(taker: 5, maker: 1, price: 100, lots: 5),
                .executed(taker: 5, maker: 2, price: 102, lots: 1),
            ])
        // One of its own within the price: only cancelMaker goes on, and then it does not count as volume.
        venue.order(3, .sell, 10, at: 101)
        for stp in [.cancelTaker, .cancelBoth, .decrementBoth] as [SelfTradePrevention] {
            #expect(venue.order(3, .buy, 4, at: 102, .fillOrKill, stp: stp).last?.isFillOrKill == true)
        }
        #expect(venue.order(3, .buy, 4, at: 100, .fillOrKill, stp: .cancelTaker).last?.isFillOrKill == true)
        #expect(venue.order(3, .buy, 5, at: 102, .fillOrKill, stp: .cancelMaker).last?.isFillOrKill == true)
        let told = venue.order(3, .buy, 4, at: 102, .fillOrKill, stp: .cancelMaker)
        #expect(told.count == 3 && told[1] == .cancelled(order: 6, lots: 10, .selfTrade))
        // A market order may be fillOrKill, at its protection price.
        #expect(venue.order(3, .buy, 1, at: nil, .fillOrKill, type: .market).last?.isFillOrKill == true)
    }

    @Test("NEW-6: what is left rests behind its price, or is cancelled with the reason of its kind")
    func endings() {
        let venue = TestVenue.trading()
        venue.order(4, .sell, 2, at: 100)
        #expect(
            venue.order(3, .buy, 3, at: 101) == [
                .accepted(order: 2, price: 101, lots: 3), .executed(taker: 2, maker: 1, price: 100, lots: 2),
                .rested(order: 2, price: 101, lots: 1),
            ])
        #expect(venue.held(3, 1) == 505)
        #expect(
            venue.order(5, .sell, 3, at: 101, .immediateOrCancel).last
                == .cancelled(order: 3, lots: 2, .immediateOrCancel, displayed: false))
        #expect(venue.held(5, 0) == 0)
        // A market order's time in force does not let it rest.
        #expect(
            venue.order(5, .sell, 3, at: nil, .goodTillCancel).last
                == .cancelled(order: 4, lots: 3, .marketRemainder, displayed: false))
    }
}

extension Told {
    /// A cancel of an order that could not trade in full.
    var isFillOrKill: Bool {
        guard case .cancelled(_, _, _, .fillOrKill, false) = self else { return false }
        return true
    }
}
