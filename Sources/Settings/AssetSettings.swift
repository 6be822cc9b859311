/// An asset that the venue starts with (`[[venue.asset]]`).
public struct AssetSettings: Equatable, Sendable {
    /// The venue's number for it.
    public var id: UInt32
    /// 1 to 8 characters: capital letters, digits, hyphens and dots.
    public var symbol: String
    /// Decimal places of one whole unit; amounts are counted in the smallest.
    public var decimals: UInt8

    /// The settings with these values, unchecked: they come from a journal, where they were checked.
    public init(id: UInt32, symbol: String, decimals: UInt8) {
        self.id = id
        self.symbol = symbol
        self.decimals = decimals
    }

    static let keys = ["id", "symbol", "decimals"]

    init(_ reader: TableReader, idMax: UInt32) throws(SettingsError) {
        id = try reader.integer("id", 0...idMax, "asset id, below assets_max")
        symbol = try reader.string("symbol", Symbol.expected, where: Symbol.isValid)
        decimals = try reader.integer("decimals", 0...18, "decimal places")
    }
}

/// Symbols of assets and instruments: what fits the feed's eight characters.
enum Symbol {
    static let expected = "1 to 8 capital letters, digits, hyphens or dots"

    static func isValid(_ text: String) -> Bool {
        (1...8).contains(text.utf8.count)
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"),
                    UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }
}
