import Settings
import Wire

/// What the journal says of the venue's `[venue]` tables, gathered from its records: the capacities of genesis, the
/// listings, and the limits that were set since. Compared with the configuration at every start.
public struct JournaledVenue: Sendable {
    /// The tables as the journal has them; nil before the genesis record.
    public private(set) var settings: VenueSettings?
    /// Whether the feed session was ended by a journaled command, and none has begun since.
    public private(set) var feedHasEnded = false

    public init() {}

    /// Before anything but genesis.
    public init(genesis: GenesisMessage) { settings = Self.capacities(genesis) }

    /// Takes the next record. Its effects have been compared already.
    public mutating func take(_ record: RecordView) {
        switch record.kind {
        case .genesis: settings = Self.capacities(GenesisMessage(record.command))
        case .restart: takeEffects(record)
        case .command where CommandHeader(record.command).templateId < Template.newOrder: takeEffects(record)
        default: break
        }
    }

    private mutating func takeEffects(_ record: RecordView) {
        var effects = record.effects
        while let effect = effects.read() {
            switch effect.template {
            case Template.assetListed: list(ListAssetMessage(record.command))
            case Template.instrumentListed: list(ListInstrumentMessage(record.command))
            case Template.limitsChanged: change(SetLimitsMessage(record.command))
            case Template.tradingStateChanged:
                if TradingStateChangedMessage(effect.base).state == .endOfMessages { feedHasEnded = true }
            case Template.feedSessionStarted: feedHasEnded = false
            default: break
            }
        }
    }

    /// Takes a command that is not in the journal yet, as if the venue took it: what the tables will be at best.
    public mutating func expect(_ command: UnsafeRawPointer) {
        switch MessageHeader(command).templateId {
        case Template.listAsset:
            let asset = ListAssetMessage(command)
            if asset.asset == UInt32(settings?.assets.count ?? 0) { list(asset) }
        case Template.listInstrument:
            let listing = ListInstrumentMessage(command)
            if listing.instrument == UInt32(settings?.instruments.count ?? 0) { list(listing) }
        case Template.setLimits: change(SetLimitsMessage(command))
        default: break
        }
    }

    private static func capacities(_ genesis: GenesisMessage) -> VenueSettings {
        VenueSettings(
            name: FixedText.string(UInt64(genesis.venueName), 4), promiseSeconds: genesis.promiseSeconds,
            rulesVersion: genesis.rulesVersion, accountsMax: genesis.accountsMax, keySlotsPerAccount: genesis.keySlots,
            assetsMax: genesis.assetsMax, instrumentsMax: genesis.instrumentsMax, ordersMax: genesis.ordersMax,
            levelsMax: genesis.levelsMax, referencesMax: genesis.referencesMax, openOrdersMax: genesis.openOrdersMax,
            assets: [], instruments: [])
    }

    private mutating func list(_ asset: ListAssetMessage) {
        settings?.assets.append(
            AssetSettings(id: asset.asset, symbol: FixedText.string(asset.symbol), decimals: asset.decimals))
    }

    private mutating func list(_ listing: ListInstrumentMessage) {
        settings?.instruments.append(
            InstrumentSettings(
                id: listing.instrument, symbol: FixedText.string(listing.symbol), base: listing.baseAsset,
                quote: listing.quoteAsset, lotSize: listing.lotSize, tickValue: listing.tickValue,
                priceMultiplier: listing.priceMultiplier, priceMinTicks: listing.priceMinTicks,
                priceMaxTicks: listing.priceMaxTicks, referencePriceTicks: listing.referencePriceTicks,
                makerFee: listing.makerFee, takerFee: listing.takerFee,
                feeMode: listing.feeMode == .received ? .received : .quote,
                quantityMaxLots: UInt32(clamping: listing.quantityMaxLots), notionalMax: listing.notionalMax,
                bandBasisPoints: listing.bandBasisPoints, protectionBasisPoints: listing.protectionBasisPoints,
                state: Self.state(listing.state)))
    }

    private static func state(_ state: TradingState?) -> InstrumentState {
        switch state {
        case .halted: .halted
        case .closed: .closed
        case .cancelOnly: .cancelOnly
        default: .continuous
        }
    }

    /// Limits of an instrument; those of an account are in no table.
    private mutating func change(_ limits: SetLimitsMessage) {
        guard limits.scope == .instrument,
            let index = settings?.instruments.firstIndex(where: { $0.id == limits.target })
        else { return }
        func set<Value: Equatable>(_ place: WritableKeyPath<InstrumentSettings, Value>, _ value: Value, null: Value) {
            if value != null { settings?.instruments[index][keyPath: place] = value }
        }
        set(\.bandBasisPoints, limits.bandBasisPoints, null: Null.u32)
        set(\.protectionBasisPoints, limits.protectionBasisPoints, null: Null.u32)
        set(\.makerFee, limits.makerFee, null: Null.i32)
        set(\.takerFee, limits.takerFee, null: Null.i32)
        set(\.notionalMax, limits.notionalMax, null: Null.u64)
        if limits.quantityMaxLots != Null.u64 {
            settings?.instruments[index].quantityMaxLots = UInt32(clamping: limits.quantityMaxLots)
        }
    }

    /// Where a configuration is not what the journal says, and what would make it so; nil when they are equal.
    public func difference(from configured: VenueSettings) -> String? {
        guard let settings else { preconditionFailure("a journal without genesis") }
        let differences = configured.differences(from: settings)
        if differences.isEmpty { return nil }
        var text = "the [venue] tables differ from the journal:"
        let missing = configured.listingsMissing(from: settings)
        let changed = differences.filter { $0.configured != nil }
        for difference in changed { text += "\n  \(difference)" }
        if !changed.isEmpty { text += "\n\(Self.advice)" }
        if missing.isEmpty { return text }
        return text + "\nNo command takes a listing back: add to the configuration what the journal has.\n\n\(missing)"
    }

    private static let advice = """
        Listings and limits are the operator's to change: `keys apply --config FILE` signs the commands that make \
        the journal follow the configuration, and the next start takes them. Capacities, the name and the rules \
        are for ever: correct the configuration.
        """
}
