import Book
import Ledger
import Wire

/// A replace as a command or an entry of a batch asks for it; fields were checked.
struct ReplaceRequest {
    let orderId: UInt64
    let clientOrderId: UInt64
    let newClientOrderId: UInt64
    let priceTicks: UInt32
    let quantityLots: UInt32
    let losesPriority: Bool

    init(_ message: ReplaceOrderMessage) {
        orderId = message.orderId
        clientOrderId = message.clientOrderId
        newClientOrderId = message.newClientOrderId
        priceTicks = message.priceTicks
        quantityLots = message.quantityLots
        losesPriority = message.flags.contains(.losePriority)
    }

    init(_ entry: BatchEntry) {
        orderId = entry.orderId
        clientOrderId = entry.clientOrderId
        newClientOrderId = entry.newClientOrderId
        priceTicks = entry.priceTicks
        quantityLots = entry.quantityLots
        losesPriority = ReplaceFlags(rawValue: entry.flags).contains(.losePriority)
    }
}

/// Replaces (REP).
extension Venue {
    /// A replace that is a command of its own.
    mutating func apply(
        _ request: ReplaceRequest, _ origin: Origin, _ effects: inout EffectWriter
    ) -> Progress {
        guard var taker = replace(request, origin, &effects) else { return .done }
        return finish(&taker, .order, &effects)
    }

    /// The first unit of a replace. Returns the order when it goes on: it lost its place and crosses.
    mutating func replace(_ request: ReplaceRequest, _ origin: Origin, _ effects: inout EffectWriter) -> Taker? {
        var slot = OrderSlot.none
        if let refusal = check(request, origin.account, &slot) {
            reject(refusal, origin, &effects)
            return nil
        }
        let node = books.node(slot)
        if request.priceTicks == node.pointee.priceTicks, request.quantityLots <= node.pointee.quantityLots,
            !request.losesPriority
        {
            keepPlace(request, slot, origin, &effects)
            return nil
        }
        return losePlace(request, slot, origin, &effects)
    }

    /// REP-1.
    private mutating func check(_ request: ReplaceRequest, _ account: UInt32, _ slot: inout OrderSlot) -> Refusal? {
        guard (request.orderId == Null.u64) != (request.clientOrderId == Null.u64) else {
            return Refusal(.orderIdInvalid)
        }
        if let refusal = venueGate { return refusal }
        slot = openOrder(account, orderId: request.orderId, clientOrderId: request.clientOrderId)
        guard !slot.isNone else { return Refusal(.unknownOrder) }
        let instrument = instrument(books.node(slot).pointee.instrument)
        if let refusal = killSwitchGate(account) ?? instrument.pointee.gate { return refusal }
        guard request.newClientOrderId != 0 else { return Refusal(.clientOrderIdInvalid) }
        if request.newClientOrderId != Null.u64 {
            let named = books.slot(ofAccount: account, clientOrderId: request.newClientOrderId)
            guard named.isNone || named == slot else {
                return Refusal(.duplicateClientOrderId, books.node(named).pointee.orderId)
            }
        }
        return instrument.pointee.quantityRefusal(request.quantityLots)
            ?? instrument.pointee.rangeRefusal(request.priceTicks)
    }

    /// REP-2.
    private mutating func keepPlace(
        _ request: ReplaceRequest, _ slot: OrderSlot, _ origin: Origin, _ effects: inout EffectWriter
    ) {
        let node = books.node(slot), detail = books.detail(slot)
        let before = node.pointee.quantityLots
        let name = detail.pointee.clientOrderId
        let newName = request.newClientOrderId == Null.u64 ? name : request.newClientOrderId
        release(slot, after: request.quantityLots)
        ReplacedMessage.encode(
            at: effects.next, account: origin.account, instrument: node.pointee.instrument,
            originalOrderId: node.pointee.orderId, orderId: node.pointee.orderId, originalClientOrderId: name,
            clientOrderId: newName, priceTicks: node.pointee.priceTicks, quantityLots: request.quantityLots,
            originalQuantityLots: before, side: node.pointee.side.side, flags: .keptPriority, entry: origin.entry)
        effects.advance(ReplacedMessage.size)
        if request.quantityLots < before { books.reduce(slot, by: before &- request.quantityLots) }
        if newName != name { books.rename(slot, clientOrderId: newName) }
    }

    /// REP-3.
    private mutating func losePlace(
        _ request: ReplaceRequest, _ slot: OrderSlot, _ origin: Origin, _ effects: inout EffectWriter
    ) -> Taker? {
        let node = books.node(slot), detail = books.detail(slot)
        let instrumentId = node.pointee.instrument
        let instrument = instrument(instrumentId)
        let side = node.pointee.side.side
        let best = books.bestPriceTicks(instrument: instrumentId, side: side.bookSide.opposite)
        let isCrossing = best.map { crosses(side, request.priceTicks, $0) } ?? false
        let holdBefore = hold(of: slot, quantityLots: node.pointee.quantityLots)
        var hold: UInt64 = 0
        if let refusal = checkMoved(request, slot, best: isCrossing ? best : nil, holdBefore, &hold) {
            reject(refusal, origin, &effects)
            return nil
        }
        guard let place = books.place(instrument: instrumentId, side: side.bookSide, priceTicks: request.priceTicks)
        else { preconditionFailure("a price that was checked has a place") }
        let asset = instrument.pointee.heldAsset(side)
        if hold >= holdBefore {
            ledger.hold(hold &- holdBefore, account: origin.account, asset: asset)
        } else {
            ledger.release(holdBefore &- hold, account: origin.account, asset: asset)
        }
        let name = detail.pointee.clientOrderId
        lastOrderId &+= 1
        var taker = Taker(
            orderId: lastOrderId,
            clientOrderId: request.newClientOrderId == Null.u64 ? name : request.newClientOrderId, hold: hold,
            account: origin.account, instrument: instrumentId, priceTicks: request.priceTicks,
            openLots: request.quantityLots, carry: detail.pointee.carry, takerRate: instrument.pointee.takerFee,
            makerRate: instrument.pointee.makerFee, side: side, ending: .rests,
            selfTradePrevention: detail.pointee.selfTradePrevention, isPostOnly: detail.pointee.isPostOnly,
            entry: origin.entry, place: place)
        ReplacedMessage.encode(
            at: effects.next, account: origin.account, instrument: instrumentId,
            originalOrderId: node.pointee.orderId, orderId: taker.orderId, originalClientOrderId: name,
            clientOrderId: taker.clientOrderId, priceTicks: taker.priceTicks, quantityLots: taker.openLots,
            originalQuantityLots: node.pointee.quantityLots, side: side, flags: isCrossing ? [] : .restsAtOnce,
            entry: origin.entry)
        effects.advance(ReplacedMessage.size)
        books.remove(slot)
        if isCrossing { return taker }
        rest(&taker)
        return nil
    }

    /// The further checks of REP-3. `best` is the best opposite price if the new price crosses it.
    private mutating func checkMoved(
        _ request: ReplaceRequest, _ slot: OrderSlot, best: UInt32?, _ holdBefore: UInt64, _ hold: inout UInt64
    ) -> Refusal? {
        let node = books.node(slot), detail = books.detail(slot)
        let instrument = instrument(node.pointee.instrument)
        let side = node.pointee.side.side
        if let refusal = instrument.pointee.bandRefusal(request.priceTicks) { return refusal }
        let rate = Instrument.takingRate(maker: instrument.pointee.makerFee, taker: instrument.pointee.takerFee)
        if let refusal = instrument.pointee.moneyRefusal(
            side, request.priceTicks, request.quantityLots, carry: detail.pointee.carry, rate: rate, &hold)
        {
            return refusal
        }
        if detail.pointee.isPostOnly, let best { return Refusal(.wouldTrade, best) }
        let available = ledger.balance(detail.pointee.account, instrument.pointee.heldAsset(side)).available
        return hold <= holdBefore || hold - holdBefore <= available ? nil : Refusal(.insufficientFunds, available)
    }
}
