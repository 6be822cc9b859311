import Testing

@testable import Settings

@Suite struct VenueDifferenceTests {
    let venue: VenueSettings

    init() throws { venue = try NodeSettings(Configuration.text).venue }

    @Test("the same tables do not differ")
    func same() {
        #expect(venue.differences(from: venue).isEmpty)
    }

    @Test("a value that was edited is shown with both values")
    func edited() {
        var configured = venue
        configured.promiseSeconds = 61
        configured.instruments[1].takerFee = 7
        #expect(
            configured.differences(from: venue).map(\.description) == [
                "venue.promise_seconds: configuration 61, journal 60",
                "venue.instrument[1].taker_fee: configuration 7, journal 500",
            ])
    }

    @Test("an instrument that is only on one side is shown; the order of the file does not matter")
    func listed() {
        var configured = venue
        configured.instruments.reverse()
        configured.assets.reverse()
        #expect(configured.differences(from: venue).isEmpty)
        configured.instruments.removeFirst()
        let differences = configured.differences(from: venue)
        #expect(!differences.isEmpty)
        #expect(differences.allSatisfy { $0.key.hasPrefix("venue.instrument[2].") && $0.configured == nil })
        let reverse = venue.differences(from: configured)
        #expect(reverse.count == differences.count && reverse.allSatisfy { $0.journaled == nil })
    }

    @Test("every value of the tables is compared")
    func everyValue() {
        // What the description has is what is compared, and the description reads back complete.
        let lines = venue.describe().split(separator: "\n").filter { $0.contains(" = ") && !$0.hasPrefix("id = ") }
        var other = venue
        other.assets = []
        other.instruments = []
        let differences = venue.differences(from: other)
        #expect(differences.count + 11 == lines.count)
    }
}
