import Book
import Ledger
import Wire

/// A venue of a state (STA-1). Orders that were accepted are put back in ascending id: that is their order at every
/// price (TRD-1). Holds follow from orders (FEE-4), and have to be those that the balances say.
extension Venue: RestorableVenue {
    public static func restored(
        from state: CanonicalState, sequence: UInt64, time: UInt64
    ) throws(StateError) -> Venue {
        guard sequence >= 1 else { throw .value(part: "state", offset: 0, "sequence 0") }
        if let refusal = state.withGenesis({ capacityRefusal($0) }) { throw refusal }
        var venue = state.withGenesis { Venue(genesis: $0) }
        venue.lastSequence = sequence
        venue.lastTime = time
        try venue.restore(state.venue)
        try venue.restoreAssets(state)
        try venue.restoreInstruments(state)
        for number in 0..<state.accountCount {
            let account = state.account(at: number)
            try venue.check(account)
            venue.ledger.restore(account)
        }
        for number in 0..<state.referenceCount { venue.ledger.addReference(state.reference(at: number)) }
        try venue.restoreOrders(state)
        return venue
    }

    static func refusal(_ part: String, _ number: Int, _ text: String) -> StateError {
        .value(part: "\(part) \(number)", offset: 0, text)
    }

    /// What `init(genesis:)` takes for granted.
    private static func capacityRefusal(_ genesis: GenesisMessage) -> StateError? {
        guard bookCapacity(genesis).isValid else { return .capacity("the books cannot have them") }
        guard genesis.accountsMax >= 3, genesis.keySlots >= 1, genesis.keySlots <= 1 << 16,
            genesis.assetsMax <= 1 << 16, genesis.referencesMax <= 1 << 30
        else { return .capacity("the ledger cannot have them") }
        return nil
    }

    private mutating func restore(_ part: StateVenue) throws(StateError) {
        guard part.lastOrderId <= UInt64(Int64.max), part.lastMatchNumber <= UInt64(Int64.max),
            part.feedGeneration >= 1, part.feedGeneration < UInt32.max
        else { throw .value(part: "venue", offset: 0, "a counter that cannot be") }
        state = part.state
        isBlocked = part.isBlocked
        feedGeneration = part.feedGeneration
        for key in 0..<4 { venueKeys[key] = part.keys[key] }
        lastOrderId = part.lastOrderId
        lastMatchNumber = part.lastMatchNumber
    }

    private mutating func restoreAssets(_ state: CanonicalState) throws(StateError) {
        var symbols: Set<UInt64> = []
        for (id, asset) in state.assets.enumerated() {
            guard asset.decimals <= 18, FixedText.isSymbol(asset.symbol), symbols.insert(asset.symbol).inserted,
                asset.total <= Ledger.amountMax
            else { throw Self.refusal("asset", id, "it cannot have been listed so") }
            ledger.restore(asset)
        }
    }

    private mutating func restoreInstruments(_ state: CanonicalState) throws(StateError) {
        var symbols: Set<UInt64> = []
        for (id, part) in state.instruments.enumerated() {
            let states: [TradingState] = [.continuous, .closed, .cancelOnly, .halted]
            let money = 1...Ledger.amountMax
            guard FixedText.isSymbol(part.symbol), symbols.insert(part.symbol).inserted, states.contains(part.state),
                money.contains(part.lotSize), money.contains(part.tickValue), money.contains(part.notionalMax),
                part.priceMultiplier != 0, (1...UInt64(UInt32.max - 1)).contains(part.quantityMaxLots),
                part.bandBasisPoints <= 1_000_000, part.protectionBasisPoints <= 1_000_000,
                part.priceMinTicks >= 1, part.priceMinTicks <= part.referencePriceTicks,
                part.referencePriceTicks <= part.priceMaxTicks,
                UInt64(part.priceMaxTicks) * UInt64(part.priceMultiplier) <= Limits.itchPriceMax,
                Fee.isValid(maker: part.makerFee, taker: part.takerFee, mode: part.feeMode)
            else { throw Self.refusal("instrument", id, "it cannot have been listed so") }
            instruments[id] = Instrument(
                symbol: part.symbol, lotSize: part.lotSize, tickValue: part.tickValue,
                quantityMaxLots: part.quantityMaxLots, notionalMax: part.notionalMax, baseAsset: part.baseAsset,
                quoteAsset: part.quoteAsset, priceMultiplier: part.priceMultiplier,
                priceMinTicks: part.priceMinTicks, priceMaxTicks: part.priceMaxTicks,
                referencePriceTicks: part.referencePriceTicks, bandBasisPoints: part.bandBasisPoints,
                protectionBasisPoints: part.protectionBasisPoints, makerFee: part.makerFee, takerFee: part.takerFee,
                feeMode: part.feeMode, state: part.state)
            instrumentCount += 1
            do throws(BookError) {
                try books.list(
                    instrument: UInt32(id), minPriceTicks: part.priceMinTicks, maxPriceTicks: part.priceMaxTicks)
            } catch { throw Self.refusal("instrument", id, "\(error)") }
        }
    }

    private func check(_ account: StateAccount) throws(StateError) {
        guard Int(account.openOrdersMax) <= max(books.capacity.orders, Int(openOrdersMax)) else {
            throw Self.refusal("account", Int(account.id), "at most \(account.openOrdersMax) open orders")
        }
        for key in account.keys where key.nonceMark == UInt64.max {
            throw Self.refusal("account", Int(account.id), "a nonce mark that is no nonce")
        }
        for balance in account.balances {
            let sum = UInt128(balance.available) + UInt128(balance.held)
            guard sum <= UInt128(Ledger.amountMax) else {
                throw Self.refusal("account", Int(account.id), "a balance above 2^63 - 1")
            }
        }
    }
}
