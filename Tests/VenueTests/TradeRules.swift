import Testing
import Wire

@testable import Venue

@Suite struct TradeRules {
    @Test("TRD-1: the best price first, and at a price the lowest order id")
    func priority() {
        let venue = TestVenue.trading()
        venue.order(4, .sell, 1, at: 101)
        venue.order(4, .sell, 1, at: 100)
        venue.order(5, .sell, 1, at: 100)
        venue.order(4, .sell, 1, at: 102)
        venue.replace(4, 2, lots: 2, at: 100)
        let told = venue.order(3, .buy, 5, at: 102).compactMap { one -> UInt64? in
            guard case .executed(_, let maker, _, _, _, _) = one else { return nil }
            return maker
        }
        // Order 2 wanted more, became order 5, and stands behind order 3.
        #expect(told == [3, 5, 1, 4])
    }

    @Test("TRD-2: a trade is at the maker's price, which becomes the reference price; the reply is complete")
    func trade() {
        let venue = TestVenue.trading()
        venue.order(4, .buy, 5, at: 120, as: 41)
        venue.order(3, .sell, 2, at: 90, as: 31)
        let record = venue.records[venue.records.count - 1]
        record.withUnsafeBytes { bytes in
            var cursor = EffectCursor(bytes.baseAddress!, count: bytes.count)
            _ = cursor.read()
            let trade = ExecutedMessage(cursor.read()!.base)
            #expect(trade.takerAccount == 3 && trade.makerAccount == 4 && trade.instrument == 0)
            #expect(trade.priceTicks == 120 && trade.quantityLots == 2)
            #expect(trade.takerLeavesLots == 0 && trade.makerLeavesLots == 3 && trade.takerSide == .sell)
            #expect(trade.takerClientOrderId == 31 && trade.makerClientOrderId == 41 && trade.matchNumber == 1)
            #expect(trade.takerFeeAsset == 1 && trade.makerFeeAsset == 1)
        }
        #expect(venue.venue.instruments[0].referencePriceTicks == 120)
        // 2 lots: 20 of base, 1,200 of quote.
        #expect(venue.available(3, 1) == 1_000_001_200 && venue.available(4, 0) == 1_000_000_020)
        #expect(venue.held(4, 1) == 1_800 && venue.available(3, 0) == 1_000_000_000 - 20)
    }

    /// Account 3 meets its own sell of 5 at 100, behind it another's of 5 at 101.
    private func own(_ stp: SelfTradePrevention, lots: UInt32) -> (told: [Told], venue: TestVenue) {
        let venue = TestVenue.trading()
        venue.order(3, .sell, 5, at: 100, stp: .cancelBoth)
        venue.order(4, .sell, 5, at: 101)
        return (venue.order(3, .buy, lots, at: 101, stp: stp), venue)
    }

    @Test("TRD-3: cancelTaker ends the taker")
    func cancelTaker() {
        let (told, venue) = own(.cancelTaker, lots: 7)
        #expect(Array(told.dropFirst()) == [.cancelled(order: 3, lots: 7, .selfTrade, displayed: false)])
        #expect(venue.venue.books.orderCount == 2 && venue.held(3, 1) == 0)
        #expect(venue.venue.lastMatchNumber == 0 && venue.venue.instruments[0].referencePriceTicks == 500)
    }

    @Test("TRD-3: cancelMaker ends the maker, and the taker goes on")
    func cancelMaker() {
        let (told, _) = own(.cancelMaker, lots: 7)
        #expect(
            Array(told.dropFirst()) == [
                .cancelled(order: 1, lots: 5, .selfTrade), .executed(taker: 3, maker: 2, price: 101, lots: 5),
                .rested(order: 3, price: 101, lots: 2),
            ])
    }

    @Test("TRD-3: cancelBoth ends both, the maker first")
    func cancelBoth() {
        let (told, venue) = own(.cancelBoth, lots: 7)
        #expect(
            Array(told.dropFirst()) == [
                .cancelled(order: 1, lots: 5, .selfTrade),
                .cancelled(order: 3, lots: 7, .selfTrade, displayed: false),
            ])
        #expect(venue.venue.books.orderCount == 1)
    }

    @Test("TRD-3: decrementBoth takes the smaller quantity off both; who has nothing left is done")
    func decrementBoth() {
        let larger = own(.decrementBoth, lots: 7).told
        #expect(
            Array(larger.dropFirst()) == [
                .cancelled(order: 1, lots: 5, .selfTrade),
                .cancelled(order: 3, lots: 5, leaves: 2, .selfTrade, displayed: false),
                .executed(taker: 3, maker: 2, price: 101, lots: 2),
            ])
        let (smaller, venue) = own(.decrementBoth, lots: 3)
        #expect(
            Array(smaller.dropFirst()) == [
                .cancelled(order: 1, lots: 3, leaves: 2, .selfTrade),
                .cancelled(order: 3, lots: 3, .selfTrade, displayed: false),
            ])
        #expect(venue.held(3, 0) == 20 && venue.held(3, 1) == 0)
        let equal = own(.decrementBoth, lots: 5).told
        #expect(
            Array(equal.dropFirst()) == [
                .cancelled(order: 1, lots: 5, .selfTrade),
                .cancelled(order: 3, lots: 5, .selfTrade, displayed: false),
            ])
    }
}

@Suite struct FeeRules {
    private func trading(
        maker: Int32, taker: Int32, _ mode: FeeMode = .quote, tickValue: UInt64 = 5
    ) -> TestVenue {
        var listing = TestVenue.Listing()
        (listing.makerFee, listing.takerFee, listing.feeMode, listing.tickValue) = (maker, taker, mode, tickValue)
        return TestVenue.trading(listing)
    }

    @Test("FEE-1: valid rates")
    func rates() {
        let cases: [(Int32, Int32, FeeMode, Bool)] = [
            (0, 0, .quote, true), (100_000, 100_000, .quote, true), (-100_000, 100_000, .quote, true),
            (-30, 30, .quote, true), (-31, 30, .quote, false), (100_001, 0, .quote, false),
            (0, 100_001, .quote, false), (0, -1, .quote, false), (-1, 30, .received, false),
            (30, 0, .received, true), (Int32.min + 1, 100_000, .quote, false), (Int32.max, 100_000, .quote, false),
            (0, Int32.min, .quote, false),
        ]
        for (maker, taker, mode, isValid) in cases {
            var listing = TestVenue.Listing()
            (listing.makerFee, listing.takerFee, listing.feeMode) = (maker, taker, mode)
            let told = TestVenue.trading(listing).venue.instrumentCount
            #expect(told == (isValid ? 1 : 0), "\(maker) \(taker) \(mode)")
        }
    }

    @Test("FEE-2: the charges of an order are together the exact sum, rounded up once")
    func carry() {
        // 3 of 10,000 on 500 each: 0.15, 0.30, … of which the whole order pays ⌈1.5⌉.
        let venue = trading(maker: 300, taker: 0)
        venue.order(3, .buy, 10, at: 100)
        var fees: [Int64] = []
        for _ in 0..<10 {
            if case .executed(_, _, _, _, _, let fee)? = venue.order(4, .sell, 1, at: 100).last { fees.append(fee) }
        }
        #expect(fees == [1, 0, 0, 0, 0, 0, 1, 0, 0, 0])
        #expect(venue.available(0, 1) == 2 && venue.held(3, 1) == 0)
    }

    @Test("FEE-2: a carry stays with a replaced order")
    func carryIsKept() {
        let venue = trading(maker: 300, taker: 0)
        venue.order(3, .buy, 10, at: 100)
        venue.order(4, .sell, 1, at: 100)
        venue.replace(3, 1, lots: 20, at: 101)
        venue.replace(3, 3, lots: 15, at: 101)
        #expect(
            venue.order(4, .sell, 1, at: 100).last
                == .executed(taker: 4, maker: 3, price: 101, lots: 1, takerFee: 0, makerFee: 0))
    }

    @Test("FEE-3: in quote both pay on the notional; in received each pays in what it gets")
    func modes() {
        let quote = trading(maker: 10_000, taker: 20_000)
        quote.order(4, .sell, 10, at: 100)
        #expect(
            quote.order(3, .buy, 10, at: 100).last
                == .executed(taker: 2, maker: 1, price: 100, lots: 10, takerFee: 100, makerFee: 50))
        #expect(quote.available(3, 0) == 1_000_000_100 && quote.available(3, 1) == 1_000_000_000 - 5_100)
        #expect(quote.available(4, 1) == 1_000_004_950 && quote.available(0, 1) == 150)
        let received = trading(maker: 10_000, taker: 20_000, .received)
        received.order(4, .sell, 10, at: 100)
        #expect(received.held(4, 0) == 100)
        #expect(
            received.order(3, .buy, 10, at: 100).last
                == .executed(taker: 2, maker: 1, price: 100, lots: 10, takerFee: 2, makerFee: 50))
        #expect(received.available(3, 0) == 1_000_000_098 && received.available(3, 1) == 1_000_000_000 - 5_000)
        #expect(received.available(0, 0) == 2 && received.available(0, 1) == 50)
        // The buyer as maker, the seller as taker.
        received.order(3, .buy, 10, at: 100)
        #expect(
            received.order(4, .sell, 10, at: 100).last
                == .executed(taker: 4, maker: 3, price: 100, lots: 10, takerFee: 100, makerFee: 1))
    }

    @Test("FEE-3: rates are those of acceptance, or of the last replace with a new id")
    func ratesOfAcceptance() {
        let venue = trading(maker: 10_000, taker: 10_000)
        venue.order(4, .sell, 10, at: 100)
        venue.order(4, .sell, 10, at: 100)
        venue.setLimits(.instrument, 0, makerFee: 20_000, takerFee: 30_000)
        venue.replace(4, 1, lots: 5, at: 100)
        venue.replace(4, 2, lots: 5, at: 100, flags: .losePriority)
        #expect(
            Array(venue.order(3, .buy, 10, at: 100).dropFirst()) == [
                .executed(taker: 4, maker: 1, price: 100, lots: 5, takerFee: 75, makerFee: 25),
                .executed(taker: 4, maker: 3, price: 100, lots: 5, takerFee: 75, makerFee: 50),
            ])
    }

    @Test("FEE-4: holds of buys hold the fee that may come, of sells the lots; better prices give the rest back")
    func holds() {
        let venue = trading(maker: -10_000, taker: 20_000)
        // A rebate is not held for.
        venue.order(3, .buy, 10, at: 100)
        #expect(venue.held(3, 1) == 5_000)
        venue.order(4, .sell, 4, at: 120)
        #expect(venue.held(4, 0) == 40)
        // 10 at 130 hold 6,500 and 2 %; 4 trade at 120 for 2,400 and 48; 6 rest and hold 3,900.
        venue.order(5, .buy, 10, at: 130)
        #expect(venue.held(5, 1) == 3_900)
        #expect(venue.available(5, 1) == 1_000_000_000 - 3_900 - 2_448)
        let received = trading(maker: 10_000, taker: 20_000, .received)
        received.order(3, .buy, 10, at: 100)
        #expect(received.held(3, 1) == 5_000)
    }

    @Test("FEE-5: a rebate comes out of the fee account, as far as it reaches")
    func rebate() {
        let venue = trading(maker: -20_000, taker: 20_000)
        venue.order(4, .sell, 10, at: 100)
        // The taker's 100 is there in time for the maker's rebate.
        #expect(
            venue.order(3, .buy, 10, at: 100).last
                == .executed(taker: 2, maker: 1, price: 100, lots: 10, takerFee: 100, makerFee: -100))
        #expect(venue.available(0, 1) == 0 && venue.available(4, 1) == 1_000_005_100)
        // A maker with an old rebate and a taker without a fee: there is nothing to give.
        venue.order(4, .sell, 10, at: 100)
        venue.setLimits(.instrument, 0, makerFee: 0, takerFee: 1_000)
        #expect(
            venue.order(3, .buy, 10, at: 100).last
                == .executed(taker: 4, maker: 3, price: 100, lots: 10, takerFee: 5, makerFee: -5))
        #expect(venue.available(0, 1) == 0)
    }

    @Test("FEE-5: account 0 trades like any other")
    func feeAccountTrades() {
        let venue = trading(maker: -10_000, taker: 20_000)
        venue.deposit(1_000_000, 1, to: 0)
        venue.order(0, .buy, 10, at: 100)
        #expect(
            venue.order(3, .sell, 10, at: 100).last
                == .executed(taker: 2, maker: 1, price: 100, lots: 10, takerFee: 100, makerFee: -50))
        // It paid 5,000, got the taker's 100, and its rebate came from itself.
        #expect(venue.available(0, 1) == 1_000_000 - 5_000 + 100 && venue.available(0, 0) == 100)
    }

    @Test("FEE-2: charges of amounts that need 128 bits")
    func largeAmounts() {
        let venue = trading(maker: 99_999, taker: 99_999, tickValue: 1 << 42)
        venue.deposit(1 << 62, 1, to: 3)
        venue.order(4, .sell, 100, at: 1_000)
        // 1000 x 100 x 2^42 x 99,999 needs 76 bits.
        let fee = Int64(TestVenue.ceiling((Int128(100_000) << 42) * 99_999, 1_000_000))
        #expect(
            venue.order(3, .buy, 100, at: 1_000).last
                == .executed(taker: 2, maker: 1, price: 1_000, lots: 100, takerFee: fee, makerFee: fee))
    }
}
