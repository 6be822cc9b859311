/// A name for none of the configured things, or for two: what was expected.
public struct UnknownName: Error, Equatable, Sendable, CustomStringConvertible {
    public let description: String
}

/// Assets and instruments as a command line names them.
extension VenueSettings {
    /// An asset by its symbol or its number.
    public func asset(named name: String) throws(UnknownName) -> AssetSettings {
        assets[try Self.index(of: name, "asset", assets.map { ($0.id, $0.symbol) })]
    }

    /// An instrument by its symbol or its number.
    public func instrument(named name: String) throws(UnknownName) -> InstrumentSettings {
        instruments[try Self.index(of: name, "instrument", instruments.map { ($0.id, $0.symbol) })]
    }

    /// A name that is the symbol of one and the number of another is neither: nobody should have to know which comes
    /// first.
    private static func index(
        of name: String, _ kind: String, _ entries: [(id: UInt32, symbol: String)]
    ) throws(UnknownName) -> Int {
        let found = entries.indices.filter { entries[$0].symbol == name || "\(entries[$0].id)" == name }
        guard found.count == 1 else {
            let symbols = entries.map(\.symbol).joined(separator: ", ")
            throw UnknownName(description: "\(kind) \(name): expected one of \(symbols)")
        }
        return found[0]
    }
}
