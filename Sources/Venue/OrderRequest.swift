import Wire

/// A new order as a command or an entry of a batch asks for it; fields were checked (CMD-3, BAT-2).
struct OrderRequest {
    let instrument: UInt32
    let side: Side
    let orderType: OrderType
    let timeInForce: TimeInForce
    let selfTradePrevention: SelfTradePrevention
    let flags: OrderFlags
    let clientOrderId: UInt64
    let priceTicks: UInt32
    let quantityLots: UInt32
    /// Where `flags` stands in the message.
    let flagsOffset: Int

    init(_ message: NewOrderMessage) {
        guard let side = message.side, let orderType = message.orderType, let timeInForce = message.timeInForce,
            let selfTradePrevention = message.selfTradePrevention
        else { preconditionFailure("fields were checked") }
        self.side = side
        self.orderType = orderType
        self.timeInForce = timeInForce
        self.selfTradePrevention = selfTradePrevention
        instrument = message.instrument
        flags = message.flags
        clientOrderId = message.clientOrderId
        priceTicks = message.priceTicks
        quantityLots = message.quantityLots
        flagsOffset = 76
    }

    /// - Parameter at: offset of the entry in the message.
    init(_ entry: BatchEntry, at: Int) {
        guard let side = entry.side, let orderType = entry.orderType, let timeInForce = entry.timeInForce,
            let selfTradePrevention = entry.selfTradePrevention
        else { preconditionFailure("fields were checked") }
        self.side = side
        self.orderType = orderType
        self.timeInForce = timeInForce
        self.selfTradePrevention = selfTradePrevention
        instrument = entry.instrument
        flags = OrderFlags(rawValue: entry.flags)
        clientOrderId = entry.clientOrderId
        priceTicks = entry.priceTicks
        quantityLots = entry.quantityLots
        flagsOffset = at + 6
    }

    /// Whether what is left of it rests.
    var rests: Bool { orderType == .limit && timeInForce == .goodTillCancel }

    var ending: Ending {
        orderType == .market ? .marketRemainder : timeInForce == .goodTillCancel ? .rests : .immediateOrCancel
    }
}
