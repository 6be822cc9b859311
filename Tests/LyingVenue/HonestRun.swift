import Cryptography
import GlassbookClient
import Wire

/// A day at a venue, short and rich: every command, every kind of order, fees with carries, both fee modes, all four
/// self-trade preventions, a command too large for one record, a restart, and commitments in between. The same bytes on
/// every run.
public struct HonestRun {
    private let venue: LyingVenue
    /// Accounts of clients; `maker` fills the book, `poor` has little.
    public static let alice: UInt32 = 3, bob: UInt32 = 4, carol: UInt32 = 5, maker: UInt32 = 6, poor: UInt32 = 7
    /// Assets.
    public static let usd: UInt32 = 0, gold: UInt32 = 1, silver: UInt32 = 2
    /// Instruments: fees in the quote asset with a rebate for makers; fees in what is received.
    public static let goldUsd: UInt32 = 0, silverUsd: UInt32 = 1

    private init(_ venue: LyingVenue) { self.venue = venue }

    /// Plays it all.
    public static func play(on venue: LyingVenue) {
        let run = HonestRun(venue)
        run.found()
        run.fund()
        run.tradeByPriceAndTime()
        run.tradeForFees()
        venue.commit(name: "first commitment")
        run.ordersThatDoNotRest()
        run.preventSelfTrades()
        run.replaceOrders()
        run.cancelOrders()
        venue.commit(name: "second commitment")
        run.sweepTheBook()
        venue.restart()
        run.refuse()
        run.administer()
        venue.commit(name: "third commitment")
        run.afterwards()
        venue.commit(name: "last commitment")
    }

    // MARK: Parts

    private func found() {
        let operatorAccount = WellKnownAccount.venueOperator
        for (asset, symbol) in ["USD", "GOLD", "SILVER"].enumerated() {
            venue.send(operatorAccount, .listAsset(UInt32(asset), symbol: symbol, decimals: 2))
        }
        var gold = InstrumentListing(
            instrument: Self.goldUsd, symbol: "GOLDUSD", baseAsset: Self.gold, quoteAsset: Self.usd, lotSize: 10,
            tickValue: 7, priceMultiplier: 100, priceMinTicks: 1, priceMaxTicks: 900, referencePriceTicks: 100,
            quantityMaxLots: 100_000, notionalMax: 1 << 40)
        gold.makerFee = -200
        gold.takerFee = 1_300
        gold.bandBasisPoints = 9_000
        gold.protectionBasisPoints = 500
        var silver = InstrumentListing(
            instrument: Self.silverUsd, symbol: "SILVUSD", baseAsset: Self.silver, quoteAsset: Self.usd, lotSize: 1_000,
            tickValue: 3, priceMultiplier: 100, priceMinTicks: 1, priceMaxTicks: 500, referencePriceTicks: 50,
            quantityMaxLots: 100_000, notionalMax: 1 << 40)
        silver.makerFee = 700
        silver.takerFee = 2_100
        silver.feeMode = .received
        venue.send(operatorAccount, .listInstrument(gold))
        venue.send(operatorAccount, .listInstrument(silver))
    }

    private func fund() {
        let prefixes = Prefixes(venue: venue.history.venueId)
        var reference: UInt64 = 0
        for account in Self.alice...Self.poor {
            let key = venue.keys.owner(account)
            venue.send(
                WellKnownAccount.venueOperator,
                .createAccount(
                    account, ownerKey: key.publicKey, proof: prefixes.signPossession(account: account, key: key)),
                name: "create \(account)")
            for asset in Self.usd...Self.silver {
                reference += 1
                venue.send(
                    WellKnownAccount.venueOperator,
                    .deposit(
                        to: account, asset: asset, amount: Self.amount(account, asset),
                        reference: Bytes32(reference, 0, 0, reference)),
                    name: "deposit \(account) \(asset)")
            }
        }
        let trading = venue.keys.trading(Self.alice, slot: 1)
        venue.send(
            Self.alice,
            .addTradingKey(
                slot: 1, key: trading.publicKey,
                proof: prefixes.signPossession(account: Self.alice, key: trading)), name: "trading key")
    }

    /// The poor account has exactly what 14 lots at 100 cost, fee included.
    private static func amount(_ account: UInt32, _ asset: UInt32) -> UInt64 {
        guard account == poor else { return 1 << 36 }
        return asset == usd ? 9_813 : 10_000
    }

    private func order(
        _ account: UInt32, _ side: Side, _ lots: UInt32, at price: UInt32, id: UInt64,
        instrument: UInt32 = HonestRun.goldUsd, _ time: TimeInForce = .goodTillCancel,
        prevention: SelfTradePrevention = .cancelTaker, postOnly: Bool = false, slot: UInt16 = 0, name: String? = nil
    ) {
        let order = NewOrder.limit(
            side, lots, at: price, instrument: instrument, clientOrderId: id, timeInForce: time,
            selfTradePrevention: prevention, isPostOnly: postOnly)
        venue.send(account, .newOrder(order), slot: slot, name: name)
    }

    /// Two sells at one price and one below: the better price first, then the earlier one.
    private func tradeByPriceAndTime() {
        order(Self.alice, .sell, 10, at: 101, id: 1, slot: 1, name: "alice rests")
        order(Self.bob, .sell, 10, at: 101, id: 1, name: "bob rests")
        order(Self.carol, .sell, 5, at: 100, id: 1, name: "carol rests")
        order(Self.maker, .buy, 12, at: 101, id: 1, name: "crossing")
        order(Self.maker, .buy, 3, at: 101, id: 2, name: "crossing again")
        order(Self.carol, .buy, 4, at: 99, id: 2)
        order(Self.bob, .buy, 4, at: 99, id: 2)
        order(Self.alice, .sell, 6, at: 98, id: 2, name: "sell into bids")
    }

    /// Small parts, so that what is rounded up is carried; a hold that exceeds what the trade costs.
    private func tradeForFees() {
        for (index, lots) in [1, 2, 1, 3, 1, 5].enumerated() {
            order(Self.carol, .sell, UInt32(lots), at: 103, id: 10 + UInt64(index))
        }
        order(Self.alice, .buy, 13, at: 110, id: 20, name: "carries")
        order(Self.bob, .sell, 7, at: 51, id: 30, instrument: Self.silverUsd)
        order(Self.carol, .sell, 2, at: 50, id: 31, instrument: Self.silverUsd)
        order(Self.alice, .buy, 12, at: 53, id: 32, instrument: Self.silverUsd, name: "received fees")
        order(Self.bob, .sell, 3, at: 52, id: 33, instrument: Self.silverUsd, name: "maker pays too")
        venue.send(Self.bob, .withdraw(asset: Self.usd, amount: 1_234, reference: Bytes32(77)), name: "withdrawal")
    }

    private func ordersThatDoNotRest() {
        order(Self.maker, .sell, 8, at: 120, id: 100)
        order(Self.maker, .sell, 8, at: 121, id: 101)
        order(Self.alice, .buy, 20, at: 121, id: 102, .fillOrKill, name: "killed")
        order(Self.alice, .buy, 8, at: 119, id: 103, .immediateOrCancel, name: "nothing to take")
        order(Self.alice, .buy, 11, at: 121, id: 104, .fillOrKill, name: "filled")
        order(Self.bob, .buy, 9, at: 121, id: 105, .immediateOrCancel, name: "rest is cancelled")
        order(Self.maker, .sell, 4, at: 102, id: 106, postOnly: true)
        order(Self.bob, .buy, 4, at: 102, id: 107, postOnly: true, name: "would trade")
        order(Self.maker, .sell, 4, at: 108, id: 108)
        venue.send(
            Self.carol, .newOrder(.market(.buy, 9, instrument: Self.goldUsd, clientOrderId: 109)), name: "market")
    }

    private func preventSelfTrades() {
        for (index, prevention) in [
            SelfTradePrevention.cancelTaker, .cancelMaker, .cancelBoth, .decrementBoth,
        ].enumerated() {
            let id = 200 + UInt64(index) * 10
            order(Self.alice, .sell, 5, at: 90, id: id)
            order(Self.bob, .sell, 5, at: 90, id: id)
            order(Self.alice, .buy, 7, at: 90, id: id + 1, prevention: prevention, name: "self trade \(index)")
            order(Self.carol, .buy, 9, at: 90, id: id + 2, .immediateOrCancel)
            venue.send(Self.alice, .massCancel(instrument: Self.goldUsd, side: .buy))
        }
    }

    private func replaceOrders() {
        order(Self.alice, .buy, 10, at: 80, id: 300)
        order(Self.bob, .buy, 10, at: 80, id: 300)
        order(Self.carol, .buy, 10, at: 80, id: 300)
        func replace(
            _ account: UInt32, _ price: UInt32, _ lots: UInt32, id: UInt64 = 300, loses: Bool = false, _ name: String
        ) {
            venue.send(
                account,
                .replaceOrder(
                    OrderReplacement(.clientOrderId(id), priceTicks: price, quantityLots: lots, losesPriority: loses)),
                name: name)
        }
        replace(Self.alice, 80, 6, "keeps its place")
        replace(Self.bob, 80, 12, "loses its place")
        order(Self.maker, .sell, 8, at: 80, id: 301, .immediateOrCancel, name: "meets who kept")
        replace(Self.carol, 82, 7, "moves ahead")
        order(Self.maker, .sell, 5, at: 83, id: 302)
        replace(Self.bob, 84, 9, "moves and crosses")
        order(Self.maker, .sell, 1, at: 84, id: 303, .immediateOrCancel)
        order(Self.alice, .buy, 4, at: 84, id: 304)
        replace(Self.bob, 84, 2, loses: true, "gives its place up")
        order(Self.carol, .buy, 4, at: 84, id: 305)
        order(Self.maker, .sell, 3, at: 84, id: 306, .immediateOrCancel, name: "meets who stayed")
        order(Self.bob, .sell, 5, at: 88, id: 310)
        order(Self.alice, .buy, 2, at: 88, id: 311)
        replace(Self.bob, 150, 3, id: 310, "takes its carry along")
    }

    private func cancelOrders() {
        for id in UInt64(400)...405 { order(Self.carol, .buy, 3, at: 60 + UInt32(id - 400), id: id) }
        venue.send(Self.carol, .cancelOrder(.clientOrderId(402)), name: "cancel")
        order(Self.bob, .sell, 4, at: 62, id: 410, .immediateOrCancel, name: "after the cancel")
        venue.send(Self.carol, .massCancel(), name: "mass cancel")
        venue.send(
            Self.bob,
            .batch([
                .new(.limit(.buy, 5, at: 70, instrument: Self.goldUsd, clientOrderId: 420)),
                .new(.limit(.buy, 5, at: 71, instrument: Self.goldUsd, clientOrderId: 421)),
                .replace(OrderReplacement(.clientOrderId(420), priceTicks: 72, quantityLots: 5)),
                .cancel(.clientOrderId(421)),
                .cancel(.clientOrderId(9_999)),
            ]), name: "batch")
        order(Self.alice, .sell, 5, at: 72, id: 430)
    }

    /// More makers than one record has room for.
    private func sweepTheBook() {
        for index in UInt64(0)..<560 {
            order(Self.maker, .sell, 1, at: 110 + UInt32(index % 7), id: 1_000 + index)
        }
        order(Self.carol, .buy, 570, at: 118, id: 2_000, name: "sweep")
    }

    private func refuse() {
        order(Self.poor, .buy, 1_000, at: 100, id: 1, name: "insufficient funds")
        order(Self.poor, .buy, 14, at: 100, id: 2, name: "all that it has")
        order(Self.alice, .buy, 1, at: 900, id: 500, name: "outside the band")
        order(Self.alice, .buy, 1, at: 901, id: 501, name: "outside the range")
        venue.send(Self.alice, .newOrder(.limit(.buy, 1, at: 90, instrument: 0, clientOrderId: 502)), deadline: 1)
        venue.send(
            WellKnownAccount.venueOperator,
            .deposit(to: Self.alice, asset: Self.usd, amount: 5, reference: Bytes32(1, 0, 0, 1)),
            name: "reference again")
        venue.send(Self.poor, .withdraw(asset: Self.gold, amount: 10_001, reference: .zero), name: "withdraws too much")
        venue.send(Self.poor, .withdraw(asset: Self.gold, amount: 10_000, reference: .zero), name: "withdraws all")
        venue.send(
            Self.bob, .deposit(to: Self.bob, asset: Self.usd, amount: 5, reference: Bytes32(500)), name: "not operator")
    }

    private func administer() {
        let operatorAccount = WellKnownAccount.venueOperator
        order(Self.carol, .sell, 3, at: 133, id: 600, name: "old maker fee")
        order(Self.bob, .buy, 5, at: 131, id: 600)
        venue.send(operatorAccount, .setTradingState(.cancelOnly, instrument: Self.goldUsd, reason: "T1"))
        order(Self.alice, .buy, 5, at: 130, id: 601, name: "cancel only")
        venue.send(operatorAccount, .setTradingState(.continuous, instrument: Self.goldUsd, reason: "T3"))
        venue.send(operatorAccount, .killSwitch(account: Self.bob, isEngaged: true), name: "kill switch")
        order(Self.bob, .buy, 5, at: 130, id: 602, name: "blocked")
        venue.send(operatorAccount, .killSwitch(account: Self.bob, isEngaged: false))
        var limits = LimitChange(.instrument, Self.goldUsd)
        limits.takerFee = 2_500
        limits.makerFee = 100
        venue.send(operatorAccount, .setLimits(limits), name: "new fees")
        venue.send(operatorAccount, .setLimits(LimitChange(.account, Self.poor, openOrdersMax: 1)))
        order(Self.poor, .sell, 1, at: 200, id: 3, name: "too many orders")
        venue.send(Self.alice, .revokeTradingKey(slot: 1), name: "revoked")
    }

    private func afterwards() {
        order(Self.bob, .buy, 4, at: 134, id: 699, name: "new taker fee")
        order(Self.carol, .sell, 4, at: 130, id: 700)
        order(Self.carol, .sell, 3, at: 135, id: 701)
        order(Self.bob, .buy, 9, at: 135, id: 702, name: "new maker fee")
        order(Self.maker, .sell, 2, at: 136, id: 703, name: "last order")
    }
}
