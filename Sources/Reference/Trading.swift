import Wire

/// Trading (NEW-6, TRD).
extension Reference {
    /// NEW-6: trades an order and ends it. `rest` is the reason why what is left is cancelled; nil = it rests.
    mutating func trade(_ order: inout Order, rest: Reason?, _ entry: UInt16) {
        let opposite: Side = order.side == .buy ? .sell : .buy
        while order.open > 0, let id = first(order.instrument, opposite),
            crosses(order.side, order.price, orders[id]!.price)
        {
            units.begin()
            if orders[id]!.account == order.account {
                preventSelfTrade(&order, id, entry)
            } else {
                execute(&order, id, entry)
            }
        }
        if order.open == 0 { return }
        units.begin()
        if let rest { return takeOff(&order, order.open, rest, entry) }
        order.rests = true
        adjustHold(&order)
        insert(order)
        let resting = order
        units.add(RestedMessage.size) {
            RestedMessage.encode(
                at: $0, orderId: resting.id, instrument: resting.instrument, priceTicks: resting.price,
                quantityLots: resting.open, side: resting.side)
        }
    }

    /// TRD-2.
    private mutating func execute(_ taker: inout Order, _ makerId: UInt64, _ entry: UInt16) {
        var maker = orders[makerId]!
        let lots = min(taker.open, maker.open)
        taker.open -= lots
        maker.open -= lots
        let fees = settle(&taker, &maker, price: maker.price, lots: lots)
        orders[makerId] = maker
        if maker.open == 0 { remove(makerId) }
        listings[Int(taker.instrument)].reference = maker.price
        lastMatchNumber += 1
        let (order, match) = (taker, lastMatchNumber)
        units.add(ExecutedMessage.size) {
            ExecutedMessage.encode(
                at: $0, takerAccount: order.account, makerAccount: maker.account, instrument: order.instrument,
                priceTicks: maker.price, quantityLots: lots, takerLeavesLots: order.open, makerLeavesLots: maker.open,
                takerSide: order.side, entry: entry, takerOrderId: order.id, makerOrderId: maker.id,
                takerClientOrderId: order.clientOrderId, makerClientOrderId: maker.clientOrderId, matchNumber: match,
                takerFee: Int64(fees.taker), makerFee: Int64(fees.maker), takerFeeAsset: fees.takerAsset,
                makerFeeAsset: fees.makerAsset)
        }
    }

    /// TRD-3.
    private mutating func preventSelfTrade(_ taker: inout Order, _ makerId: UInt64, _ entry: UInt16) {
        switch taker.selfTradePrevention {
        case .cancelTaker: takeOff(&taker, taker.open, .selfTrade, entry)
        case .cancelMaker: cancel(makerId, .selfTrade, entry: Null.u16)
        case .cancelBoth:
            cancel(makerId, .selfTrade, entry: Null.u16)
            takeOff(&taker, taker.open, .selfTrade, entry)
        case .decrementBoth:
            var maker = orders[makerId]!
            let lots = min(taker.open, maker.open)
            takeOff(&maker, lots, .selfTrade, Null.u16)
            orders[makerId] = maker
            if maker.open == 0 { remove(makerId) }
            takeOff(&taker, lots, .selfTrade, entry)
        }
    }

    /// Takes lots off an order, releases what they held, and says so.
    mutating func takeOff(_ order: inout Order, _ lots: UInt32, _ reason: Reason, _ entry: UInt16) {
        order.open -= lots
        adjustHold(&order)
        let now = order
        units.add(CancelledMessage.size) {
            CancelledMessage.encode(
                at: $0, account: now.account, instrument: now.instrument, orderId: now.id,
                clientOrderId: now.clientOrderId, priceTicks: now.price, quantityLots: lots, leavesLots: now.open,
                reason: reason, entry: entry, side: now.side, displayed: now.rests ? 1 : 0)
        }
    }

    /// CAN-1, within a unit that was begun.
    mutating func cancel(_ id: UInt64, _ reason: Reason, entry: UInt16) {
        var order = orders[id]!
        takeOff(&order, order.open, reason, entry)
        remove(id)
    }
}
