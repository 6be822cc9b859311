import Wire

/// A new order as a command or an entry asks for it.
struct OrderWish {
    var instrument: UInt32
    var side: Side
    var type: OrderType
    var timeInForce: TimeInForce
    var selfTradePrevention: SelfTradePrevention
    var isPostOnly: Bool
    var clientOrderId: UInt64
    var price: UInt32
    var quantity: UInt32
    var flagsOffset: UInt64

    init(_ message: NewOrderMessage) {
        (instrument, side, type) = (message.instrument, message.side!, message.orderType!)
        (timeInForce, selfTradePrevention) = (message.timeInForce!, message.selfTradePrevention!)
        isPostOnly = message.flags.contains(.postOnly)
        (clientOrderId, price, quantity) = (message.clientOrderId, message.priceTicks, message.quantityLots)
        flagsOffset = 76
    }

    init(_ entry: BatchEntry, at: Int) {
        (instrument, side, type) = (entry.instrument, entry.side!, entry.orderType!)
        (timeInForce, selfTradePrevention) = (entry.timeInForce!, entry.selfTradePrevention!)
        isPostOnly = entry.flags & 1 != 0
        (clientOrderId, price, quantity) = (entry.clientOrderId, entry.priceTicks, entry.quantityLots)
        flagsOffset = UInt64(at + 6)
    }

    var mayRest: Bool { type == .limit && timeInForce == .goodTillCancel }
}

/// New orders (NEW).
extension Reference {
    /// NEW-1, NEW-4 to NEW-6.
    mutating func newOrder(_ wish: OrderWish, _ origin: Origin) -> Refusal? {
        var order = Order(
            id: 0, clientOrderId: wish.clientOrderId, account: origin.account, instrument: wish.instrument,
            side: wish.side, price: wish.price, open: wish.quantity, takerRate: 0, makerRate: 0,
            selfTradePrevention: wish.selfTradePrevention, isPostOnly: wish.isPostOnly)
        if let refusal = refusal(wish, &order) { return refusal }
        lastOrderId += 1
        order.id = lastOrderId
        adjustHold(&order)
        units.begin()
        units.add(AcceptedMessage.size) {
            AcceptedMessage.encode(
                at: $0, account: order.account, instrument: order.instrument, orderId: order.id,
                clientOrderId: order.clientOrderId, priceTicks: order.price, quantityLots: order.open,
                side: order.side, orderType: wish.type, timeInForce: wish.timeInForce,
                selfTradePrevention: order.selfTradePrevention, entry: origin.entry)
        }
        if wish.timeInForce == .fillOrKill && !canFill(order) {
            takeOff(&order, order.open, .fillOrKill, origin.entry)
            return nil
        }
        let reason: Reason? =
            wish.mayRest ? nil : wish.type == .market ? .marketRemainder : .immediateOrCancel
        trade(&order, rest: reason, origin.entry)
        return nil
    }

    /// NEW-1. Sets price and rates.
    private func refusal(_ wish: OrderWish, _ order: inout Order) -> Refusal? {
        if wish.instrument >= listings.count { return Refusal(.unknownInstrument, UInt64(listings.count)) }
        let listing = listings[Int(wish.instrument)]
        if let refusal = venueGate(isCancel: false) { return refusal }
        if let refusal = killGate(order.account) { return refusal }
        if let refusal = instrumentGate(listing, isCancel: false) { return refusal }
        if wish.clientOrderId == 0 || wish.clientOrderId == Null.u64 { return Refusal(.clientOrderIdInvalid) }
        if let id = names[Name(account: order.account, clientOrderId: wish.clientOrderId)] {
            return Refusal(.duplicateClientOrderId, id)
        }
        if let refusal = quantityRefusal(wish.quantity, listing) { return refusal }
        if (wish.type == .limit) == (wish.price == Null.u32) { return Refusal(.priceInvalid) }
        if wish.isPostOnly && !wish.mayRest { return Refusal(.invalidField, wish.flagsOffset) }
        let best = listing.best(wish.side == .buy ? .sell : .buy)
        if wish.type == .market {
            order.price = protectionPrice(listing, wish.side, best)
        } else {
            if let refusal = rangeRefusal(wish.price, listing) { return refusal }
            if let refusal = bandRefusal(wish.price, listing) { return refusal }
        }
        (order.makerRate, order.takerRate) = (listing.makerFee, listing.takerFee)
        if let refusal = moneyRefusal(order, listing) { return refusal }
        if wish.mayRest {
            let account = accounts[order.account]!
            if account.openOrders.count >= Int(account.openOrdersMax) {
                return Refusal(.tooManyOpenOrders, UInt64(account.openOrdersMax))
            }
            if orders.count >= Int(ordersMax) { return Refusal(.ordersFull, UInt64(ordersMax)) }
        }
        if wish.isPostOnly, let best, crosses(wish.side, wish.price, best) { return Refusal(.wouldTrade, UInt64(best)) }
        let available = available(order.account, heldAsset(order))
        return Fees.hold(order, listing) > available ? Refusal(.insufficientFunds, available) : nil
    }

    /// NEW-1 6.
    func quantityRefusal(_ quantity: UInt32, _ listing: Listing) -> Refusal? {
        if quantity == 0 { return Refusal(.quantityInvalid, UInt64(1)) }
        return UInt64(quantity) > listing.quantityMax ? Refusal(.quantityTooLarge, listing.quantityMax) : nil
    }

    /// NEW-1 8, first sentence.
    func rangeRefusal(_ price: UInt32, _ listing: Listing) -> Refusal? {
        if price < listing.priceMin { return Refusal(.priceOutOfRange, UInt64(listing.priceMin)) }
        return price > listing.priceMax ? Refusal(.priceOutOfRange, UInt64(listing.priceMax)) : nil
    }

    /// NEW-1 8, second sentence.
    func bandRefusal(_ price: UInt32, _ listing: Listing) -> Refusal? {
        let band = band(listing)
        if Amount(price) < band.low { return Refusal(.priceOutsideBand, band.low) }
        return Amount(price) > band.high ? Refusal(.priceOutsideBand, band.high) : nil
    }

    /// NEW-2; the range when there is no band.
    private func band(_ listing: Listing) -> (low: Amount, high: Amount) {
        if listing.band == 0 { return (Amount(listing.priceMin), Amount(listing.priceMax)) }
        let distance = Amount(listing.reference) * Amount(listing.band) / 10_000
        return (
            max(Amount(listing.reference) - distance, Amount(listing.priceMin)),
            min(Amount(listing.reference) + distance, Amount(listing.priceMax))
        )
    }

    /// NEW-3.
    private func protectionPrice(_ listing: Listing, _ side: Side, _ best: UInt32?) -> UInt32 {
        let from = Amount(best ?? listing.reference)
        let distance = from * Amount(listing.protection) / 10_000
        let band = band(listing)
        if side == .buy {
            return UInt32(max(min(from + distance, band.high, Amount(listing.priceMax)), Amount(listing.priceMin)))
        }
        return UInt32(min(max(from - distance, band.low, Amount(listing.priceMin)), Amount(listing.priceMax)))
    }

    /// NEW-1 9.
    func moneyRefusal(_ order: Order, _ listing: Listing) -> Refusal? {
        let notional = Amount(order.price) * Amount(order.open) * listing.tickValue
        if notional > amountMax || Amount(order.open) * listing.lotSize > amountMax {
            return Refusal(.notionalOverflow, amountMax)
        }
        if notional > Amount(listing.notionalMax) { return Refusal(.notionalTooLarge, listing.notionalMax) }
        return Fees.hold(order, listing) > amountMax ? Refusal(.notionalOverflow, amountMax) : nil
    }

    /// NEW-5.
    private func canFill(_ order: Order) -> Bool {
        let opposite = crossed(order.instrument, order.side, order.price).flatMap(\.orders).map { orders[$0]! }
        let own = opposite.filter { $0.account == order.account }
        if !own.isEmpty && order.selfTradePrevention != .cancelMaker { return false }
        let others = opposite.filter { $0.account != order.account }.reduce(Amount(0)) { $0 + Amount($1.open) }
        return others >= Amount(order.open)
    }
}
