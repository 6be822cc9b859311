/// A running node with two funded accounts.
struct RunningMarket {
    let venue: VenueFixture
    let node: NodeProcess
    let market = Market()

    init(_ layout: VenueFixture.Layout = .one, changing: [(String, String)] = []) throws {
        venue = try VenueFixture(layout, changing: changing)
        node = try NodeProcess(venue.configurationFile)
        try market.open(node.orderEntryPort, venue)
    }
}
