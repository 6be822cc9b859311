import Cryptography
import Testing
import Wire

/// Two funded accounts on a running node.
struct Market {
    let buyer = SigningKey(insecureDeterministic: 103), seller = SigningKey(insecureDeterministic: 104)
    static let buyerAccount: UInt32 = 3, sellerAccount: UInt32 = 4

    /// Creates both accounts and funds them, as the operator.
    func open(_ port: UInt16, _ venue: VenueFixture) throws {
        let client = try RawClient.established(port, venue, [(1, venue.operatorKey)])
        var nonce = venue.operatorNonce
        func run(_ message: [UInt8]) throws {
            try client.send(message, by: venue.operatorKey)
            let answer = try client.receive()
            guard answer.template == Template.commandAccepted else {
                throw RawClient.Failure("template \(answer.template), reason \(String(describing: answer.reason))")
            }
        }
        for (account, key) in [(Self.buyerAccount, buyer), (Self.sellerAccount, seller)] {
            nonce += 1
            try run(Commands.createAccount(account, key, nonce: nonce, venue))
            for asset in 0..<2 as Range<UInt32> {
                nonce += 1
                try run(Commands.deposit(account, asset: asset, amount: 1_000_000_000_000_000, nonce: nonce))
            }
        }
    }

    func client(_ port: UInt16, _ venue: VenueFixture) throws -> RawClient {
        try RawClient.established(
            port, venue, [(Self.buyerAccount, buyer), (Self.sellerAccount, seller)])
    }
}

@Suite struct OrderTests {
    @Test(arguments: VenueFixture.Layout.allCases)
    func aSignedOrderGoesInAndAFillComesOut(_ layout: VenueFixture.Layout) throws {
        let venue = try VenueFixture(layout)
        let node = try NodeProcess(venue.configurationFile)
        let market = Market()
        try market.open(node.orderEntryPort, venue)
        let client = try market.client(node.orderEntryPort, venue)
        try client.send(Commands.order(Market.sellerAccount, .sell, 100_000, 10, nonce: 1), by: market.seller)
        let rested = try client.receive()
        #expect(rested.template == Template.orderAccepted)
        #expect(rested.durability == .journaled)
        try client.send(Commands.order(Market.buyerAccount, .buy, 100_000, 4, nonce: 1), by: market.buyer)
        let accepted = try client.receive()
        #expect(accepted.template == Template.orderAccepted)
        #expect(accepted.sequence == rested.sequence + 1)
        let fills = try [client.receive(Template.orderExecuted), client.receive(Template.orderExecuted)]
        #expect(fills.allSatisfy { $0.sequence == accepted.sequence })
        let (taker, maker) = (fills[0], fills[1])
        taker.withMessage {
            let fill = OrderExecutedMessage($0)
            #expect(fill.account == Market.buyerAccount && fill.quantityLots == 4 && fill.leavesLots == 0)
            #expect(fill.liquidity == .taker && fill.priceTicks == 100_000)
        }
        maker.withMessage {
            let fill = OrderExecutedMessage($0)
            #expect(fill.account == Market.sellerAccount && fill.quantityLots == 4 && fill.leavesLots == 6)
            #expect(fill.liquidity == .maker)
        }
        #expect(node.stop() == 0, "\(node.errorText)")
    }
}
