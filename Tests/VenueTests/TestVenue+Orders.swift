import Wire

@testable import Venue

/// What traders send.
extension TestVenue {
    /// A new order; a nil price is a market order's.
    @discardableResult
    func order(
        _ account: UInt32, _ side: Side, _ lots: UInt32, at price: UInt32?, as clientOrderId: UInt64? = nil,
        _ timeInForce: TimeInForce = .goodTillCancel, stp: SelfTradePrevention = .cancelTaker, flags: OrderFlags = [],
        type: OrderType? = nil, instrument: UInt32 = 0, slot: UInt16 = 0, deadline: UInt64 = 0
    ) -> [Told] {
        let clientOrderId = clientOrderId ?? nextClientOrderId()
        return send(account: account, slot: slot, size: NewOrderMessage.size) {
            NewOrderMessage.encode(
                at: $0, account: account, keySlot: slot, nonce: $1, deadline: deadline, instrument: instrument,
                side: side, orderType: type ?? (price == nil ? .market : .limit), timeInForce: timeInForce,
                selfTradePrevention: stp, clientOrderId: clientOrderId, priceTicks: price ?? Null.u32,
                quantityLots: lots, expiry: Null.u64, displayLots: Null.u32, minimumLots: Null.u32,
                stopPriceTicks: Null.u32, flags: flags)
        }
    }

    @discardableResult
    func cancel(_ account: UInt32, _ order: UInt64? = nil, as clientOrderId: UInt64? = nil) -> [Told] {
        send(account: account, size: CancelOrderMessage.size) {
            CancelOrderMessage.encode(
                at: $0, account: account, keySlot: 0, nonce: $1, deadline: 0, orderId: order ?? Null.u64,
                clientOrderId: clientOrderId ?? Null.u64)
        }
    }

    @discardableResult
    func replace(
        _ account: UInt32, _ order: UInt64? = nil, as clientOrderId: UInt64? = nil, lots: UInt32, at price: UInt32,
        newClientOrderId: UInt64? = nil, flags: ReplaceFlags = []
    ) -> [Told] {
        send(account: account, size: ReplaceOrderMessage.size) {
            ReplaceOrderMessage.encode(
                at: $0, account: account, keySlot: 0, nonce: $1, deadline: 0, orderId: order ?? Null.u64,
                clientOrderId: clientOrderId ?? Null.u64, newClientOrderId: newClientOrderId ?? Null.u64,
                priceTicks: price, quantityLots: lots, flags: flags)
        }
    }

    @discardableResult
    func massCancel(_ account: UInt32, instrument: UInt32? = nil, side: Side? = nil) -> [Told] {
        send(account: account, size: MassCancelMessage.size) {
            MassCancelMessage.encode(
                at: $0, account: account, keySlot: 0, nonce: $1, deadline: 0, instrument: instrument ?? Null.u32,
                side: side)
        }
    }

    /// An entry of a batch; tests change a field.
    struct Entry {
        var kind: BatchEntryKind = .new
        var side: Side?
        var orderType: OrderType?
        var timeInForce: TimeInForce?
        var stp: SelfTradePrevention?
        var flags: UInt16 = 0
        var instrument: UInt32 = Null.u32
        var price: UInt32 = Null.u32
        var lots: UInt32 = Null.u32
        var clientOrderId: UInt64 = Null.u64
        var orderId: UInt64 = Null.u64
        var newClientOrderId: UInt64 = Null.u64

        static func new(
            _ side: Side, _ lots: UInt32, at price: UInt32, as clientOrderId: UInt64,
            _ timeInForce: TimeInForce = .goodTillCancel, stp: SelfTradePrevention = .cancelTaker
        ) -> Entry {
            Entry(
                kind: .new, side: side, orderType: .limit, timeInForce: timeInForce, stp: stp, instrument: 0,
                price: price, lots: lots, clientOrderId: clientOrderId)
        }

        static func cancel(_ orderId: UInt64) -> Entry { Entry(kind: .cancel, orderId: orderId) }

        static func replace(_ orderId: UInt64, lots: UInt32, at price: UInt32) -> Entry {
            Entry(kind: .replace, price: price, lots: lots, orderId: orderId)
        }
    }

    /// A batch; `change` may spoil its bytes.
    @discardableResult
    func batch(
        _ account: UInt32, _ entries: [Entry], deadline: UInt64 = 0,
        change: (UnsafeMutableRawPointer) -> Void = { _ in }
    ) -> [Told] {
        send(account: account, size: BatchMessage.size + entries.count * BatchEntry.size) { message, nonce in
            BatchMessage.encode(
                at: message, account: account, keySlot: 0, nonce: nonce, deadline: deadline,
                entryCount: UInt16(entries.count))
            for (index, entry) in entries.enumerated() {
                BatchEntry.encode(
                    at: message + BatchMessage.size + index * BatchEntry.size, kind: entry.kind, side: entry.side,
                    orderType: entry.orderType, timeInForce: entry.timeInForce, selfTradePrevention: entry.stp,
                    flags: entry.flags, instrument: entry.instrument, priceTicks: entry.price,
                    quantityLots: entry.lots, clientOrderId: entry.clientOrderId, orderId: entry.orderId,
                    newClientOrderId: entry.newClientOrderId)
            }
            change(message)
        }
    }
}
