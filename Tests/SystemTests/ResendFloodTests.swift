import Cryptography
import Testing
import Wire

/// Sessions that have old answers read again and again, or do not take them: the others get theirs.
@Suite(.serialized) struct ResendFloodTests {
    /// More sessions than are served at a time, each with more resends than may wait for one, and together more than
    /// messages are on their way: everybody gets every answer.
    @Test(arguments: VenueFixture.Layout.allCases)
    func whoSendsOldCommandsAgainWaitsForItself(_ layout: VenueFixture.Layout) throws {
        let running = try RunningMarket(layout)
        let seller = try running.market.client(running.node.orderEntryPort, running.venue)
        try seller.send(running.order(1), by: running.market.seller)
        let first = try seller.receive()
        #expect(first.template == Template.orderAccepted)
        let buy = Commands.order(Market.buyerAccount, .buy, 90_000, 1, nonce: 1)
        let again = frame(running.venue.sign(buy, running.market.buyer))
        let count = 300
        var flooding: [RawClient] = []
        for _ in 0..<20 {
            flooding.append(
                try RawClient.established(
                    running.node.orderEntryPort, running.venue, [(Market.buyerAccount, running.market.buyer)]))
        }
        try flooding[0].send(again)
        var original: [UInt8] = []
        for client in flooding {
            let answer = try client.receive()
            #expect(answer.template == Template.orderAccepted && !answer.isResent)
            original = resent(answer)
        }
        for client in flooding { try client.send([UInt8]((0..<count).flatMap { _ in again })) }
        try running.expectService(first, nonce: 2)
        for client in flooding {
            for number in 0..<count {
                guard try client.receive().bytes == original else {
                    Issue.record("answer \(number) is not the original one")
                    return
                }
            }
        }
        #expect(running.node.stop() == 0, "\(running.node.errorText)")
    }

    /// Sixteen sessions, as many as are served at a time, ask for thousands of replies for each message that they send,
    /// and read none: they hold back the others only until the node's own patience ends, and not their own.
    @Test func whoDoesNotTakeOldAnswersKeepsThemFromNobody() throws {
        let running = try RunningMarket(changing: [("order_entry.heartbeat_ms", "1000")])
        let seller = try running.market.client(running.node.orderEntryPort, running.venue)
        let orders: UInt64 = 500
        var first: Received?
        for nonce in 1...orders {
            try seller.send(running.order(nonce), by: running.market.seller)
            let accepted = try seller.receive()
            #expect(accepted.template == Template.orderAccepted)
            if nonce == 1 { first = accepted }
        }
        try seller.send(Commands.massCancel(Market.sellerAccount, nonce: orders + 1), by: running.market.seller)
        #expect(try seller.receive(Template.commandAccepted).sequence > orders)
        let cancel = running.venue.sign(
            Commands.massCancel(Market.sellerAccount, nonce: orders + 1), running.market.seller)
        let again = [UInt8]((0..<200).flatMap { _ in frame(cancel) })
        var stuck: [RawClient] = []
        for _ in 0..<16 {
            let client = try RawClient.established(
                running.node.orderEntryPort, running.venue, [(Market.sellerAccount, running.market.seller)],
                receiveBufferBytes: 4_096)
            try client.send(again)
            stuck.append(client)
        }
        let client = try RawClient(running.node.orderEntryPort, running.venue)
        try client.negotiate()
        let wanted = try #require(first)
        try client.logon(Market.sellerAccount, running.market.seller, resume: (wanted.sequence, wanted.index))
        #expect(try client.receive().template == Template.logonAccepted)
        #expect(try client.receive().bytes == resent(wanted))
        _ = try client.receive(Template.resumeComplete)
        stuck.removeAll()
        #expect(running.node.stop() == 0, "\(running.node.errorText)")
    }

    /// More sessions than are served at a time resume through small buffers: they take turns, a buffer each, and every
    /// one gets every reply once and in order, what is told meanwhile behind it.
    @Test(arguments: VenueFixture.Layout.allCases)
    func manyThatResumeTakeTurns(_ layout: VenueFixture.Layout) throws {
        let running = try RunningMarket(layout, changing: [("send_buffer_bytes", "4_096")])
        let seller = try running.market.client(running.node.orderEntryPort, running.venue)
        var replies: [Received] = []
        for nonce in 1...400 as ClosedRange<UInt64> {
            try seller.send(running.order(nonce), by: running.market.seller)
            replies.append(try seller.receive())
        }
        let first = replies[0]
        var clients: [RawClient] = []
        for _ in 0..<40 {
            let client = try RawClient(running.node.orderEntryPort, running.venue)
            try client.negotiate()
            try client.logon(Market.sellerAccount, running.market.seller, resume: (first.sequence, first.index))
            clients.append(client)
        }
        for client in clients { #expect(try client.receive().template == Template.logonAccepted) }
        try seller.send(running.order(401), by: running.market.seller)
        let live = try seller.receive()
        for client in clients {
            for reply in replies {
                guard try client.receive().bytes == resent(reply) else {
                    Issue.record("not the reply that was sent live")
                    return
                }
            }
            // The last order was told before the resume was complete, or after it.
            var numbers: [UInt64] = [], isComplete = false
            while numbers.isEmpty || !isComplete {
                let reply = try client.receive()
                if reply.template == Template.resumeComplete {
                    isComplete = true
                } else {
                    numbers.append(reply.sequence)
                }
            }
            #expect(numbers == [live.sequence])
        }
        #expect(running.node.stop() == 0, "\(running.node.errorText)")
    }
}

/// A reply as it is sent again: only `resent` differs.
private func resent(_ reply: Received) -> [UInt8] {
    var bytes = reply.bytes
    bytes[MessageHeader.size + 27] = 1
    return bytes
}

extension RunningMarket {
    fileprivate func order(_ nonce: UInt64) -> [UInt8] {
        Commands.order(Market.sellerAccount, .sell, 100_000, 1, nonce: nonce)
    }

    /// A session of the seller that is answered everything, old and new, whatever others do.
    fileprivate func expectService(_ first: Received, nonce: UInt64) throws {
        let client = try RawClient(node.orderEntryPort, venue)
        try client.negotiate()
        try client.logon(Market.sellerAccount, market.seller, resume: (first.sequence, first.index))
        #expect(try client.receive().template == Template.logonAccepted)
        #expect(try client.receive().bytes == resent(first))
        _ = try client.receive(Template.resumeComplete)
        try client.establish()
        try client.send(order(1), by: market.seller)
        #expect(try client.receive().bytes == resent(first))
        try client.send(order(nonce), by: market.seller)
        let accepted = try client.receive()
        #expect(accepted.template == Template.orderAccepted && !accepted.isResent)
    }
}
