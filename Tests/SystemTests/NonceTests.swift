import Cryptography
import Testing
import Wire

/// The nonce rule over the wire, and across a restart: the memory of it is rebuilt from the journal.
@Suite struct NonceTests {
    @Test func eachCaseOfTheRuleAlsoAfterARestart() throws {
        let venue = try VenueFixture()
        let market = Market()
        let first = Commands.order(Market.sellerAccount, .sell, 100_000, 10, nonce: 10)
        var original: [UInt8] = []
        var node = try NodeProcess(venue.configurationFile)
        try market.open(node.orderEntryPort, venue)
        for round in 0..<2 {
            let client = try market.client(node.orderEntryPort, venue)
            func ask(_ message: [UInt8]) throws -> Received {
                try client.send(message, by: market.seller)
                return try client.receive()
            }
            if round == 0 {
                let accepted = try ask(first)
                #expect(accepted.template == Template.orderAccepted && !accepted.isResent)
                original = accepted.bytes
            }
            let again = try ask(first)
            #expect(again.isResent)
            #expect(again.bytes.count == original.count)
            #expect(again.sequence == original.withUnsafeBytes { OrderAcceptedMessage($0.baseAddress!).sequence })
            let conflict = try ask(Commands.order(Market.sellerAccount, .sell, 100_000, 11, nonce: 10))
            #expect(conflict.reason == .nonceConflict && conflict.sequence == 0 && conflict.expected == 10)
            let low = try ask(Commands.order(Market.sellerAccount, .sell, 100_000, 10, nonce: 9))
            #expect(low.reason == .nonceTooLow && low.sequence == 0 && low.expected == 10)
            #expect(low.durability == .notJournaled)
            let largest = try ask(Commands.order(Market.sellerAccount, .sell, 100_000, 10, nonce: .max))
            #expect(largest.reason == .nonceInvalid && largest.expected == 10)
            if round == 0 {
                #expect(node.stop() == 0)
                node = try NodeProcess(venue.configurationFile)
            }
        }
        let client = try market.client(node.orderEntryPort, venue)
        try client.send(Commands.order(Market.sellerAccount, .sell, 100_000, 10, nonce: 5_000), by: market.seller)
        #expect(try client.receive().template == Template.orderAccepted, "gaps are allowed")
        #expect(node.stop() == 0)
        let content = try JournalContent(venue.directory + "/journal")
        let orders = content.entries.filter { entry in
            entry.kind == .command
                && entry.command.withUnsafeBytes { MessageHeader($0.baseAddress!).templateId } == Template.newOrder
        }
        #expect(orders.count == 2, "none of the refused was journaled")
    }

    @Test func ordersOfAnotherAreRefusedToAStranger() throws {
        let venue = try VenueFixture()
        let market = Market()
        let node = try NodeProcess(venue.configurationFile)
        try market.open(node.orderEntryPort, venue)
        let owner = try RawClient.established(node.orderEntryPort, venue, [(Market.sellerAccount, market.seller)])
        let order = Commands.order(Market.sellerAccount, .sell, 100_000, 10, nonce: 1)
        try owner.send(order, by: market.seller)
        #expect(try owner.receive().template == Template.orderAccepted)
        let stranger = try RawClient.established(node.orderEntryPort, venue, [(Market.buyerAccount, market.buyer)])
        try stranger.send(order, by: market.seller)
        #expect(try stranger.receive().reason == .accountNotAttached)
        #expect(node.stop() == 0)
    }
}
