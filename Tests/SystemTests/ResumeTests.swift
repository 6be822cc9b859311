import Cryptography
import Glibc
import Testing
import Wire

/// Replies of the past: after a reconnect, after a resend, after too much at once.
@Suite(.serialized) struct ResumeTests {
    /// A reply as it is sent again: only `resent` differs.
    private func resent(_ reply: Received) -> [UInt8] {
        var bytes = reply.bytes
        bytes[MessageHeader.size + 27] = 1
        return bytes
    }

    @Test(arguments: VenueFixture.Layout.allCases)
    func everyReplyComesOnceAndInOrder(_ layout: VenueFixture.Layout) throws {
        // Small segments: the journal that is read has several.
        let running = try RunningMarket(
            layout,
            changing: [
                ("segment_bytes", "262_144"),
                ("populate_ahead_bytes", "65_536"),
            ])
        var live = try running.trade(1...500)
        for first in [0, 1, 250, live.count - 1] {
            let wanted = live[first]
            let client = try running.resumed(from: (wanted.sequence, wanted.index))
            for reply in live[first...] {
                guard try client.receive().bytes == resent(reply) else {
                    Issue.record("resumed from \(first): not the reply that was sent live")
                    return
                }
            }
            let complete = try client.receive()
            #expect(complete.template == Template.resumeComplete)
            #expect(
                complete.withMessage { ResumeCompleteMessage($0).throughSequence } >= live[live.count - 1].sequence)
            // Live replies follow.
            try client.establish()
            try client.send(
                Commands.order(Market.sellerAccount, .sell, 100_001, 1, nonce: 1000 + UInt64(first)),
                by: running.market.seller)
            let next = try client.receive()
            #expect(next.template == Template.orderAccepted && !next.isResent)
            live.append(next)
        }
        #expect(running.node.stop() == 0, "\(running.node.errorText)")
    }

    /// Sessions that resume while orders come as fast as they can: what is read from the journal and what is live meet
    /// without a gap and without a second time.
    @Test(arguments: VenueFixture.Layout.allCases)
    func historyAndLiveRepliesMeet(_ layout: VenueFixture.Layout) throws {
        let running = try RunningMarket(layout)
        let live = try RawClient.established(
            running.node.orderEntryPort, running.venue, [(Market.sellerAccount, running.market.seller)])
        var nonce: UInt64 = 0
        func send(_ count: Int) throws {
            for _ in 0..<count {
                nonce += 1
                try live.send(
                    Commands.order(Market.sellerAccount, .sell, 100_000, 1, nonce: nonce), by: running.market.seller)
            }
        }
        var replies: [Received] = []
        for round in 0..<12 {
            try send(100)
            // In the middle of what is on its way, from the first order on.
            let first = replies.first.map { ($0.sequence, $0.index) } ?? (1, 0)
            let copy = try running.resumed(from: first, flags: .dropCopy)
            try send(100)
            for _ in 0..<200 { replies.append(try live.receive()) }
            var numbers: [UInt64] = [], isComplete = false
            while numbers.count < replies.count {
                let reply = try copy.receive()
                switch reply.template {
                case Template.resumeComplete: isComplete = true
                case Template.orderAccepted:
                    #expect(reply.isResent == !isComplete)
                    numbers.append(reply.sequence)
                default: break
                }
            }
            guard numbers == replies.map(\.sequence) else {
                Issue.record("round \(round): other replies than those that were sent live")
                return
            }
        }
        #expect(running.node.stop() == 0, "\(running.node.errorText)")
    }

    @Test func resumeBehindTheLastReplyIsCompleteAtOnce() throws {
        let running = try RunningMarket()
        let live = try running.trade(1...2)
        let last = live[live.count - 1]
        let client = try running.resumed(from: (last.sequence, last.index + 1))
        #expect(try client.receive().template == Template.resumeComplete)
        let later = try running.resumed(from: (last.sequence + 100, 0))
        #expect(try later.receive().template == Template.resumeComplete)
        #expect(running.node.stop() == 0)
    }

    @Test func resumeGoesOnOverARestart() throws {
        let running = try RunningMarket()
        let live = try running.trade(1...20)
        #expect(running.node.stop() == 0)
        let again = try NodeProcess(running.venue.configurationFile)
        let client = try RawClient(again.orderEntryPort, running.venue)
        try client.negotiate()
        try client.logon(
            Market.sellerAccount, running.market.seller, resume: (live[0].sequence, live[0].index))
        #expect(try client.receive().template == Template.logonAccepted)
        for reply in live { #expect(try client.receive().bytes == resent(reply)) }
        #expect(try client.receive().template == Template.resumeComplete)
        #expect(again.stop() == 0)
    }

    /// A mass cancel of more orders than a send buffer holds replies: a client that reads gets all of them.
    @Test(arguments: VenueFixture.Layout.allCases)
    func moreThanABufferHoldsComesFromTheJournal(_ layout: VenueFixture.Layout) throws {
        let running = try RunningMarket(
            layout, changing: [("send_buffer_bytes", "16_384")])
        let client = try RawClient.established(
            running.node.orderEntryPort, running.venue, [(Market.sellerAccount, running.market.seller)])
        let orders: UInt64 = 1500
        for nonce in 1...orders {
            try client.send(
                Commands.order(Market.sellerAccount, .sell, 100_000, 1, nonce: nonce), by: running.market.seller)
            if nonce % 50 == 0 { for _ in 0..<50 { #expect(try client.receive().template == Template.orderAccepted) } }
        }
        try client.send(Commands.massCancel(Market.sellerAccount, nonce: orders + 1), by: running.market.seller)
        var last: (sequence: UInt64, index: UInt32) = (0, 0)
        for _ in 0..<orders {
            let reply = try client.receive()
            guard reply.template == Template.orderCancelled, !reply.isResent,
                (reply.sequence, reply.index) > last
            else {
                Issue.record("template \(reply.template) after \(last)")
                return
            }
            last = (reply.sequence, reply.index)
        }
        let done = try client.receive()
        #expect(done.template == Template.commandAccepted)
        done.withMessage {
            #expect(CommandAcceptedMessage($0).value == orders && CommandAcceptedMessage($0).nonce == orders + 1)
        }
        // Live again.
        try client.send(
            Commands.order(Market.sellerAccount, .sell, 100_000, 1, nonce: orders + 2), by: running.market.seller)
        #expect(try client.receive().template == Template.orderAccepted)
        // The whole once more, for the same bytes: the original answer, from several records.
        try client.send(Commands.massCancel(Market.sellerAccount, nonce: orders + 1), by: running.market.seller)
        for _ in 0..<orders {
            let reply = try client.receive()
            guard reply.template == Template.orderCancelled, reply.isResent else {
                Issue.record("template \(reply.template) in the answer to a resend")
                return
            }
        }
        #expect(try client.receive().bytes == resent(done))
        #expect(running.node.stop() == 0, "\(running.node.errorText)")
    }

    @Test func aDropCopyReadsAndDoesNotSpeak() throws {
        let running = try RunningMarket()
        let copy = try running.resumed(from: (0, 0), flags: .dropCopy)
        try copy.establish()
        let live = try running.trade(1...3)
        for reply in live { #expect(try copy.receive().bytes == reply.bytes) }
        try copy.send(
            Commands.order(Market.sellerAccount, .sell, 100_000, 1, nonce: 50), by: running.market.seller)
        #expect(try copy.receive().reason == .readOnlySession)
        #expect(running.node.stop() == 0)
    }
}

extension RunningMarket {
    /// A session of the seller that asks for replies from a number on.
    fileprivate func resumed(from number: (sequence: UInt64, index: UInt32), flags: LogonFlags = []) throws -> RawClient
    {
        let client = try RawClient(node.orderEntryPort, venue)
        try client.negotiate()
        let logon = bytes(LogonMessage.size) {
            LogonMessage.encode(
                at: $0, account: Market.sellerAccount, keySlot: 0, flags: flags,
                resumeSequence: number.sequence, resumeIndex: number.index, challenge: client.challenge)
        }
        try client.send(frame(venue.sign(logon, market.seller, .logon)))
        #expect(try client.receive().template == Template.logonAccepted)
        return client
    }

    /// The answer to an order, sent again while the next segment is not ready: these are small, and the machine
    /// that runs the tests may be busy.
    fileprivate func accepted(_ order: [UInt8], by key: SigningKey, of client: RawClient) throws -> Received {
        while true {
            try client.send(order, by: key)
            let answer = try client.receive(Template.orderAccepted, or: Template.commandRejected)
            if answer.reason != .noJournalSpace { return answer }
            usleep(1000)
        }
    }

    /// Orders of the seller, most of which trade: their replies as they came.
    fileprivate func trade(_ nonces: ClosedRange<UInt64>) throws -> [Received] {
        let seller = try RawClient.established(
            node.orderEntryPort, venue, [(Market.sellerAccount, market.seller)])
        let buyer = try RawClient.established(node.orderEntryPort, venue, [(Market.buyerAccount, market.buyer)])
        var replies: [Received] = []
        for nonce in nonces {
            let sell = Commands.order(Market.sellerAccount, .sell, 100_000, 3, nonce: nonce)
            replies.append(try accepted(sell, by: market.seller, of: seller))
            if nonce % 3 == 0 { continue }
            let buy = Commands.order(Market.buyerAccount, .buy, 100_000, 3, nonce: nonce)
            _ = try accepted(buy, by: market.buyer, of: buyer)
            replies.append(try seller.receive())
        }
        return replies
    }
}
