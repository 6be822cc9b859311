import Wire

/// A state put back (STA-1), with its own look at what the rules allow.
extension Reference: RestorableVenue {
    public static func restored(
        from state: CanonicalState, sequence: UInt64, time: UInt64
    ) throws(StateError) -> Reference {
        var venue = state.withGenesis { Reference(genesis: $0) }
        try venue.restore(state)
        return venue
    }

    private mutating func restore(_ state: CanonicalState) throws(StateError) {
        try restoreVenue(state.venue)
        for (id, asset) in state.assets.enumerated() { try restore(asset, UInt32(id)) }
        for (id, part) in state.instruments.enumerated() { try restore(part, UInt32(id)) }
        for number in 0..<state.accountCount { try restore(state.account(at: number)) }
        for number in 0..<state.referenceCount { references.insert(state.reference(at: number)) }
        // Ascending ids are the order at every price (TRD-1).
        for number in 0..<state.orderCount { try restore(state.order(at: number)) }
        try checkBooks()
        try checkMoney()
        moved = []
    }

    private func refusal(_ part: String, _ text: String) -> StateError { .value(part: part, offset: 0, text) }

    private mutating func restoreVenue(_ part: StateVenue) throws(StateError) {
        let counterMax = UInt64(Int64.max)
        if part.lastOrderId > counterMax || part.lastMatchNumber > counterMax || part.feedGeneration == 0
            || part.feedGeneration == UInt32.max
        {
            throw refusal("venue", "a counter that cannot be")
        }
        feedGeneration = part.feedGeneration
        state = part.state
        isBlocked = part.isBlocked
        venueKeys = [
            .venueOperator: part.keys[0], .log: part.keys[1], .receipt: part.keys[2], .settlement: part.keys[3],
        ]
        lastOrderId = part.lastOrderId
        lastMatchNumber = part.lastMatchNumber
    }

    private mutating func restore(_ part: StateAsset, _ id: UInt32) throws(StateError) {
        if part.decimals > 18 || !isSymbol(part.symbol) || assets.contains(where: { $0.symbol == part.symbol })
            || Amount(part.total) > amountMax
        {
            throw refusal("asset \(id)", "it cannot have been listed so")
        }
        assets.append(Asset(symbol: part.symbol, decimals: part.decimals, total: Amount(part.total)))
    }

    private mutating func restore(_ part: StateInstrument, _ id: UInt32) throws(StateError) {
        let isMoney = { (value: UInt64) in value >= 1 && Amount(value) <= amountMax }
        let isNamed = isSymbol(part.symbol) && !listings.contains { $0.symbol == part.symbol }
        let isOpen = [TradingState.continuous, .closed, .cancelOnly, .halted].contains(part.state)
        let hasLimits =
            isMoney(part.lotSize) && isMoney(part.tickValue) && isMoney(part.notionalMax)
            && part.priceMultiplier > 0 && (1...4_294_967_294).contains(part.quantityMaxLots)
            && part.bandBasisPoints <= 1_000_000 && part.protectionBasisPoints <= 1_000_000
        let (low, middle, high) = (part.priceMinTicks, part.referencePriceTicks, part.priceMaxTicks)
        let hasPrices =
            low >= 1 && low <= middle && middle <= high && high - low < 1 << 24
            && UInt64(high) * UInt64(part.priceMultiplier) <= 2_000_000_000
        if !isNamed || !isOpen || !hasLimits || !hasPrices || !areRates(part.makerFee, part.takerFee, part.feeMode) {
            throw refusal("instrument \(id)", "it cannot have been listed so")
        }
        listings.append(
            Listing(
                symbol: part.symbol, base: part.baseAsset, quote: part.quoteAsset, lotSize: Amount(part.lotSize),
                tickValue: Amount(part.tickValue), priceMultiplier: part.priceMultiplier, priceMin: low,
                priceMax: high, reference: middle, band: part.bandBasisPoints, protection: part.protectionBasisPoints,
                makerFee: part.makerFee, takerFee: part.takerFee, feeMode: part.feeMode, state: part.state,
                quantityMax: part.quantityMaxLots, notionalMax: part.notionalMax))
        if listings.reduce(0, { $0 + $1.levels }) > UInt64(levelsMax) {
            throw refusal("instrument \(id)", "more price levels than the venue has")
        }
    }

    private mutating func restore(_ part: StateAccount) throws(StateError) {
        if part.openOrdersMax > max(ordersMax, openOrdersMax) {
            throw refusal("account \(part.id)", "too many open orders allowed")
        }
        var account = Account(openOrdersMax: part.openOrdersMax)
        account.ownerSlot = part.ownerSlot
        account.isBlocked = part.isBlocked
        for key in part.keys {
            if key.nonceMark == UInt64.max { throw refusal("account \(part.id)", "a nonce mark that is no nonce") }
            account.keys[key.slot] = Key(
                bytes: key.key, flags: key.flags, isRevoked: key.isRevoked, nonceMark: key.nonceMark)
        }
        for balance in part.balances {
            let funds = Funds(available: Amount(balance.available), held: Amount(balance.held))
            account.balances[balance.asset] = funds
            assets[Int(balance.asset)].balances += funds.available + funds.held
        }
        accounts[part.id] = account
    }

    private mutating func restore(_ part: StateOrder) throws(StateError) {
        let listing = listings[Int(part.instrument)]
        var order = Order(
            id: part.id, clientOrderId: part.clientOrderId, account: part.account, instrument: part.instrument,
            side: part.side, price: part.priceTicks, open: part.openLots, carry: Amount(part.carry), takerRate: 0,
            makerRate: part.makerRate, selfTradePrevention: part.selfTradePrevention, isPostOnly: part.isPostOnly,
            rests: true)
        let isNamed =
            part.clientOrderId != 0 && part.clientOrderId != Null.u64
            && names[Name(account: part.account, clientOrderId: part.clientOrderId)] == nil
        let hasRate =
            (-100_000...100_000).contains(part.makerRate) && (listing.feeMode == .quote || part.makerRate >= 0)
            && part.carry < 1_000_000
        let isInRange = part.priceTicks >= listing.priceMin && part.priceTicks <= listing.priceMax
        if !isNamed || !hasRate || !isInRange || part.openLots == UInt32.max {
            throw refusal("order \(part.id)", "it cannot have been accepted so")
        }
        order.hold = Fees.hold(order, listing)
        let notional = Amount(order.price) * Amount(order.open) * listing.tickValue
        if order.hold > amountMax || notional > amountMax || Amount(order.open) * listing.lotSize > amountMax {
            throw refusal("order \(part.id)", "an amount above 2^63 - 1")
        }
        insert(order)
    }

    /// Nothing that rests would trade.
    private func checkBooks() throws(StateError) {
        for (id, listing) in listings.enumerated() {
            if let bid = listing.best(.buy), let ask = listing.best(.sell), bid >= ask {
                throw refusal("instrument \(id)", "orders that would trade")
            }
        }
    }

    /// What is held is what the orders need, and balances add up to the totals.
    private func checkMoney() throws(StateError) {
        for (id, account) in accounts {
            var needed: [UInt32: Amount] = [:]
            for order in account.openOrders.map({ orders[$0]! }) { needed[heldAsset(order), default: 0] += order.hold }
            let held = account.balances.mapValues(\.held).filter { $0.value != 0 }
            if needed.filter({ $0.value != 0 }) != held {
                throw refusal("account \(id)", "what is held is not what its orders need")
            }
        }
        for (id, asset) in assets.enumerated() where asset.balances != asset.total {
            throw refusal("asset \(id)", "balances of \(asset.balances), expected its total \(asset.total)")
        }
    }
}
