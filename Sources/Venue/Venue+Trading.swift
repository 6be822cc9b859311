import Book
import Ledger
import Wire

/// Trading (NEW-6, TRD, FEE-5).
extension Venue {
    /// Trades an order as far as it goes, and ends it. `more`: the record has no room for the next unit.
    mutating func trade(_ taker: inout Taker, _ effects: inout EffectWriter) -> Progress {
        while taker.openLots > 0 {
            let maker = books.maker(against: taker.place)
            guard effects.hasRoomForUnit else { return .more }
            guard !maker.isNone else {
                end(&taker, &effects)
                return .done
            }
            if books.detail(maker).pointee.account == taker.account {
                preventSelfTrade(&taker, maker, &effects)
            } else {
                execute(&taker, maker, &effects)
            }
        }
        assert(taker.hold == 0, "an order without open quantity holds nothing")
        return .done
    }

    /// One trade (TRD-2, FEE-5).
    private mutating func execute(_ taker: inout Taker, _ slot: OrderSlot, _ effects: inout EffectWriter) {
        let node = books.node(slot), detail = books.detail(slot)
        let instrument = instrument(taker.instrument)
        let price = node.pointee.priceTicks, makerLots = node.pointee.quantityLots
        let lots = min(taker.openLots, makerLots)
        guard let notional = instrument.pointee.notional(priceTicks: price, quantityLots: lots),
            let base = instrument.pointee.baseAmount(quantityLots: lots)
        else { preconditionFailure("a part of what was accepted fits 63 bits") }
        let makerAccount = detail.pointee.account
        let makerSide = taker.side == .buy ? Side.sell : .buy
        let inQuote = instrument.pointee.feeMode == .quote
        let (base0, quote0) = (instrument.pointee.baseAsset, instrument.pointee.quoteAsset)
        let takerAsset = inQuote || taker.side == .sell ? quote0 : base0
        let makerAsset = inQuote || makerSide == .sell ? quote0 : base0
        let makerRate = detail.pointee.makerRate
        let makerHold = instrument.pointee.hold(
            side: makerSide, priceTicks: price, quantityLots: makerLots, carry: detail.pointee.carry,
            rate: Instrument.restingRate(maker: makerRate))
        let takerFee = Fee.charge(
            amount: takerAsset == quote0 ? notional : base, rate: taker.takerRate, carry: taker.carry)
        let makerFee = Fee.charge(
            amount: makerAsset == quote0 ? notional : base, rate: makerRate, carry: detail.pointee.carry)
        let makerCharge = collect(taker: takerFee.charge, takerAsset, maker: makerFee.charge, makerAsset)
        let makerHoldAfter = instrument.pointee.hold(
            side: makerSide, priceTicks: price, quantityLots: makerLots &- lots, carry: makerFee.carry,
            rate: Instrument.restingRate(maker: makerRate))
        taker.carry = takerFee.carry
        taker.openLots &-= lots
        let takerHoldAfter = instrument.pointee.hold(
            side: taker.side, priceTicks: taker.priceTicks, quantityLots: taker.openLots, carry: taker.carry,
            rate: Instrument.takingRate(maker: taker.makerRate, taker: taker.takerRate))
        let takerParty = Party(account: taker.account, released: taker.hold &- takerHoldAfter, fee: takerFee.charge)
        let makerParty = Party(account: makerAccount, released: makerHold &- makerHoldAfter, fee: makerCharge)
        taker.hold = takerHoldAfter
        settle(
            buyer: taker.side == .buy ? takerParty : makerParty, seller: taker.side == .buy ? makerParty : takerParty,
            notional: notional, base: base, instrument)
        instrument.pointee.referencePriceTicks = price
        lastMatchNumber &+= 1
        ExecutedMessage.encode(
            at: effects.next, takerAccount: taker.account, makerAccount: makerAccount, instrument: taker.instrument,
            priceTicks: price, quantityLots: lots, takerLeavesLots: taker.openLots, makerLeavesLots: makerLots &- lots,
            takerSide: taker.side, entry: taker.entry, takerOrderId: taker.orderId,
            makerOrderId: node.pointee.orderId, takerClientOrderId: taker.clientOrderId,
            makerClientOrderId: detail.pointee.clientOrderId, matchNumber: lastMatchNumber,
            takerFee: takerFee.charge, makerFee: makerCharge, takerFeeAsset: takerAsset, makerFeeAsset: makerAsset)
        effects.advance(ExecutedMessage.size)
        if lots == makerLots {
            books.remove(slot)
        } else {
            detail.pointee.carry = makerFee.carry
            books.reduce(slot, by: lots)
        }
    }

    /// One side of a trade.
    private struct Party {
        let account: UInt32
        /// What its hold fell by.
        let released: UInt64
        let fee: Int64
    }

    /// Fees of a trade go to the fee account; a rebate comes out of it, as far as it reaches. Returns the maker's.
    private mutating func collect(taker: Int64, _ takerAsset: UInt32, maker: Int64, _ makerAsset: UInt32) -> Int64 {
        let fees = WellKnownAccount.fees
        precondition(taker >= 0, "a taker's fee is never negative")
        ledger.credit(UInt64(taker), account: fees, asset: takerAsset)
        if maker >= 0 {
            ledger.credit(UInt64(maker), account: fees, asset: makerAsset)
            return maker
        }
        let rebate = min(maker.magnitude, ledger.balance(fees, makerAsset).available)
        ledger.debit(rebate, account: fees, asset: makerAsset)
        return -Int64(rebate)
    }

    /// Money and goods change hands (FEE-5).
    private mutating func settle(
        buyer: Party, seller: Party, notional: UInt64, base: UInt64, _ instrument: UnsafeMutablePointer<Instrument>
    ) {
        let (baseAsset, quoteAsset) = (instrument.pointee.baseAsset, instrument.pointee.quoteAsset)
        let inQuote = instrument.pointee.feeMode == .quote
        precondition(seller.released == base, "a seller's hold is what they sell")
        ledger.spendHeld(base, change: 0, account: seller.account, asset: baseAsset)
        ledger.credit(Self.less(notional, seller.fee), account: seller.account, asset: quoteAsset)
        let change = Self.less(buyer.released, Int64(notional) + (inQuote ? buyer.fee : 0))
        ledger.spendHeld(buyer.released, change: change, account: buyer.account, asset: quoteAsset)
        ledger.credit(Self.less(base, inQuote ? 0 : buyer.fee), account: buyer.account, asset: baseAsset)
    }

    private static func less(_ amount: UInt64, _ taken: Int64) -> UInt64 {
        let rest = Int64(amount) - taken
        precondition(rest >= 0, "nobody pays more than was reserved, or gets less than nothing")
        return UInt64(rest)
    }

    /// TRD-3.
    private mutating func preventSelfTrade(
        _ taker: inout Taker, _ slot: OrderSlot, _ effects: inout EffectWriter
    ) {
        switch taker.selfTradePrevention {
        case .cancelTaker: cancelRest(&taker, .selfTrade, &effects)
        case .cancelMaker: cancelOpen(slot, .selfTrade, entry: Null.u16, &effects)
        case .cancelBoth:
            cancelOpen(slot, .selfTrade, entry: Null.u16, &effects)
            cancelRest(&taker, .selfTrade, &effects)
        case .decrementBoth:
            let makerLots = books.node(slot).pointee.quantityLots
            let lots = min(taker.openLots, makerLots)
            if lots == makerLots {
                cancelOpen(slot, .selfTrade, entry: Null.u16, &effects)
            } else {
                reduceOpen(slot, by: lots, .selfTrade, &effects)
            }
            reduce(&taker, by: lots, .selfTrade, &effects)
        }
    }

    /// NEW-6: nothing more crosses it.
    private mutating func end(_ taker: inout Taker, _ effects: inout EffectWriter) {
        switch taker.ending {
        case .immediateOrCancel: cancelRest(&taker, .immediateOrCancel, &effects)
        case .marketRemainder: cancelRest(&taker, .marketRemainder, &effects)
        case .rests:
            rest(&taker)
            RestedMessage.encode(
                at: effects.next, orderId: taker.orderId, instrument: taker.instrument, priceTicks: taker.priceTicks,
                quantityLots: taker.openLots, side: taker.side)
            effects.advance(RestedMessage.size)
            taker.openLots = 0
        }
    }

    /// Puts an order into the book; its hold becomes that of a resting order.
    mutating func rest(_ taker: inout Taker) {
        let instrument = instrument(taker.instrument)
        let hold = instrument.pointee.hold(
            side: taker.side, priceTicks: taker.priceTicks, quantityLots: taker.openLots, carry: taker.carry,
            rate: Instrument.restingRate(maker: taker.makerRate))
        ledger.release(
            taker.hold &- hold, account: taker.account, asset: instrument.pointee.heldAsset(taker.side))
        taker.hold = 0
        let slot = books.insert(
            orderId: taker.orderId, at: taker.place, quantityLots: taker.openLots, account: taker.account,
            clientOrderId: taker.clientOrderId)
        books.detail(slot).pointee.take(taker)
    }

    /// Takes all that is left off an order that is not in the book.
    mutating func cancelRest(_ taker: inout Taker, _ reason: Reason, _ effects: inout EffectWriter) {
        reduce(&taker, by: taker.openLots, reason, &effects)
    }

    /// Takes lots off an order that is not in the book.
    private mutating func reduce(
        _ taker: inout Taker, by lots: UInt32, _ reason: Reason, _ effects: inout EffectWriter
    ) {
        let instrument = instrument(taker.instrument)
        taker.openLots &-= lots
        let hold = instrument.pointee.hold(
            side: taker.side, priceTicks: taker.priceTicks, quantityLots: taker.openLots, carry: taker.carry,
            rate: Instrument.takingRate(maker: taker.makerRate, taker: taker.takerRate))
        ledger.release(
            taker.hold &- hold, account: taker.account, asset: instrument.pointee.heldAsset(taker.side))
        taker.hold = hold
        CancelledMessage.encode(
            at: effects.next, account: taker.account, instrument: taker.instrument, orderId: taker.orderId,
            clientOrderId: taker.clientOrderId, priceTicks: taker.priceTicks, quantityLots: lots,
            leavesLots: taker.openLots, reason: reason, entry: taker.entry, side: taker.side, displayed: 0)
        effects.advance(CancelledMessage.size)
    }
}
