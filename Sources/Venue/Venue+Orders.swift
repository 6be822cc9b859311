import Book
import Ledger
import Wire

/// New orders (NEW).
extension Venue {
    /// A new order that is a command of its own.
    mutating func apply(
        _ request: OrderRequest, _ origin: Origin, _ effects: inout EffectWriter
    ) -> Progress {
        guard var taker = accept(request, origin, &effects) else { return .done }
        return finish(&taker, .order, &effects)
    }

    /// Lets an order trade and end; when the record is full, notes that `work` is unfinished.
    mutating func finish(_ taker: inout Taker, _ work: Unfinished.Work, _ effects: inout EffectWriter) -> Progress {
        if trade(&taker, &effects) == .done { return .done }
        unfinished.taker = taker
        return leave(work)
    }

    mutating func goOnWithOrder(_ effects: inout EffectWriter) -> Progress {
        guard var taker = unfinished.taker else { preconditionFailure("an unfinished order") }
        return finish(&taker, .order, &effects)
    }

    /// The first unit of a new order: refused, accepted, or accepted and, as fillOrKill, cancelled at once. Returns the
    /// order when it goes on.
    mutating func accept(_ request: OrderRequest, _ origin: Origin, _ effects: inout EffectWriter) -> Taker? {
        var place: BookPlace?
        var hold: UInt64 = 0
        if let refusal = check(request, origin.account, &place, &hold) {
            reject(refusal, origin, &effects)
            return nil
        }
        guard let place else { preconditionFailure("a price that was checked has a place") }
        let instrument = instrument(request.instrument)
        ledger.hold(hold, account: origin.account, asset: instrument.pointee.heldAsset(request.side))
        lastOrderId &+= 1
        AcceptedMessage.encode(
            at: effects.next, account: origin.account, instrument: request.instrument, orderId: lastOrderId,
            clientOrderId: request.clientOrderId, priceTicks: place.priceTicks, quantityLots: request.quantityLots,
            side: request.side, orderType: request.orderType, timeInForce: request.timeInForce,
            selfTradePrevention: request.selfTradePrevention, entry: origin.entry)
        effects.advance(AcceptedMessage.size)
        var taker = Taker(
            orderId: lastOrderId, clientOrderId: request.clientOrderId, hold: hold, account: origin.account,
            instrument: request.instrument, priceTicks: place.priceTicks, openLots: request.quantityLots, carry: 0,
            takerRate: instrument.pointee.takerFee, makerRate: instrument.pointee.makerFee, side: request.side,
            ending: request.ending, selfTradePrevention: request.selfTradePrevention,
            isPostOnly: request.flags.contains(.postOnly), entry: origin.entry, place: place)
        if request.timeInForce == .fillOrKill && !canFill(taker) {
            cancelRest(&taker, .fillOrKill, &effects)
            return nil
        }
        return taker
    }

    /// NEW-1. Sets place and hold when the order is acceptable.
    private mutating func check(
        _ request: OrderRequest, _ account: UInt32, _ place: inout BookPlace?, _ hold: inout UInt64
    ) -> Refusal? {
        guard request.instrument < instrumentCount else { return Refusal(.unknownInstrument, instrumentCount) }
        let instrument = instrument(request.instrument)
        if let refusal = venueGate ?? killSwitchGate(account) ?? instrument.pointee.gate { return refusal }
        guard request.clientOrderId != 0, request.clientOrderId != Null.u64 else {
            return Refusal(.clientOrderIdInvalid)
        }
        let named = books.slot(ofAccount: account, clientOrderId: request.clientOrderId)
        guard named.isNone else { return Refusal(.duplicateClientOrderId, books.node(named).pointee.orderId) }
        if let refusal = instrument.pointee.quantityRefusal(request.quantityLots) { return refusal }
        if let refusal = kindRefusal(request) { return refusal }
        let best = books.bestPriceTicks(instrument: request.instrument, side: request.side.bookSide.opposite)
        var price = request.priceTicks
        if request.orderType == .market {
            price = instrument.pointee.protectionPrice(side: request.side, best: best)
        } else if let refusal = instrument.pointee.rangeRefusal(price) ?? instrument.pointee.bandRefusal(price) {
            return refusal
        }
        place = books.place(instrument: request.instrument, side: request.side.bookSide, priceTicks: price)
        let rate = Instrument.takingRate(maker: instrument.pointee.makerFee, taker: instrument.pointee.takerFee)
        if let refusal = instrument.pointee.moneyRefusal(
            request.side, price, request.quantityLots, carry: 0, rate: rate, &hold)
        {
            return refusal
        }
        if request.rests {
            let openMax = ledger.openOrdersMax(account)
            guard books.orderCount(ofAccount: account) < Int(openMax) else {
                return Refusal(.tooManyOpenOrders, openMax)
            }
            guard !books.isFull else { return Refusal(.ordersFull, UInt64(books.capacity.orders)) }
        }
        if request.flags.contains(.postOnly), let best, crosses(request.side, price, best) {
            return Refusal(.wouldTrade, best)
        }
        let available = ledger.balance(account, instrument.pointee.heldAsset(request.side)).available
        return hold <= available ? nil : Refusal(.insufficientFunds, available)
    }

    /// NEW-1 7.
    private func kindRefusal(_ request: OrderRequest) -> Refusal? {
        guard (request.orderType == .market) == (request.priceTicks == Null.u32) else { return Refusal(.priceInvalid) }
        return request.flags.contains(.postOnly) && !request.rests ? .field(request.flagsOffset) : nil
    }

    /// Whether a price crosses an opposite one (NEW).
    func crosses(_ side: Side, _ priceTicks: UInt32, _ opposite: UInt32) -> Bool {
        side == .buy ? opposite <= priceTicks : opposite >= priceTicks
    }

    /// NEW-5. Walks the crossed prices as far as the quantity reaches, and only where that is enough the account's open
    /// orders: all of them, because they are listed by age.
    private mutating func canFill(_ taker: borrowing Taker) -> Bool {
        guard hasVolume(taker, besides: 0) else { return false }
        var own: UInt64 = 0
        var slot = books.firstOrder(ofAccount: taker.account)
        while !slot.isNone {
            let node = books.node(slot)
            if node.pointee.instrument == taker.instrument, node.pointee.side == taker.side.bookSide.opposite,
                crosses(taker.side, taker.priceTicks, node.pointee.priceTicks)
            {
                guard taker.selfTradePrevention == .cancelMaker else { return false }
                own &+= UInt64(node.pointee.quantityLots)
            }
            slot = books.nextOrderOfAccount(slot)
        }
        if own == 0 { return true }
        return hasVolume(taker, besides: own)
    }

    /// Whether the crossed prices hold an order's open quantity and so many lots more.
    private mutating func hasVolume(_ taker: borrowing Taker, besides lots: UInt64) -> Bool {
        books.hasVolume(
            against: taker.side.bookSide, instrument: taker.instrument, limitTicks: taker.priceTicks,
            lots: UInt64(taker.openLots) &+ lots)
    }
}

extension Instrument {
    /// NEW-1 6.
    func quantityRefusal(_ quantityLots: UInt32) -> Refusal? {
        guard quantityLots != 0 else { return Refusal(.quantityInvalid, UInt32(1)) }
        return UInt64(quantityLots) <= quantityMaxLots ? nil : Refusal(.quantityTooLarge, quantityMaxLots)
    }

    /// NEW-1 8: the listed range.
    func rangeRefusal(_ priceTicks: UInt32) -> Refusal? {
        if priceTicks < priceMinTicks { return Refusal(.priceOutOfRange, priceMinTicks) }
        return priceTicks > priceMaxTicks ? Refusal(.priceOutOfRange, priceMaxTicks) : nil
    }

    /// NEW-1 8: the band.
    func bandRefusal(_ priceTicks: UInt32) -> Refusal? {
        guard bandBasisPoints != 0 else { return nil }
        let band = band
        if priceTicks < band.low { return Refusal(.priceOutsideBand, band.low) }
        return priceTicks > band.high ? Refusal(.priceOutsideBand, band.high) : nil
    }

    /// NEW-1 9. Sets the hold when there is no refusal.
    func moneyRefusal(
        _ side: Side, _ priceTicks: UInt32, _ quantityLots: UInt32, carry: UInt32, rate: Int32, _ hold: inout UInt64
    ) -> Refusal? {
        let overflow = Refusal(.notionalOverflow, UInt64(Int64.max))
        guard let notional = notional(priceTicks: priceTicks, quantityLots: quantityLots),
            baseAmount(quantityLots: quantityLots) != nil
        else { return overflow }
        guard notional <= notionalMax else { return Refusal(.notionalTooLarge, notionalMax) }
        let checked = checkedHold(
            side: side, priceTicks: priceTicks, quantityLots: quantityLots, carry: carry, rate: rate)
        guard let checked else { return overflow }
        hold = checked
        return nil
    }
}
