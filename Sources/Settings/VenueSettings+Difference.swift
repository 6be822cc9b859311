/// A key of the `[venue]` tables whose value in the configuration is not that in the journal.
public struct VenueDifference: Equatable, Sendable, CustomStringConvertible {
    /// Full name, with the asset's or instrument's id in brackets: `venue.instrument[0].band_bps`.
    public var key: String
    /// The value in the configuration, as TOML; nil when the entry is not there.
    public var configured: String?
    /// The value in the journal, as TOML; nil when the entry is not there.
    public var journaled: String?

    public var description: String {
        "\(key): configuration \(configured ?? "nothing"), journal \(journaled ?? "nothing")"
    }
}

extension VenueSettings {
    /// What a configuration has otherwise than the journal, in the order of the file; empty when they agree.
    public func differences(from journal: VenueSettings) -> [VenueDifference] {
        let ours = entries(), theirs = journal.entries()
        let values = Dictionary(uniqueKeysWithValues: theirs)
        let known = Set(ours.map(\.0))
        var differences: [VenueDifference] = []
        for (key, value) in ours where values[key] != value {
            differences.append(VenueDifference(key: key, configured: value, journaled: values[key]))
        }
        for (key, value) in theirs where !known.contains(key) {
            differences.append(VenueDifference(key: key, configured: nil, journaled: value))
        }
        return differences
    }

    /// The listings of a journal that a configuration lacks, as the TOML to add to it; empty when it lacks none.
    public func listingsMissing(from journal: VenueSettings) -> String {
        var out = Document()
        for asset in journal.assets where !assets.contains(where: { $0.id == asset.id }) {
            journal.describe(asset, &out)
        }
        for instrument in journal.instruments where !instruments.contains(where: { $0.id == instrument.id }) {
            journal.describe(instrument, &out)
        }
        return out.text
    }

    /// Every key with its value as TOML; assets and instruments are told apart by their id, not their place.
    private func entries() -> [(String, String)] {
        var table = ""
        var entries: [(String, String)] = []
        for line in describe().split(separator: "\n") {
            let parts = line.split(separator: " ", maxSplits: 2).map(String.init)
            switch (line, parts.first) {
            case ("[venue]", _): table = "venue"
            case ("[[venue.asset]]", _): table = "venue.asset"
            case ("[[venue.instrument]]", _): table = "venue.instrument"
            // The id is the first key of its table; "[]" stands for no entries at all.
            case (_, "id") where table.hasPrefix("venue."): table += "[\(parts[2])]"
            case _ where parts.count == 3 && parts[2] != "[]": entries.append(("\(table).\(parts[0])", parts[2]))
            default: break
            }
        }
        return entries
    }
}
