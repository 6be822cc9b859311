import Wire

/// A replace as a command or an entry asks for it.
struct ReplaceWish {
    var orderId: UInt64
    var clientOrderId: UInt64
    var newClientOrderId: UInt64
    var price: UInt32
    var quantity: UInt32
    var losesPriority: Bool

    init(_ message: ReplaceOrderMessage) {
        (orderId, clientOrderId) = (message.orderId, message.clientOrderId)
        newClientOrderId = message.newClientOrderId
        (price, quantity) = (message.priceTicks, message.quantityLots)
        losesPriority = message.flags.contains(.losePriority)
    }

    init(_ entry: BatchEntry) {
        (orderId, clientOrderId) = (entry.orderId, entry.clientOrderId)
        newClientOrderId = entry.newClientOrderId
        (price, quantity) = (entry.priceTicks, entry.quantityLots)
        losesPriority = entry.flags & 1 != 0
    }
}

/// Replaces (REP).
extension Reference {
    /// REP-1.
    mutating func replace(_ wish: ReplaceWish, _ origin: Origin) -> Refusal? {
        if (wish.orderId == Null.u64) == (wish.clientOrderId == Null.u64) { return Refusal(.orderIdInvalid) }
        if let refusal = venueGate(isCancel: false) { return refusal }
        guard let order = openOrder(origin.account, wish.orderId, wish.clientOrderId) else {
            return Refusal(.unknownOrder)
        }
        let listing = listings[Int(order.instrument)]
        if let refusal = killGate(origin.account) { return refusal }
        if let refusal = instrumentGate(listing, isCancel: false) { return refusal }
        if wish.newClientOrderId == 0 { return Refusal(.clientOrderIdInvalid) }
        if wish.newClientOrderId != Null.u64,
            let other = names[Name(account: origin.account, clientOrderId: wish.newClientOrderId)], other != order.id
        {
            return Refusal(.duplicateClientOrderId, other)
        }
        if let refusal = quantityRefusal(wish.quantity, listing) { return refusal }
        if let refusal = rangeRefusal(wish.price, listing) { return refusal }
        if wish.price == order.price && wish.quantity <= order.open && !wish.losesPriority {
            keepPlace(wish, order, origin)
            return nil
        }
        return losePlace(wish, order, listing, origin)
    }

    /// REP-2.
    private mutating func keepPlace(_ wish: ReplaceWish, _ before: Order, _ origin: Origin) {
        var order = before
        order.open = wish.quantity
        if wish.newClientOrderId != Null.u64 { order.clientOrderId = wish.newClientOrderId }
        adjustHold(&order)
        names[Name(account: order.account, clientOrderId: before.clientOrderId)] = nil
        names[Name(account: order.account, clientOrderId: order.clientOrderId)] = order.id
        orders[order.id] = order
        tell(before, order, .keptPriority, origin)
    }

    /// REP-3.
    private mutating func losePlace(
        _ wish: ReplaceWish, _ before: Order, _ listing: Listing, _ origin: Origin
    ) -> Refusal? {
        if let refusal = bandRefusal(wish.price, listing) { return refusal }
        var order = before
        (order.price, order.open, order.rests) = (wish.price, wish.quantity, false)
        (order.makerRate, order.takerRate) = (listing.makerFee, listing.takerFee)
        if let refusal = moneyRefusal(order, listing) { return refusal }
        let best = listing.best(order.side == .buy ? .sell : .buy)
        let crosses = best.map { self.crosses(order.side, order.price, $0) } ?? false
        if order.isPostOnly && crosses { return Refusal(.wouldTrade, UInt64(best!)) }
        let available = available(order.account, heldAsset(order))
        if Fees.hold(order, listing) - before.hold > available { return Refusal(.insufficientFunds, available) }
        remove(before.id)
        adjustHold(&order)
        lastOrderId += 1
        order.id = lastOrderId
        if wish.newClientOrderId != Null.u64 { order.clientOrderId = wish.newClientOrderId }
        tell(before, order, crosses ? [] : .restsAtOnce, origin)
        if crosses {
            trade(&order, rest: nil, origin.entry)
        } else {
            order.rests = true
            adjustHold(&order)
            insert(order)
        }
        return nil
    }

    private mutating func tell(_ before: Order, _ now: Order, _ flags: ReplacedFlags, _ origin: Origin) {
        units.begin()
        units.add(ReplacedMessage.size) {
            ReplacedMessage.encode(
                at: $0, account: now.account, instrument: now.instrument, originalOrderId: before.id, orderId: now.id,
                originalClientOrderId: before.clientOrderId, clientOrderId: now.clientOrderId, priceTicks: now.price,
                quantityLots: now.open, originalQuantityLots: before.open, side: now.side, flags: flags,
                entry: origin.entry)
        }
    }
}
