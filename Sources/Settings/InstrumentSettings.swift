/// In which asset a fee is taken.
public enum FeeMode: String, CaseIterable, Sendable {
    /// Both sides pay in the quote asset.
    case quote
    /// Each side pays in the asset that it receives.
    case received
}

/// The state that an instrument is listed in.
public enum InstrumentState: String, CaseIterable, Sendable {
    /// Orders match as they come.
    case continuous
    /// Nothing is taken and nothing matches; orders may be cancelled.
    case halted
    /// As halted, outside the trading day.
    case closed
    /// Orders may only be cancelled.
    case cancelOnly = "cancel-only"
}

/// An instrument that the venue starts with (`[[venue.instrument]]`).
public struct InstrumentSettings: Equatable, Sendable {
    /// The venue's number for it; the feed's locate code is one more.
    public var id: UInt32
    /// 1 to 8 characters.
    public var symbol: String
    /// Id of the asset that is traded.
    public var base: UInt32
    /// Id of the asset that it is paid in.
    public var quote: UInt32
    /// Smallest units of the base asset in one lot.
    public var lotSize: UInt64
    /// Smallest units of the quote asset that one lot costs for each tick of price.
    public var tickValue: UInt64
    /// The feed's price (four decimals implied) of one tick.
    public var priceMultiplier: UInt32
    /// Lowest price of an order, in ticks.
    public var priceMinTicks: UInt32
    /// Highest price of an order, in ticks.
    public var priceMaxTicks: UInt32
    /// The price that the band is around before anything traded, in ticks.
    public var referencePriceTicks: UInt32
    /// Of the resting side, in hundredths of a basis point of the notional; negative is a rebate.
    public var makerFee: Int32
    /// Of the incoming side, in hundredths of a basis point of the notional.
    public var takerFee: Int32
    /// In which asset fees are taken.
    public var feeMode: FeeMode
    /// Largest quantity of an order, in lots.
    public var quantityMaxLots: UInt32
    /// Largest notional of an order, in smallest units of the quote asset.
    public var notionalMax: UInt64
    /// How far from the reference price an order's price may be, in basis points.
    public var bandBasisPoints: UInt32
    /// How far from the best price a market order may trade, in basis points.
    public var protectionBasisPoints: UInt32
    /// The state that it is listed in.
    public var state: InstrumentState

    /// Most prices that the range of an instrument has.
    static let pricesMax: UInt32 = 1 << 24

    /// Price levels that the listing takes: one a side for each price of its range.
    public var levelCount: UInt64 { 2 * (UInt64(priceMaxTicks) - UInt64(priceMinTicks) + 1) }

    /// The settings with these values, unchecked: they come from a journal, where they were checked.
    public init(
        id: UInt32, symbol: String, base: UInt32, quote: UInt32, lotSize: UInt64, tickValue: UInt64,
        priceMultiplier: UInt32, priceMinTicks: UInt32, priceMaxTicks: UInt32, referencePriceTicks: UInt32,
        makerFee: Int32, takerFee: Int32, feeMode: FeeMode, quantityMaxLots: UInt32, notionalMax: UInt64,
        bandBasisPoints: UInt32, protectionBasisPoints: UInt32, state: InstrumentState
    ) {
        self.id = id
        self.symbol = symbol
        self.base = base
        self.quote = quote
        self.lotSize = lotSize
        self.tickValue = tickValue
        self.priceMultiplier = priceMultiplier
        self.priceMinTicks = priceMinTicks
        self.priceMaxTicks = priceMaxTicks
        self.referencePriceTicks = referencePriceTicks
        self.makerFee = makerFee
        self.takerFee = takerFee
        self.feeMode = feeMode
        self.quantityMaxLots = quantityMaxLots
        self.notionalMax = notionalMax
        self.bandBasisPoints = bandBasisPoints
        self.protectionBasisPoints = protectionBasisPoints
        self.state = state
    }

    static let keys = [
        "id", "symbol", "base", "quote", "lot_size", "tick_value", "price_multiplier", "price_min", "price_max",
        "reference_price", "maker_fee", "taker_fee", "fee_mode", "quantity_max", "notional_max", "band_bps",
        "protection_bps", "state",
    ]
    /// The feed's largest price, 200,000.0000.
    static let feedPriceMax: UInt64 = 2_000_000_000
    /// Amounts in a TOML file are signed.
    static let amountMax = UInt64(Int64.max)

    init(_ reader: TableReader, idMax: UInt32, assets: [AssetSettings]) throws(SettingsError) {
        id = try reader.integer("id", 0...idMax, "instrument id, below instruments_max")
        symbol = try reader.string("symbol", Symbol.expected, where: Symbol.isValid)
        base = try InstrumentSettings.asset(reader, "base", assets)
        quote = try InstrumentSettings.asset(reader, "quote", assets)
        lotSize = try reader.integer("lot_size", 1...Self.amountMax, "base units a lot")
        tickValue = try reader.integer("tick_value", 1...Self.amountMax, "quote units a lot and tick")
        priceMultiplier = try reader.integer("price_multiplier", 1...2_000_000_000, "feed price units a tick")
        priceMinTicks = try reader.integer("price_min", 1...4_294_967_294, "ticks")
        priceMaxTicks = try reader.integer("price_max", 1...4_294_967_294, "ticks")
        referencePriceTicks = try reader.integer("reference_price", 1...4_294_967_294, "ticks")
        makerFee = try reader.integer("maker_fee", -100_000...100_000, "hundredths of a basis point")
        takerFee = try reader.integer("taker_fee", 0...100_000, "hundredths of a basis point")
        feeMode = try reader.word("fee_mode")
        quantityMaxLots = try reader.integer("quantity_max", 1...4_294_967_294, "lots")
        notionalMax = try reader.integer("notional_max", 1...Self.amountMax, "quote units")
        bandBasisPoints = try reader.integer("band_bps", 1...1_000_000, "basis points")
        protectionBasisPoints = try reader.integer("protection_bps", 1...1_000_000, "basis points")
        state = try reader.word("state")
        try validate(reader)
    }

    /// The id of the asset that a key names by its symbol.
    private static func asset(
        _ reader: TableReader, _ key: String, _ assets: [AssetSettings]
    ) throws(SettingsError) -> UInt32 {
        let symbols = assets.map { "\"\($0.symbol)\"" }.joined(separator: ", ")
        let symbol = try reader.string(key, "the symbol of an asset: \(symbols)") { text in
            assets.contains { $0.symbol == text }
        }
        return assets.first { $0.symbol == symbol }!.id
    }

    private func validate(_ reader: TableReader) throws(SettingsError) {
        guard base != quote else {
            throw .inconsistent(key: reader.name("quote"), reason: "is the base asset as well")
        }
        guard priceMinTicks <= priceMaxTicks else {
            throw .inconsistent(
                key: reader.name("price_max"), reason: "\(priceMaxTicks) is below price_min = \(priceMinTicks)")
        }
        guard (priceMinTicks...priceMaxTicks).contains(referencePriceTicks) else {
            throw .inconsistent(
                key: reader.name("reference_price"),
                reason: "\(referencePriceTicks) is outside price_min … price_max")
        }
        guard UInt64(priceMaxTicks) * UInt64(priceMultiplier) <= Self.feedPriceMax else {
            throw .inconsistent(
                key: reader.name("price_multiplier"),
                reason: "price_max × price_multiplier is above the feed's largest price, \(Self.feedPriceMax)")
        }
        guard makerFee >= -takerFee else {
            throw .inconsistent(
                key: reader.name("maker_fee"), reason: "a rebate of \(-makerFee) exceeds taker_fee = \(takerFee)")
        }
        guard feeMode == .quote || makerFee >= 0 else {
            throw .inconsistent(
                key: reader.name("maker_fee"), reason: "a rebate of \(-makerFee) needs fee_mode = \"quote\"")
        }
        guard priceMaxTicks - priceMinTicks < Self.pricesMax else {
            throw .inconsistent(
                key: reader.name("price_max"), reason: "more than \(Self.pricesMax) prices from price_min to price_max")
        }
        guard !lotSize.multipliedReportingOverflow(by: UInt64(quantityMaxLots)).overflow else {
            throw .inconsistent(
                key: reader.name("quantity_max"), reason: "lot_size × quantity_max does not fit 64 bits")
        }
    }
}
