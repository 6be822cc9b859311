/// Everything that can change an effect (`[venue]`). It is written to the journal when the genesis is made, and by
/// operator-signed commands later; a node whose journal says otherwise refuses to start.
public struct VenueSettings: Equatable, Sendable {
    /// Four characters; the first half of the feed's session name.
    public var name: String
    /// Within how many seconds a record is published; written into the venue's id.
    public var promiseSeconds: UInt32
    /// Version of the rule book.
    public var rulesVersion: UInt32
    /// Accounts that there can be.
    public var accountsMax: UInt32
    /// Key slots of each account, for ever.
    public var keySlotsPerAccount: UInt32
    /// Assets that there can be.
    public var assetsMax: UInt32
    /// Instruments that there can be.
    public var instrumentsMax: UInt32
    /// Resting orders at a time, over all books.
    public var ordersMax: UInt32
    /// Price levels over all books: the sum of the instruments' price ranges.
    public var levelsMax: UInt32
    /// Deposit references that are remembered, each once and for ever.
    public var referencesMax: UInt32
    /// Open orders of an account, unless its limits say otherwise.
    public var openOrdersMax: UInt32
    /// The assets that the venue starts with.
    public var assets: [AssetSettings]
    /// The instruments that the venue starts with.
    public var instruments: [InstrumentSettings]

    /// The settings with these values, unchecked: they come from a journal, where they were checked.
    public init(
        name: String, promiseSeconds: UInt32, rulesVersion: UInt32, accountsMax: UInt32, keySlotsPerAccount: UInt32,
        assetsMax: UInt32, instrumentsMax: UInt32, ordersMax: UInt32, levelsMax: UInt32, referencesMax: UInt32,
        openOrdersMax: UInt32, assets: [AssetSettings], instruments: [InstrumentSettings]
    ) {
        self.name = name
        self.promiseSeconds = promiseSeconds
        self.rulesVersion = rulesVersion
        self.accountsMax = accountsMax
        self.keySlotsPerAccount = keySlotsPerAccount
        self.assetsMax = assetsMax
        self.instrumentsMax = instrumentsMax
        self.ordersMax = ordersMax
        self.levelsMax = levelsMax
        self.referencesMax = referencesMax
        self.openOrdersMax = openOrdersMax
        self.assets = assets
        self.instruments = instruments
    }

    static let keys = [
        "name", "promise_seconds", "rules_version", "accounts_max", "key_slots_per_account", "assets_max",
        "instruments_max", "orders_max", "levels_max", "references_max", "open_orders_max", "asset", "instrument",
    ]

    init(_ reader: TableReader) throws(SettingsError) {
        name = try reader.string("name", "4 capital letters or digits") { text in
            text.utf8.count == 4 && Symbol.isValid(text) && !text.contains { $0 == "-" || $0 == "." }
        }
        promiseSeconds = try reader.integer("promise_seconds", 1...86_400, "seconds")
        rulesVersion = try reader.integer("rules_version", 1...1, "version of the rule book")
        accountsMax = try reader.integer("accounts_max", 3...16_777_216, "accounts")
        keySlotsPerAccount = try reader.integer("key_slots_per_account", 2...16, "key slots an account")
        assetsMax = try reader.integer("assets_max", 1...1_024, "assets")
        instrumentsMax = try reader.integer("instruments_max", 1...65_534, "instruments")
        ordersMax = try reader.integer("orders_max", 1_024...268_435_456, "orders")
        levelsMax = try reader.integer("levels_max", 1...1_073_741_824, "price levels")
        referencesMax = try reader.integer("references_max", 1_024...268_435_456, "deposit references")
        openOrdersMax = try reader.integer("open_orders_max", 1...268_435_456, "orders an account")

        var assets: [AssetSettings] = []
        for table in try reader.tables("asset", keys: AssetSettings.keys) {
            assets.append(try AssetSettings(table, idMax: assetsMax - 1))
        }
        try VenueSettings.unique(assets.map { ($0.id, $0.symbol) }, reader.name("asset"))
        self.assets = assets
        var instruments: [InstrumentSettings] = []
        for table in try reader.tables("instrument", keys: InstrumentSettings.keys) {
            instruments.append(try InstrumentSettings(table, idMax: instrumentsMax - 1, assets: assets))
        }
        self.instruments = instruments
        try validate(reader)
    }

    private func validate(_ reader: TableReader) throws(SettingsError) {
        try VenueSettings.unique(instruments.map { ($0.id, $0.symbol) }, reader.name("instrument"))
        guard openOrdersMax <= ordersMax else {
            throw .inconsistent(
                key: reader.name("open_orders_max"), reason: "\(openOrdersMax) is more than orders_max = \(ordersMax)")
        }
        let levels = instruments.reduce(0) { $0 + $1.levelCount }
        guard levels <= UInt64(levelsMax) else {
            throw .inconsistent(
                key: reader.name("levels_max"),
                reason: "\(levelsMax) is less than \(levels), two for each price of all instruments")
        }
    }

    private static func unique(_ entries: [(id: UInt32, symbol: String)], _ key: String) throws(SettingsError) {
        var ids: Set<UInt32> = []
        var symbols: Set<String> = []
        for (index, entry) in entries.enumerated() {
            guard ids.insert(entry.id).inserted else {
                throw .inconsistent(key: "\(key)[\(index)].id", reason: "\(entry.id) is given twice")
            }
            // Rules AST-1 and INS-1: a listing takes the next number, so any other is refused by the venue.
            guard entry.id == UInt32(index) else {
                throw .inconsistent(
                    key: "\(key)[\(index)].id",
                    reason: "\(entry.id) where \(index) comes next: numbers are 0, 1, 2, … in the order of the file")
            }
            guard symbols.insert(entry.symbol).inserted else {
                throw .inconsistent(key: "\(key)[\(index)].symbol", reason: "\"\(entry.symbol)\" is given twice")
            }
        }
    }
}
