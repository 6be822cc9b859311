import Cryptography
import GlassbookClient
import Platform
import Settings
import Testing
import Wire

/// The library that others trade with, against a running node.
@Suite(.serialized) struct ClientTests {
    /// A node with its clients' ends.
    struct Running {
        let venue: VenueFixture
        let node: NodeProcess
        let settings: NodeSettings

        init(_ venue: VenueFixture) throws {
            self.venue = venue
            node = try NodeProcess(venue.configurationFile)
            settings = try NodeSettings.load(venue.configurationFile)
        }

        var endpoint: IPv4Endpoint { IPv4Endpoint(.loopback, port: node.orderEntryPort) }

        var feed: FeedAddresses {
            FeedAddresses(
                group: IPv4Endpoint(IPv4Address(settings.marketData.group)!, port: settings.marketData.port),
                interface: IPv4Address(settings.marketData.interface)!,
                requestServer: IPv4Endpoint(.loopback, port: node.requestPort),
                snapshotServer: IPv4Endpoint(.loopback, port: node.snapshotPort))
        }

        func signer(_ account: UInt32, _ key: SigningKey) -> Signer {
            Signer(account: account, key: key, venue: venue.venueId)
        }

        /// Opens accounts and funds them, as the operator.
        func fund(_ accounts: [Signer]) throws {
            let boss = signer(1, venue.operatorKey)
            let session = try Session.open(endpoint, [boss], options: .patient)
            for account in accounts {
                let proof = boss.prefixes.signPossession(account: account.account, key: account.testKey)
                try session.send(
                    .createAccount(account.account, ownerKey: account.publicKey, proof: proof), by: boss)
                try session.expectAccepted()
                for asset in 0..<2 as Range<UInt32> {
                    let reference = Bytes32(UInt64(account.account), UInt64(asset), boss.nonce, 9)
                    try session.send(
                        .deposit(to: account.account, asset: asset, amount: 1 << 50, reference: reference), by: boss)
                    try session.expectAccepted()
                }
            }
            _ = try session.terminate()
        }
    }

    static let seller: UInt32 = 3, buyer: UInt32 = 4

    @Test(arguments: VenueFixture.Layout.allCases)
    func ordersCrossAndBothSidesAndTheFeedTellOfIt(_ layout: VenueFixture.Layout) throws {
        let running = try Running(try VenueFixture(layout))
        let feed = try FeedClient(running.feed)
        let seller = running.signer(Self.seller, Keys.seller), buyer = running.signer(Self.buyer, Keys.buyer)
        try running.fund([seller, buyer])
        let session = try Session.open(running.endpoint, [seller, buyer], options: .patient)
        #expect(session.isEstablished && session.durability == .journaled)

        try session.send(
            .newOrder(.limit(.sell, 10, at: 100_000, instrument: 0, clientOrderId: 1)), by: seller)
        let rested = try session.next()
        guard case .orderAccepted(let order) = rested.body else {
            Issue.record("\(rested)")
            return
        }
        try session.send(
            .newOrder(.limit(.buy, 4, at: 100_500, instrument: 0, clientOrderId: 2)), by: buyer)
        #expect(try session.next().account == Self.buyer)
        let fills = try [session.next(), session.next()].compactMap { reply -> OrderExecuted? in
            guard case .orderExecuted(let fill) = reply.body else { return nil }
            return fill
        }
        #expect(fills.map(\.liquidity) == [.taker, .maker])
        #expect(fills.allSatisfy { $0.priceTicks == 100_000 && $0.quantityLots == 4 })
        #expect(fills.map(\.leavesLots) == [0, 6])

        // The same trade by the feed, and what is left of the book.
        var books = BookBuilder(ordersMax: 1 << 10)
        var trades: [FeedTrade] = []
        try feed.follow(until: { trades.count == 1 }) { message in
            do {
                if let trade = try books.apply(message) { trades.append(trade) }
            } catch {
                Issue.record("\(error)")
            }
        }
        #expect(trades.map(\.matchNumber) == [fills[0].matchNumber])
        #expect(trades.map(\.price) == [1_000_000_000] && trades.map(\.lots) == [4])
        #expect(books.listings[0]?.symbol == "BTC-USD")
        let image = books.image(of: 0)
        #expect(image.buys.isEmpty && image.sells.map(\.lots) == [6])
        #expect(image.sells[0].orders.map(\.reference) == [order.orderId])

        // Who comes late gets the same books from a snapshot.
        let late = try FeedClient(running.feed, options: FeedOptions(.snapshot))
        var lateBooks = BookBuilder(ordersMax: 1 << 10)
        _ = try late.receive { message in
            do { try lateBooks.apply(message) } catch { Issue.record("\(error)") }
        }
        #expect(late.nextSequence == feed.nextSequence)
        #expect(lateBooks.images() == books.images())
        #expect(try session.terminate() == [])
        #expect(running.node.stop() == 0, "\(running.node.errorText)")
    }

    @Test func aReconnectResumesWhereTheSessionStopped() throws {
        let running = try Running(try VenueFixture())
        let seller = running.signer(Self.seller, Keys.seller), buyer = running.signer(Self.buyer, Keys.buyer)
        try running.fund([seller, buyer])
        let buyers = try Session.open(running.endpoint, [buyer], options: .patient)
        var missed: [Reply] = []
        let point: ReplyNumber
        do {
            let session = try Session.open(running.endpoint, [seller], options: .patient)
            try session.send(
                .newOrder(.limit(.sell, 100, at: 100_000, instrument: 0, clientOrderId: 1)), by: seller)
            _ = try session.next()
            point = try #require(session.resumePoint(of: Self.seller))
            // The session goes without a word.
        }
        for number in 1...20 as ClosedRange<UInt64> {
            try buyers.send(
                .newOrder(.limit(.buy, 2, at: 100_000, instrument: 0, clientOrderId: number)), by: buyer)
            _ = try buyers.next()
            _ = try buyers.next()
        }
        let session = try Session(
            connectingTo: running.endpoint, venue: running.venue.venueId, options: .patient)
        try session.logOn(seller, resumeFrom: point)
        try session.establish()
        var isComplete = false, isEstablished = false
        while !isComplete || !isEstablished {
            switch try session.receive(timeoutMilliseconds: 120_000) {
            case .reply(let reply): missed.append(reply)
            case .resumeComplete(Self.seller, _): isComplete = true
            case .established: isEstablished = true
            case let other:
                Issue.record("\(String(describing: other))")
                return
            }
        }
        #expect(missed.count == 20 && missed.allSatisfy { $0.isResent && $0.number >= point })
        #expect(missed.map(\.number) == missed.map(\.number).sorted())
        #expect(try #require(session.resumePoint(of: Self.seller)) > missed[19].number)
        // The same bytes again get the original answer: nothing is done twice.
        let frame = try seller.frame(.massCancel())
        try session.send(frames: frame)
        let first = try [session.next(), session.next()]
        try session.send(frames: frame)
        let again = try [session.next(), session.next()]
        #expect(first.map(\.number) == again.map(\.number) && again.allSatisfy(\.isResent))
        #expect(running.node.stop() == 0, "\(running.node.errorText)")
    }

    @Test func refusalsAreValues() throws {
        let running = try Running(try VenueFixture())
        let seller = running.signer(Self.seller, Keys.seller)
        try running.fund([seller])
        // Another venue's client does not sign for this one.
        #expect(throws: ClientError.wrongVenue(found: running.venue.venueId)) {
            try Session(connectingTo: running.endpoint, venue: .zero, options: .patient)
        }
        let session = try Session(
            connectingTo: running.endpoint, venue: running.venue.venueId, options: .patient)
        let stranger = running.signer(Self.seller, Keys.buyer)
        #expect(throws: ClientError.logonRejected(account: Self.seller, reason: Reason.badSignature.rawValue)) {
            try session.logOn(stranger)
        }
        try session.logOn(seller)
        #expect(throws: ClientError.invalidState("a command before establish")) {
            try session.send(.massCancel(), by: seller)
        }
        try session.establish()
        #expect(throws: ClientError.invalidCommand("a batch of 0 entries, expected 1 to 128")) {
            try session.send(.batch([]), by: seller)
        }
        let nonce = try session.send(.cancelOrder(.orderId(77)), by: seller)
        guard case .commandRejected(let refusal) = try session.next().body else {
            Issue.record("no refusal")
            return
        }
        #expect(refusal.reason == .unknownOrder && refusal.nonce == nonce && refusal.orderId == 77)
        // The node stops: what the session ends with is said.
        #expect(running.node.stop() == 0)
        #expect(throws: ClientError.terminated(.venueClosing)) {
            while true { _ = try session.receive(timeoutMilliseconds: 120_000) }
        }
        #expect(throws: ClientError.terminated(.venueClosing)) { try session.send(.massCancel(), by: seller) }
    }

    @Test func aSessionLivesOnHeartbeats() throws {
        let running = try Running(try VenueFixture())
        let seller = running.signer(Self.seller, Keys.seller)
        try running.fund([seller])
        var options = SessionOptions.patient
        options.heartbeatMilliseconds = 3_000
        let session = try Session(connectingTo: running.endpoint, venue: running.venue.venueId, options: options)
        try session.logOn(seller)
        try session.establish()
        #expect(session.heartbeatMilliseconds == 3_000)
        // More than three intervals of silence: three without a heartbeat of this side would end it.
        #expect(try session.receive(timeoutMilliseconds: 10_000) == nil)
        try session.send(.massCancel(), by: seller)
        #expect(try session.next().number.sequence > 0)
        #expect(running.node.stop() == 0)
    }

    /// More than the sockets hold, sent at once: the client reads while it writes, so that nobody waits for ever.
    @Test func aBurstBeyondTheSocketsComesThrough() throws {
        let running = try Running(try VenueFixture())
        let seller = running.signer(Self.seller, Keys.seller)
        try running.fund([seller])
        let session = try Session.open(running.endpoint, [seller], options: .patient)
        let batches = 120, entries = 128
        var frames: [UInt8] = []
        for _ in 0..<batches {
            frames += try seller.frame(
                .batch([BatchItem](repeating: .cancel(.clientOrderId(5)), count: entries)))
        }
        try session.send(frames: frames)
        for _ in 0..<batches * entries {
            guard case .commandRejected = try session.next().body else {
                Issue.record("no refusal")
                return
            }
        }
        #expect(running.node.stop() == 0, "\(running.node.errorText)")
    }
}

private enum Keys {
    static let seller = SigningKey(insecureDeterministic: 203)
    static let buyer = SigningKey(insecureDeterministic: 204)
}

extension Signer {
    /// The secret that the tests made the signer from.
    fileprivate var testKey: SigningKey { account == ClientTests.seller ? Keys.seller : Keys.buyer }
}

extension SessionOptions {
    /// For a node that does not run for a while, on a busy machine.
    static var patient: SessionOptions {
        var options = SessionOptions()
        options.timeoutMilliseconds = 120_000
        options.heartbeatMilliseconds = 60_000
        return options
    }
}

extension Session {
    /// The next reply, within two minutes.
    func next() throws -> Reply {
        guard let reply = try receiveReply(timeoutMilliseconds: 120_000) else { throw ClientError.timedOut }
        return reply
    }

    /// The next reply says that the command was applied.
    func expectAccepted() throws {
        let reply = try next()
        guard case .commandAccepted = reply.body else { throw RawClient.Failure("\(reply)") }
    }
}

extension FeedClient {
    /// Receives until a condition holds, within two minutes.
    func follow(until isDone: () -> Bool, _ deliver: (FeedMessage) -> Void) throws {
        let end = SystemClock.monotonicNanoseconds() + 120_000_000_000
        while !isDone() {
            guard SystemClock.monotonicNanoseconds() < end else { throw ClientError.timedOut }
            _ = try receive(timeoutMilliseconds: 1_000, deliver)
        }
    }
}
