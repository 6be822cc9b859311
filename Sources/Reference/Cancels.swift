import Wire

/// Cancels and mass cancels (CAN).
extension Reference {
    /// The account's open order of that id or client order id, whichever is not null.
    func openOrder(_ account: UInt32, _ orderId: UInt64, _ clientOrderId: UInt64) -> Order? {
        if orderId == Null.u64 {
            return names[Name(account: account, clientOrderId: clientOrderId)].flatMap { orders[$0] }
        }
        guard let order = orders[orderId], order.account == account else { return nil }
        return order
    }

    /// CAN-2.
    mutating func cancelOrder(_ orderId: UInt64, _ clientOrderId: UInt64, _ origin: Origin) -> Refusal? {
        if (orderId == Null.u64) == (clientOrderId == Null.u64) { return Refusal(.orderIdInvalid) }
        if let refusal = venueGate(isCancel: true) { return refusal }
        guard let order = openOrder(origin.account, orderId, clientOrderId) else { return Refusal(.unknownOrder) }
        if let refusal = instrumentGate(listings[Int(order.instrument)], isCancel: true) { return refusal }
        units.begin()
        cancel(order.id, .requested, entry: origin.entry)
        return nil
    }

    /// CAN-3.
    mutating func massCancel(_ message: MassCancelMessage) -> Refusal? {
        if let refusal = venueGate(isCancel: true) { return refusal }
        if message.instrument != Null.u32 {
            if message.instrument >= listings.count { return Refusal(.unknownInstrument, UInt64(listings.count)) }
            if let refusal = instrumentGate(listings[Int(message.instrument)], isCancel: true) { return refusal }
        }
        var count: UInt32 = 0
        for id in accounts[message.account]!.openOrders {
            let order = orders[id]!
            if message.instrument != Null.u32 && order.instrument != message.instrument { continue }
            if let side = message.side, order.side != side { continue }
            if listings[Int(order.instrument)].state == .closed { continue }
            units.begin()
            cancel(id, .massCancel, entry: Null.u16)
            count += 1
        }
        units.begin()
        units.add(MassCancelCompletedMessage.size) {
            MassCancelCompletedMessage.encode(at: $0, account: message.account, cancelled: count)
        }
        return nil
    }
}
