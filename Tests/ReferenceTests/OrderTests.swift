import Testing
import Wire

/// Orders from arrival to their end, each outcome written down from the rules.
struct OrderTests {
    private func market(_ listing: Market.Listing = Market.Listing()) -> Market {
        let market = Market(listing)
        for account in 3...5 as ClosedRange<UInt32> { market.deposit(account, base: 10_000, quote: 1_000_000) }
        return market
    }

    @Test(
        "TRD-3: what the taker's choice does to a resting sell of 5 and a buy of 8 of the same account",
        arguments: SelfTradePrevention.allCases)
    func selfTrade(prevention: SelfTradePrevention) {
        let market = market()
        market.order(3, .sell, 5, at: 100)
        market.order(3, .buy, 8, at: 100, .goodTillCancel, prevention)
        let cancels = market.cancels.map {
            [$0.orderId, UInt64($0.quantityLots), UInt64($0.leavesLots), UInt64($0.displayed)]
        }
        let expected: [[UInt64]], rests: UInt32?
        switch prevention {
        case .cancelTaker: (expected, rests) = ([[2, 8, 0, 0]], nil)
        case .cancelMaker: (expected, rests) = ([[1, 5, 0, 1]], 8)
        case .cancelBoth: (expected, rests) = ([[1, 5, 0, 1], [2, 8, 0, 0]], nil)
        case .decrementBoth: (expected, rests) = ([[1, 5, 0, 1], [2, 5, 3, 0]], 3)
        }
        #expect(cancels == expected)
        #expect(market.cancels.allSatisfy { $0.reason == .selfTrade })
        #expect(market.executions.isEmpty)
        let rested = market.effects.last.flatMap { $0.template == Template.rested ? RestedMessage($0.base) : nil }
        #expect(rested?.quantityLots == rests)
        #expect(market.available(3, 1) == 1_000_000 - 100 * UInt64(rests ?? 0))
    }

    @Test("NEW-5: fill or kill trades in full or not at all")
    func fillOrKill() {
        let market = market()
        market.order(3, .sell, 3, at: 100)
        market.order(4, .sell, 2, at: 101)
        market.order(5, .buy, 6, at: 101, .fillOrKill)
        #expect(market.templates == [Template.accepted, Template.cancelled])
        #expect(market.cancels.map(\.reason) == [.fillOrKill])
        #expect(market.cancels.map(\.quantityLots) == [6])
        #expect(market.available(5, 1) == 1_000_000)
        market.order(3, .buy, 2, at: 101, .fillOrKill, .decrementBoth)
        #expect(market.cancels.map(\.reason) == [.fillOrKill])
        market.order(5, .buy, 5, at: 101, .fillOrKill)
        #expect(market.executions.map(\.priceTicks) == [100, 101])
        #expect(market.executions.map(\.matchNumber) == [1, 2])
    }

    @Test("NEW-3: a market order trades within its protection, the rest is cancelled")
    func protection() {
        let market = market(Market.Listing(protectionBasisPoints: 1000))
        market.order(3, .sell, 5, at: 100)
        market.order(3, .sell, 5, at: 111)
        market.order(4, .buy, 10, at: nil)
        #expect(AcceptedMessage(market.effects[0].base).priceTicks == 110)
        #expect(market.executions.map(\.quantityLots) == [5])
        #expect(market.cancels.map(\.reason) == [.marketRemainder])
        // Nothing to sell to: ⌊100 × 10 %⌋ below the price of the last trade.
        market.order(4, .sell, 1, at: nil)
        #expect(AcceptedMessage(market.effects[0].base).priceTicks == 90)
        #expect(market.available(4, 1) == 1_000_000 - 500)
    }

    @Test("NEW-2: the band follows the last trade, its bounds are included")
    func band() {
        let market = market(Market.Listing(bandBasisPoints: 1000))
        market.order(3, .sell, 1, at: 111)
        #expect(market.rejection?.0 == .priceOutsideBand)
        #expect(market.rejection?.1 == 110)
        market.order(3, .sell, 1, at: 110)
        market.order(4, .buy, 1, at: 110)
        market.order(3, .sell, 1, at: 121)
        #expect(market.templates == [Template.accepted, Template.rested])
        market.order(3, .sell, 1, at: 98)
        #expect(market.rejection?.1 == 99)
    }

    @Test("REP-2: less of it at the same price keeps its place; REP-3: more of it goes behind the others")
    func replacePlace() {
        let market = market()
        let first = market.order(3, .sell, 5, at: 100)
        market.order(4, .sell, 5, at: 100)
        market.replace(3, first, 3, at: 100)
        let kept = ReplacedMessage(market.effects[0].base)
        #expect((kept.orderId, kept.flags, kept.originalQuantityLots) == (1, .keptPriority, 5))
        #expect(market.available(3, 0) == 10_000 - 3)
        market.replace(3, first, 4, at: 100)
        let moved = ReplacedMessage(market.effects[0].base)
        #expect((moved.orderId, moved.originalOrderId, moved.flags) == (3, 1, .restsAtOnce))
        #expect(market.templates == [Template.replaced])
        market.order(5, .buy, 6, at: 100)
        #expect(market.executions.map(\.makerOrderId) == [2, 3])
        #expect(market.executions.map(\.makerLeavesLots) == [0, 3])
    }

    @Test("REP-3: a new price that crosses trades and rests with what is left")
    func replaceTrades() {
        let market = market()
        market.order(3, .sell, 5, at: 105)
        let buy = market.order(4, .buy, 8, at: 100)
        market.replace(4, buy, 8, at: 106)
        #expect(market.templates == [Template.replaced, Template.executed, Template.rested])
        #expect(ReplacedMessage(market.effects[0].base).flags == [])
        #expect(market.executions.map(\.takerOrderId) == [3])
        #expect(RestedMessage(market.effects[2].base).quantityLots == 3)
        #expect(market.available(4, 1) == 1_000_000 - 525 - 318)
        market.replace(4, buy, 9000, at: 900)
        #expect(market.rejection?.0 == .insufficientFunds)
    }

    @Test("NEW-1: the checks of an order come in their order")
    func refusals() {
        let market = market(Market.Listing(ordersMax: 1))
        market.order(3, .sell, 1, at: 100)
        // Price and quantity are wrong too, but the quantity is looked at first.
        market.order(3, .sell, 0, at: 1001)
        #expect(market.rejection?.0 == .quantityInvalid)
        market.order(3, .sell, 1, at: 1001)
        #expect(market.rejection?.0 == .priceOutOfRange)
        #expect(market.rejection?.1 == 1000)
        market.order(3, .sell, 1, at: 100)
        #expect(market.rejection?.0 == .tooManyOpenOrders)
        market.order(4, .buy, 1, at: 100, flags: .postOnly)
        #expect(market.rejection?.0 == .ordersFull)
        market.order(4, .buy, 1, at: 100, .immediateOrCancel, flags: .postOnly)
        #expect(market.rejection?.0 == .invalidField)
        #expect(market.rejection?.1 == 76)
    }
}
