import Testing
import Wire

/// Fees and holds, computed by hand: lot size and tick value are 1, so notional = price × lots.
struct FeeTests {
    @Test("FEE-2: all charges of an order are the exact sum, rounded up once")
    func carry() {
        let market = Market(Market.Listing(makerFee: 1000, takerFee: 3000))
        market.deposit(3, base: 3)
        market.deposit(4, quote: 1000)
        market.order(3, .sell, 3, at: 50)
        // 50 × 0.1 % = 0.05 of the maker: 1, then 0 and 0 because 0.95 and 0.90 are carried; 0.15 of each taker: 1.
        for makerFee in [1, 0, 0] as [Int64] {
            market.order(4, .buy, 1, at: 50)
            #expect(market.executions.map(\.makerFee) == [makerFee])
            #expect(market.executions.map(\.takerFee) == [1])
            #expect(market.executions.map(\.takerFeeAsset) == [1])
        }
        #expect(market.available(3, 1) == 149)
        #expect(market.available(4, 1) == 1000 - 150 - 3)
        #expect(market.available(4, 0) == 3)
        #expect(market.available(0, 1) == 4)
    }

    @Test("FEE-5: a rebate is paid from what the fee account has, and no more")
    func rebateClamp() {
        let market = Market(Market.Listing(makerFee: -100_000, takerFee: 100_000))
        market.deposit(3, base: 200)
        market.deposit(4, quote: 100_000)
        market.order(3, .sell, 100, at: 100)
        market.order(3, .sell, 100, at: 100)
        market.order(4, .buy, 50, at: 100)
        // 5,000 × 10 %: the taker pays 500, the maker gets them.
        #expect(market.executions.map(\.takerFee) == [500])
        #expect(market.executions.map(\.makerFee) == [-500])
        market.setFees(maker: 0, taker: 20_000)
        market.order(4, .buy, 50, at: 100)
        // The taker now pays 2 % = 100; the maker's order still has −10 % = −500, of which 100 are there.
        #expect(market.executions.map(\.takerFee) == [100])
        #expect(market.executions.map(\.makerFee) == [-100])
        #expect(market.available(0, 1) == 0)
        #expect(market.available(3, 1) == 10_000 + 600)
    }

    @Test("FEE-3: in mode received each side pays in what it receives")
    func received() {
        let market = Market(Market.Listing(makerFee: 1000, takerFee: 2000, feeMode: .received))
        market.deposit(3, base: 1000)
        market.deposit(4, quote: 100_000)
        market.order(3, .sell, 1000, at: 100)
        market.order(4, .buy, 1000, at: 100)
        #expect(market.executions.map(\.takerFee) == [2])
        #expect(market.executions.map(\.takerFeeAsset) == [0])
        #expect(market.executions.map(\.makerFee) == [100])
        #expect(market.executions.map(\.makerFeeAsset) == [1])
        #expect(market.available(4, 0) == 998)
        #expect(market.available(4, 1) == 0)
        #expect(market.available(3, 1) == 99_900)
        #expect(market.available(0, 0) == 2)
        #expect(market.available(0, 1) == 100)
    }

    @Test("FEE-4: a buy holds its notional and the greater fee, then the maker's, then what is left of both")
    func holds() {
        let market = Market(Market.Listing(makerFee: 1000, takerFee: 3000))
        market.deposit(3, quote: 5000)
        market.deposit(4, base: 10)
        let buy = market.order(3, .buy, 10, at: 100)
        // 1,000 + 0.1 %: it rests.
        #expect(market.available(3, 1) == 5000 - 1001)
        market.order(4, .sell, 4, at: nil)
        #expect(market.executions.map(\.makerFee) == [1])
        // 400 and fee 1 came out of the hold: 600 are left, their fee of 0.6 is carried already.
        #expect(market.available(3, 1) == 5000 - 1001)
        market.cancel(3, buy)
        #expect(market.available(3, 1) == 5000 - 401)
        // 1,003 would be needed until it rests.
        market.deposit(5, quote: 1002)
        market.order(5, .buy, 10, at: 100)
        #expect(market.rejection?.0 == .insufficientFunds)
        #expect(market.rejection?.1 == 1002)
    }
}
