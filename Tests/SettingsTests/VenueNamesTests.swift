import Testing

@testable import Settings

@Suite struct VenueNamesTests {
    @Test func aSymbolAndANumberNameTheSame() throws {
        let venue = try NodeSettings.load(Configuration.path).venue
        for asset in venue.assets {
            #expect(try venue.asset(named: asset.symbol) == asset && venue.asset(named: "\(asset.id)") == asset)
        }
        for instrument in venue.instruments {
            #expect(try venue.instrument(named: instrument.symbol) == instrument)
            #expect(try venue.instrument(named: "\(instrument.id)") == instrument)
        }
    }

    @Test func anyOtherNameIsToldWhatWasExpected() throws {
        let venue = try NodeSettings.load(Configuration.path).venue
        for name in ["", "usd", "USD ", "00", "+0", "3", "XYZ"] {
            #expect(throws: UnknownName(description: "asset \(name): expected one of USD, BTC, ETH")) {
                try venue.asset(named: name)
            }
            #expect(throws: UnknownName.self) { try venue.instrument(named: name) }
        }
    }

    @Test func aSymbolThatIsTheNumberOfAnotherIsNeither() throws {
        var venue = try NodeSettings.load(Configuration.path).venue
        venue.assets[0].symbol = "1"
        #expect(throws: UnknownName.self) { try venue.asset(named: "1") }
        #expect(try venue.asset(named: "0").id == 0)
        venue.assets[0].symbol = "0"
        #expect(try venue.asset(named: "0").id == 0)
    }
}
