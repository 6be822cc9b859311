import Book
import Ledger
import Wire

/// Instruments, states and limits (INS).
extension Venue {
    private static var basisPointsMax: UInt32 { 1_000_000 }

    /// INS-1.
    mutating func listInstrument(_ message: ListInstrumentMessage, _ effects: inout EffectWriter) -> Refusal? {
        if let refusal = refusal(message) { return refusal }
        guard let feeMode = message.feeMode, let state = message.state else {
            preconditionFailure("fields were checked")
        }
        let id = instrumentCount
        instruments[Int(id)] = Instrument(
            symbol: message.symbol, lotSize: message.lotSize, tickValue: message.tickValue,
            quantityMaxLots: message.quantityMaxLots, notionalMax: message.notionalMax, baseAsset: message.baseAsset,
            quoteAsset: message.quoteAsset, priceMultiplier: message.priceMultiplier,
            priceMinTicks: message.priceMinTicks, priceMaxTicks: message.priceMaxTicks,
            referencePriceTicks: message.referencePriceTicks, bandBasisPoints: message.bandBasisPoints,
            protectionBasisPoints: message.protectionBasisPoints, makerFee: message.makerFee,
            takerFee: message.takerFee, feeMode: feeMode, state: state)
        instrumentCount += 1
        do {
            try books.list(
                instrument: id, minPriceTicks: message.priceMinTicks, maxPriceTicks: message.priceMaxTicks)
        } catch { preconditionFailure("a listing that was checked: \(error)") }
        InstrumentListedMessage.encode(
            at: effects.next, account: message.account, instrument: id, symbol: message.symbol,
            baseAsset: message.baseAsset, quoteAsset: message.quoteAsset, lotSize: message.lotSize,
            tickValue: message.tickValue, priceMultiplier: message.priceMultiplier,
            priceMinTicks: message.priceMinTicks, priceMaxTicks: message.priceMaxTicks, state: state,
            feeMode: feeMode)
        effects.advance(InstrumentListedMessage.size)
        return nil
    }

    private func refusal(_ message: ListInstrumentMessage) -> Refusal? {
        if state == .endOfMessages { return Refusal(.venueClosed, UInt32(state.rawValue)) }
        let invalid = Refusal(.instrumentInvalid, instrumentCount)
        let money = 1...Ledger.amountMax
        guard message.instrument == instrumentCount, instrumentCount < instrumentsMax,
            FixedText.isSymbol(message.symbol), !hasInstrument(symbol: message.symbol),
            money.contains(message.lotSize), money.contains(message.tickValue), money.contains(message.notionalMax),
            message.priceMultiplier != 0, message.quantityMaxLots != 0,
            message.bandBasisPoints <= Self.basisPointsMax, message.protectionBasisPoints <= Self.basisPointsMax
        else { return invalid }
        guard message.baseAsset < ledger.assetCount, message.quoteAsset < ledger.assetCount else {
            return Refusal(.unknownAsset, ledger.assetCount)
        }
        guard message.baseAsset != message.quoteAsset else { return invalid }
        guard message.priceMinTicks >= 1, message.priceMinTicks <= message.referencePriceTicks,
            message.referencePriceTicks <= message.priceMaxTicks,
            message.priceMaxTicks - message.priceMinTicks < UInt32(Books.pricesPerInstrumentMax)
        else { return invalid }
        guard UInt64(message.priceMaxTicks) * UInt64(message.priceMultiplier) <= Limits.itchPriceMax else {
            return Refusal(.tickNotExpressible, Limits.itchPriceMax)
        }
        let sharesMax = UInt64(UInt32.max - 1)
        guard message.quantityMaxLots <= sharesMax else { return Refusal(.lotNotExpressible, sharesMax) }
        guard let mode = message.feeMode, Fee.isValid(maker: message.makerFee, taker: message.takerFee, mode: mode)
        else { return Refusal(.feeInvalid, UInt64(Limits.feeRateMax)) }
        let levels = BookCapacity.levels(minPriceTicks: message.priceMinTicks, maxPriceTicks: message.priceMaxTicks)
        guard levels <= books.unusedLevelCount else { return Refusal(.levelsFull, UInt64(books.unusedLevelCount)) }
        return nil
    }

    private func hasInstrument(symbol: UInt64) -> Bool {
        for id in 0..<Int(instrumentCount) where instruments[id].symbol == symbol { return true }
        return false
    }

    /// INS-2.
    mutating func setTradingState(_ message: SetTradingStateMessage, _ effects: inout EffectWriter) -> Refusal? {
        if state == .endOfMessages { return Refusal(.venueClosed, UInt32(state.rawValue)) }
        guard let newState = message.state else { preconditionFailure("fields were checked") }
        if message.instrument == Null.u32 {
            state = newState
        } else {
            guard message.instrument < instrumentCount else { return Refusal(.unknownInstrument, instrumentCount) }
            instruments[Int(message.instrument)].state = newState
        }
        TradingStateChangedMessage.encode(
            at: effects.next, account: message.account, instrument: message.instrument, reason: message.reason,
            state: newState)
        effects.advance(TradingStateChangedMessage.size)
        return nil
    }

    /// INS-4.
    mutating func setLimits(_ message: SetLimitsMessage, _ effects: inout EffectWriter) -> Refusal? {
        guard let scope = message.scope else { preconditionFailure("fields were checked") }
        if let refusal = scope == .account ? setAccountLimits(message) : setInstrumentLimits(message) { return refusal }
        LimitsChangedMessage.encode(at: effects.next, account: message.account, target: message.target, scope: scope)
        effects.advance(LimitsChangedMessage.size)
        return nil
    }

    private mutating func setAccountLimits(_ message: SetLimitsMessage) -> Refusal? {
        guard ledger.hasAccount(message.target) else { return Refusal(.targetUnknown) }
        guard message.openOrdersMax != Null.u32, Int(message.openOrdersMax) <= books.capacity.orders,
            message.bandBasisPoints == Null.u32, message.protectionBasisPoints == Null.u32,
            message.makerFee == Null.i32, message.takerFee == Null.i32, message.quantityMaxLots == Null.u64,
            message.notionalMax == Null.u64
        else { return Refusal(.limitInvalid) }
        ledger.setOpenOrdersMax(message.target, message.openOrdersMax)
        return nil
    }

    private mutating func setInstrumentLimits(_ message: SetLimitsMessage) -> Refusal? {
        guard message.target < instrumentCount else { return Refusal(.unknownInstrument, instrumentCount) }
        let instrument = instrument(message.target)
        let band = message.bandBasisPoints, protection = message.protectionBasisPoints
        let quantity = message.quantityMaxLots, notional = message.notionalMax
        let isEmpty =
            band == Null.u32 && protection == Null.u32 && message.makerFee == Null.i32
            && message.takerFee == Null.i32 && quantity == Null.u64 && notional == Null.u64
        guard message.openOrdersMax == Null.u32, !isEmpty,
            band == Null.u32 || band <= Self.basisPointsMax,
            protection == Null.u32 || protection <= Self.basisPointsMax,
            quantity == Null.u64 || (1...UInt64(UInt32.max - 1)).contains(quantity),
            notional == Null.u64 || (1...Ledger.amountMax).contains(notional)
        else { return Refusal(.limitInvalid) }
        let maker = message.makerFee == Null.i32 ? instrument.pointee.makerFee : message.makerFee
        let taker = message.takerFee == Null.i32 ? instrument.pointee.takerFee : message.takerFee
        guard Fee.isValid(maker: maker, taker: taker, mode: instrument.pointee.feeMode) else {
            return Refusal(.feeInvalid, UInt64(Limits.feeRateMax))
        }
        instrument.pointee.makerFee = maker
        instrument.pointee.takerFee = taker
        if band != Null.u32 { instrument.pointee.bandBasisPoints = band }
        if protection != Null.u32 { instrument.pointee.protectionBasisPoints = protection }
        if quantity != Null.u64 { instrument.pointee.quantityMaxLots = quantity }
        if notional != Null.u64 { instrument.pointee.notionalMax = notional }
        return nil
    }
}
