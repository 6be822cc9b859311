import Wire

/// How a command names an order.
public enum OrderName: Equatable, Hashable, Sendable {
    /// The id that the venue gave it.
    case orderId(UInt64)
    /// The id that its owner gave it.
    case clientOrderId(UInt64)

    var orderId: UInt64 { if case .orderId(let id) = self { id } else { Null.u64 } }
    var clientOrderId: UInt64 { if case .clientOrderId(let id) = self { id } else { Null.u64 } }
}

/// A new order, alone or in a batch.
public struct NewOrder: Equatable, Sendable {
    /// Id of the instrument.
    public var instrument: UInt32
    /// Whether it buys or sells.
    public var side: Side
    /// Limit or market.
    public var type: OrderType
    /// What happens to what does not trade at once.
    public var timeInForce: TimeInForce
    /// What happens where it would trade with an order of its own account.
    public var selfTradePrevention: SelfTradePrevention
    /// Refused when it would trade.
    public var isPostOnly: Bool
    /// Unique among the open orders of the account; not 0.
    public var clientOrderId: UInt64
    /// Limit price, ticks; nil for a market order.
    public var priceTicks: UInt32?
    /// Lots, from 1.
    public var quantityLots: UInt32

    /// An order of any kind; `limit` and `market` are the usual ones.
    public init(
        instrument: UInt32, side: Side, type: OrderType, timeInForce: TimeInForce, clientOrderId: UInt64,
        priceTicks: UInt32?, quantityLots: UInt32, selfTradePrevention: SelfTradePrevention = .cancelTaker,
        isPostOnly: Bool = false
    ) {
        self.instrument = instrument
        self.side = side
        self.type = type
        self.timeInForce = timeInForce
        self.selfTradePrevention = selfTradePrevention
        self.isPostOnly = isPostOnly
        self.clientOrderId = clientOrderId
        self.priceTicks = priceTicks
        self.quantityLots = quantityLots
    }

    /// A limit order that rests until it is cancelled, unless `timeInForce` says otherwise.
    public static func limit(
        _ side: Side, _ quantityLots: UInt32, at priceTicks: UInt32, instrument: UInt32, clientOrderId: UInt64,
        timeInForce: TimeInForce = .goodTillCancel, selfTradePrevention: SelfTradePrevention = .cancelTaker,
        isPostOnly: Bool = false
    ) -> NewOrder {
        NewOrder(
            instrument: instrument, side: side, type: .limit, timeInForce: timeInForce, clientOrderId: clientOrderId,
            priceTicks: priceTicks, quantityLots: quantityLots, selfTradePrevention: selfTradePrevention,
            isPostOnly: isPostOnly)
    }

    /// A market order; the venue protects it with a price.
    public static func market(
        _ side: Side, _ quantityLots: UInt32, instrument: UInt32, clientOrderId: UInt64,
        timeInForce: TimeInForce = .immediateOrCancel
    ) -> NewOrder {
        NewOrder(
            instrument: instrument, side: side, type: .market, timeInForce: timeInForce, clientOrderId: clientOrderId,
            priceTicks: nil, quantityLots: quantityLots)
    }

    var flags: OrderFlags { isPostOnly ? .postOnly : [] }
}

/// A replace, alone or in a batch.
public struct OrderReplacement: Equatable, Sendable {
    /// The order that is replaced.
    public var order: OrderName
    /// New limit price, ticks.
    public var priceTicks: UInt32
    /// New open quantity, lots.
    public var quantityLots: UInt32
    /// Nil keeps the id.
    public var newClientOrderId: UInt64?
    /// Goes to the back of its level whatever changed.
    public var losesPriority: Bool

    /// A replace of an open order.
    public init(
        _ order: OrderName, priceTicks: UInt32, quantityLots: UInt32, newClientOrderId: UInt64? = nil,
        losesPriority: Bool = false
    ) {
        self.order = order
        self.priceTicks = priceTicks
        self.quantityLots = quantityLots
        self.newClientOrderId = newClientOrderId
        self.losesPriority = losesPriority
    }

    var flags: ReplaceFlags { losesPriority ? .losePriority : [] }
}

/// An entry of a batch.
public enum BatchItem: Equatable, Sendable {
    /// Enters an order.
    case new(NewOrder)
    /// Cancels one order.
    case cancel(OrderName)
    /// Changes price or open quantity of an order.
    case replace(OrderReplacement)

    func encode(at pointer: UnsafeMutableRawPointer) {
        switch self {
        case .new(let order):
            BatchEntry.encode(
                at: pointer, kind: .new, side: order.side, orderType: order.type, timeInForce: order.timeInForce,
                selfTradePrevention: order.selfTradePrevention, flags: order.flags.rawValue,
                instrument: order.instrument, priceTicks: order.priceTicks ?? Null.u32,
                quantityLots: order.quantityLots, clientOrderId: order.clientOrderId, orderId: Null.u64,
                newClientOrderId: Null.u64)
        case .cancel(let name):
            encodeOther(.cancel, name, at: pointer)
        case .replace(let replacement):
            encodeOther(
                .replace, replacement.order, flags: replacement.flags.rawValue, price: replacement.priceTicks,
                quantity: replacement.quantityLots, newId: replacement.newClientOrderId ?? Null.u64, at: pointer)
        }
    }

    private func encodeOther(
        _ kind: BatchEntryKind, _ name: OrderName, flags: UInt16 = 0, price: UInt32 = Null.u32,
        quantity: UInt32 = Null.u32, newId: UInt64 = Null.u64, at pointer: UnsafeMutableRawPointer
    ) {
        BatchEntry.encode(
            at: pointer, kind: kind, side: nil, orderType: nil, timeInForce: nil, selfTradePrevention: nil,
            flags: flags, instrument: Null.u32, priceTicks: price, quantityLots: quantity,
            clientOrderId: name.clientOrderId, orderId: name.orderId, newClientOrderId: newId)
    }
}
