import Wire

/// Instruments, states, limits (INS).
extension Reference {
    /// INS-1.
    mutating func listInstrument(_ message: ListInstrumentMessage) -> Refusal? {
        if let refusal = listingRefusal(message) { return refusal }
        let id = UInt32(listings.count)
        listings.append(
            Listing(
                symbol: message.symbol, base: message.baseAsset, quote: message.quoteAsset,
                lotSize: Amount(message.lotSize), tickValue: Amount(message.tickValue),
                priceMultiplier: message.priceMultiplier, priceMin: message.priceMinTicks,
                priceMax: message.priceMaxTicks, reference: message.referencePriceTicks,
                band: message.bandBasisPoints, protection: message.protectionBasisPoints,
                makerFee: message.makerFee, takerFee: message.takerFee, feeMode: message.feeMode!,
                state: message.state!, quantityMax: message.quantityMaxLots, notionalMax: message.notionalMax))
        units.begin()
        units.add(InstrumentListedMessage.size) {
            InstrumentListedMessage.encode(
                at: $0, account: message.account, instrument: id, symbol: message.symbol,
                baseAsset: message.baseAsset, quoteAsset: message.quoteAsset, lotSize: message.lotSize,
                tickValue: message.tickValue, priceMultiplier: message.priceMultiplier,
                priceMinTicks: message.priceMinTicks, priceMaxTicks: message.priceMaxTicks, state: message.state!,
                feeMode: message.feeMode!)
        }
        return nil
    }

    private func listingRefusal(_ message: ListInstrumentMessage) -> Refusal? {
        if state == .endOfMessages { return Refusal(.venueClosed, UInt64(state.rawValue)) }
        let count = UInt64(listings.count)
        let invalid = Refusal(.instrumentInvalid, count)
        let isMoney = { (value: UInt64) in value >= 1 && Amount(value) <= amountMax }
        if UInt64(message.instrument) != count || count >= instrumentsMax || !isSymbol(message.symbol)
            || listings.contains(where: { $0.symbol == message.symbol })
        {
            return invalid
        }
        if !isMoney(message.lotSize) || !isMoney(message.tickValue) || !isMoney(message.notionalMax)
            || message.priceMultiplier == 0 || message.quantityMaxLots == 0 || message.bandBasisPoints > 1_000_000
            || message.protectionBasisPoints > 1_000_000
        {
            return invalid
        }
        if message.baseAsset >= assets.count || message.quoteAsset >= assets.count {
            return Refusal(.unknownAsset, UInt64(assets.count))
        }
        if message.baseAsset == message.quoteAsset { return invalid }
        let (low, middle, high) = (message.priceMinTicks, message.referencePriceTicks, message.priceMaxTicks)
        if low < 1 || low > middle || middle > high || high - low + 1 > 1 << 24 { return invalid }
        if UInt64(high) * UInt64(message.priceMultiplier) > 2_000_000_000 {
            return Refusal(.tickNotExpressible, UInt64(2_000_000_000))
        }
        if message.quantityMaxLots > 4_294_967_294 { return Refusal(.lotNotExpressible, UInt64(4_294_967_294)) }
        if !areRates(message.makerFee, message.takerFee, message.feeMode!) {
            return Refusal(.feeInvalid, UInt64(100_000))
        }
        let left = UInt64(levelsMax) - listings.reduce(0) { $0 + $1.levels }
        return 2 * (UInt64(high) - UInt64(low) + 1) > left ? Refusal(.levelsFull, left) : nil
    }

    /// FEE-1.
    func areRates(_ maker: Int32, _ taker: Int32, _ mode: FeeMode) -> Bool {
        (0...100_000).contains(taker) && (-100_000...100_000).contains(maker) && -maker <= taker
            && (mode == .quote || maker >= 0)
    }

    /// INS-2.
    mutating func setTradingState(_ message: SetTradingStateMessage) -> Refusal? {
        if state == .endOfMessages { return Refusal(.venueClosed, UInt64(state.rawValue)) }
        if message.instrument == Null.u32 {
            state = message.state!
        } else {
            if message.instrument >= listings.count { return Refusal(.unknownInstrument, UInt64(listings.count)) }
            listings[Int(message.instrument)].state = message.state!
        }
        units.begin()
        units.add(TradingStateChangedMessage.size) {
            TradingStateChangedMessage.encode(
                at: $0, account: message.account, instrument: message.instrument, reason: message.reason,
                state: message.state!)
        }
        return nil
    }

    /// INS-3.
    mutating func killSwitch(_ message: KillSwitchMessage) -> Refusal? {
        let isEngaged = message.engage == 1
        if state == .endOfMessages && isEngaged { return Refusal(.venueClosed, UInt64(state.rawValue)) }
        if message.target == Null.u32 {
            isBlocked = isEngaged
        } else {
            if accounts[message.target] == nil { return Refusal(.targetUnknown) }
            accounts[message.target]!.isBlocked = isEngaged
        }
        units.begin()
        units.add(KillSwitchChangedMessage.size) {
            KillSwitchChangedMessage.encode(
                at: $0, account: message.account, target: message.target, engaged: message.engage)
        }
        if !isEngaged { return nil }
        let victims =
            message.target != Null.u32
            ? accounts[message.target]!.openOrders
            : orders.values.map { ($0.instrument, $0.id) }.sorted { $0 < $1 }.map { $0.1 }
        for id in victims {
            units.begin()
            cancel(id, .killSwitch, entry: Null.u16)
        }
        return nil
    }

    /// INS-4.
    mutating func setLimits(_ message: SetLimitsMessage) -> Refusal? {
        let refusal = message.scope! == .account ? setAccountLimits(message) : setInstrumentLimits(message)
        if let refusal { return refusal }
        units.begin()
        units.add(LimitsChangedMessage.size) {
            LimitsChangedMessage.encode(
                at: $0, account: message.account, target: message.target, scope: message.scope!)
        }
        return nil
    }

    private mutating func setAccountLimits(_ message: SetLimitsMessage) -> Refusal? {
        if accounts[message.target] == nil { return Refusal(.targetUnknown) }
        if message.openOrdersMax == Null.u32 || message.openOrdersMax > ordersMax || givesInstrumentLimit(message) {
            return Refusal(.limitInvalid)
        }
        accounts[message.target]!.openOrdersMax = message.openOrdersMax
        return nil
    }

    private func givesInstrumentLimit(_ message: SetLimitsMessage) -> Bool {
        message.bandBasisPoints != Null.u32 || message.protectionBasisPoints != Null.u32
            || message.makerFee != Null.i32 || message.takerFee != Null.i32 || message.quantityMaxLots != Null.u64
            || message.notionalMax != Null.u64
    }

    private mutating func setInstrumentLimits(_ message: SetLimitsMessage) -> Refusal? {
        if message.target >= listings.count { return Refusal(.unknownInstrument, UInt64(listings.count)) }
        var listing = listings[Int(message.target)]
        if message.openOrdersMax != Null.u32 || !givesInstrumentLimit(message) { return Refusal(.limitInvalid) }
        if message.bandBasisPoints != Null.u32 { listing.band = message.bandBasisPoints }
        if message.protectionBasisPoints != Null.u32 { listing.protection = message.protectionBasisPoints }
        if message.quantityMaxLots != Null.u64 { listing.quantityMax = message.quantityMaxLots }
        if message.notionalMax != Null.u64 { listing.notionalMax = message.notionalMax }
        if message.makerFee != Null.i32 { listing.makerFee = message.makerFee }
        if message.takerFee != Null.i32 { listing.takerFee = message.takerFee }
        if listing.band > 1_000_000 || listing.protection > 1_000_000 || listing.quantityMax < 1
            || listing.quantityMax > 4_294_967_294 || listing.notionalMax < 1
            || Amount(listing.notionalMax) > amountMax
        {
            return Refusal(.limitInvalid)
        }
        if !areRates(listing.makerFee, listing.takerFee, listing.feeMode) {
            return Refusal(.feeInvalid, UInt64(100_000))
        }
        listings[Int(message.target)] = listing
        return nil
    }

    // MARK: Whether orders are taken

    /// INS-6.
    func venueGate(isCancel: Bool) -> Refusal? {
        switch state {
        case .closed, .endOfMessages: Refusal(.venueClosed, UInt64(state.rawValue))
        case .halted, .cancelOnly: isCancel ? nil : Refusal(.cancelOnly, UInt64(state.rawValue))
        default: nil
        }
    }

    /// INS-5.
    func instrumentGate(_ listing: Listing, isCancel: Bool) -> Refusal? {
        let expected = UInt64(listing.state.rawValue)
        switch listing.state {
        case .closed: return Refusal(.instrumentClosed, expected)
        case .halted: return isCancel ? nil : Refusal(.instrumentHalted, expected)
        case .cancelOnly: return isCancel ? nil : Refusal(.cancelOnly, expected)
        default: return nil
        }
    }

    /// Kill switches, for new orders and replaces.
    func killGate(_ account: UInt32) -> Refusal? {
        if isBlocked { return Refusal(.venueBlocked) }
        return accounts[account]!.isBlocked ? Refusal(.accountBlocked) : nil
    }
}
