import Cryptography
import Testing
import Wire

/// What is journaled and what is only answered.
@Suite struct AuthenticityTests {
    @Test func messagesThatAreNoneAreAnsweredAndNotJournaled() throws {
        let venue = try VenueFixture()
        let market = Market()
        let node = try NodeProcess(venue.configurationFile)
        try market.open(node.orderEntryPort, venue)
        let client = try market.client(node.orderEntryPort, venue)
        let order = Commands.order(Market.buyerAccount, .buy, 90_000, 1, nonce: 1)
        func changed(_ offset: Int, _ value: UInt8) -> [UInt8] {
            var bytes = order
            bytes[offset] = value
            return bytes
        }
        let cases: [([UInt8], Reason)] = [
            (changed(2, 99), .unknownTemplate), (changed(4, 9), .unknownTemplate), (changed(6, 9), .unsupportedVersion),
            (changed(0, 71), .invalidLength), (Array(order.dropLast(8)), .invalidLength),
        ]
        for (message, reason) in cases {
            try client.send(message, by: market.buyer)
            let answer = try client.receive()
            #expect(answer.reason == reason && answer.sequence == 0)
        }
        // Authentic, with a value that the schema has not: journaled, and refused by the rules.
        try client.send(changed(8 + 28, 9), by: market.buyer)
        let refused = try client.receive()
        #expect(refused.reason == .invalidField && refused.sequence > 0 && refused.expected == 36)
        // Signed with another key, for an account that does not exist, in a slot that is empty.
        try client.send(Commands.order(Market.buyerAccount, .buy, 90_000, 1, nonce: 2), by: market.seller)
        #expect(try client.receive().reason == .badSignature)
        try client.send(Commands.order(4000, .buy, 90_000, 1, nonce: 2), by: market.buyer)
        #expect(try client.receive().reason == .accountNotAttached)
        try client.send(Commands.order(Market.buyerAccount, .buy, 90_000, 1, nonce: 2, slot: 5), by: market.buyer)
        #expect(try client.receive().reason == .unknownKey)
        try client.send(
            Commands.order(Market.buyerAccount, .buy, 90_000, 1, nonce: 2, deadline: 1), by: market.buyer)
        #expect(try client.receive().reason == .deadlinePassed)
        try client.send(
            Commands.order(Market.buyerAccount, .buy, 90_000, 1, nonce: 3, instrument: 77), by: market.buyer)
        #expect(try client.receive().reason == .unknownInstrument)
        #expect(node.stop() == 0, "\(node.errorText)")
    }

    /// The account comes before its key: who asks for one that does not exist is told so, whatever signed the logon.
    @Test func aLogonForAnUnknownAccountIsRejected() throws {
        let venue = try VenueFixture()
        let market = Market()
        let node = try NodeProcess(venue.configurationFile)
        try market.open(node.orderEntryPort, venue)
        let client = try RawClient(node.orderEntryPort, venue)
        try client.negotiate()
        for (account, slot, reason) in [
            (4000, 0, Reason.unknownAccount), (5000, 0, .unknownAccount), (Market.buyerAccount, 5, .unknownKey),
        ] as [(UInt32, UInt16, Reason)] {
            try client.logon(account, market.buyer, slot: slot)
            let answer = try client.receive()
            #expect(answer.template == Template.logonRejected, "account \(account), slot \(slot)")
            #expect(
                answer.withMessage { LogonRejectedMessage($0).reason } == reason, "account \(account), slot \(slot)")
        }
        // The same connection may still log on as somebody.
        try client.logon(Market.buyerAccount, market.buyer)
        #expect(try client.receive().template == Template.logonAccepted)
        #expect(node.stop() == 0, "\(node.errorText)")
    }

    /// A client puts a whole valid record into a batch: what stands inside a record is never taken for one.
    @Test func aMessageThatImitatesARecordIsOnlyAMessage() throws {
        let venue = try VenueFixture()
        let market = Market()
        var node = try NodeProcess(venue.configurationFile)
        try market.open(node.orderEntryPort, venue)
        var client = try market.client(node.orderEntryPort, venue)
        try client.send(Commands.order(Market.buyerAccount, .buy, 90_000, 1, nonce: 1), by: market.buyer)
        _ = try client.receive()
        let journal = venue.directory + "/journal"
        let record = try JournalContent.lastRecord(journal)
        try client.send(Commands.batch(Market.buyerAccount, nonce: 2, imitating: record), by: market.buyer)
        #expect(try client.receive().sequence > 0)
        node.killNow()
        node = try NodeProcess(venue.configurationFile)
        client = try market.client(node.orderEntryPort, venue)
        try client.send(Commands.order(Market.buyerAccount, .buy, 90_000, 1, nonce: 3), by: market.buyer)
        #expect(try client.receive().template == Template.orderAccepted)
        #expect(node.stop() == 0, "\(node.errorText)")
        #expect(try JournalContent(journal).count(Template.accepted) == 2)
    }
}
