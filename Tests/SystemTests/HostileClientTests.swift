import Cryptography
import Platform
import Testing
import Wire

/// Clients that break the protocol, or keep to it in a way that costs the node: each is answered or closed, and the
/// next client finds the node as it was.
@Suite(.serialized) struct HostileClientTests {
    @Test func framesThatCannotBeReadEndTheSession() throws {
        let running = try RunningMarket()
        let order = running.venue.sign(
            Commands.order(Market.sellerAccount, .sell, 100_000, 1, nonce: 1), running.market.seller)
        var oversized = frame(order)
        oversized.replaceSubrange(0..<4, with: [0, 0, 0x18, 0x6F])
        var short = frame(order)
        short.replaceSubrange(0..<4, with: [0, 0, 0, 13])
        var endian = frame(order)
        endian.replaceSubrange(4..<6, with: [0x5B, 0xE0])
        // Its length ends within its message: what follows is no frame.
        var overlapping = frame(order)
        overlapping.replaceSubrange(0..<4, with: [0, 0, 0, 100])
        for bytes in [oversized, short, endian, overlapping, [UInt8]("GET / HTTP/1.1\r\n\r\n".utf8)] {
            let client = try HostileClient(running.node.orderEntryPort)
            client.send(HostileClient.negotiate() + bytes)
            #expect(client.receive()?.template == Template.challenge, "what came before is answered")
            #expect(client.end() == .protocolError)
        }
        try running.finish()
    }

    @Test func aTruncatedFrameIsNoFrame() throws {
        let running = try RunningMarket()
        let client = try HostileClient(running.node.orderEntryPort)
        client.send(HostileClient.negotiate() + HostileClient.negotiate().dropLast())
        #expect(client.receive()?.template == Template.challenge)
        shutDownSending(client)
        #expect(client.end() == .logout)
        try running.finish()
    }

    @Test func messagesThatAreNoneAreRefusedInTheirPlace() throws {
        let running = try RunningMarket()
        let client = try running.market.client(running.node.orderEntryPort, running.venue)
        let order = running.venue.sign(
            Commands.order(Market.sellerAccount, .sell, 100_000, 1, nonce: 1), running.market.seller)
        var template = order, schema = order, version = order, block = order
        template[2] = 99
        schema[4] = 2
        version[6] = 1
        block[0] = 80
        for (content, reason) in [
            (template, Reason.unknownTemplate), (schema, .unknownTemplate), (version, .unsupportedVersion),
            (block, .invalidLength), (order.dropLast(), .invalidLength), (order + [0], .invalidLength),
        ] { try client.send(frame(content)); #expect(try client.receive().reason == reason) }
        // Answers keep the order of what they answer: a refusal that needs no check does not overtake.
        try client.send(frame(order) + frame(template))
        #expect(try client.receive().template == Template.orderAccepted)
        #expect(try client.receive().reason == .unknownTemplate)
        try running.finish()
    }

    @Test func aSessionSpeaksOnlyForAccountsThatSignedItsLogon() throws {
        let running = try RunningMarket()
        let client = try RawClient.established(
            running.node.orderEntryPort, running.venue, [(Market.buyerAccount, running.market.buyer)])
        // Signed by the right key, on a session of another account: nothing is checked, nothing is journaled.
        try client.send(
            Commands.order(Market.sellerAccount, .sell, 100_000, 1, nonce: 1), by: running.market.seller)
        #expect(try client.receive().reason == .accountNotAttached)
        try running.finish()
    }

    @Test func badSignaturesEndTheSession() throws {
        let running = try RunningMarket(changing: [("bad_signatures_max", "3")])
        let client = try RawClient.established(
            running.node.orderEntryPort, running.venue, [(Market.buyerAccount, running.market.buyer)])
        for nonce in 1...3 as ClosedRange<UInt64> {
            try client.send(
                Commands.order(Market.buyerAccount, .buy, 100_000, 1, nonce: nonce), by: running.market.seller)
            #expect(try client.receive().reason == .badSignature)
        }
        let end = try client.receive()
        #expect(end.template == Template.terminate)
        #expect(end.withMessage { TerminateMessage($0).reason } == .badSignatures)
        try running.finish()
    }

    @Test func aLogonThatDoesNotSignTheChallengeAttachesNothing() throws {
        let running = try RunningMarket()
        let client = try RawClient(running.node.orderEntryPort, running.venue)
        try client.negotiate()
        try client.logon(Market.buyerAccount, running.market.seller)
        let answer = try client.receive()
        #expect(answer.template == Template.logonRejected)
        #expect(answer.withMessage { LogonRejectedMessage($0).reason } == .badSignature)
        // A logon that was signed for another connection.
        let other = try RawClient(running.node.orderEntryPort, running.venue)
        try other.negotiate()
        let replayed = bytes(LogonMessage.size) {
            LogonMessage.encode(
                at: $0, account: Market.buyerAccount, keySlot: 0, flags: [], resumeSequence: 0, resumeIndex: 0,
                challenge: other.challenge)
        }
        try client.send(frame(running.venue.sign(replayed, running.market.buyer, .logon)))
        #expect(try client.receive().withMessage { LogonRejectedMessage($0).reason } == .challengeMismatch)
        try client.send(frame(bytes(EstablishMessage.size) { EstablishMessage.encode(at: $0) }))
        #expect(try client.receive().reason == .accountNotAttached)
        try running.finish()
    }

    @Test func whoSaysNothingIsClosed() throws {
        // Time enough for the honest clients of a busy machine.
        let running = try RunningMarket(changing: [("negotiate_timeout_ms", "5_000")])
        let silent = try HostileClient(running.node.orderEntryPort)
        let negotiated = try HostileClient(running.node.orderEntryPort)
        negotiated.send(HostileClient.negotiate(heartbeatMilliseconds: 100))
        #expect(silent.end() == .negotiationTimeout)
        #expect(negotiated.end() == .negotiationTimeout)
        #expect(running.node.stop() == 0)
    }

    @Test func aSilentSessionIsClosedAfterThreeHeartbeats() throws {
        // The server's heartbeat, after one interval, and its end, after three, are far enough from each other for a
        // node that does not run for a second.
        let running = try RunningMarket(changing: [("order_entry.heartbeat_ms", "1_000")])
        let client = try HostileClient(running.node.orderEntryPort)
        try running.logOn(client)
        #expect(client.receive()?.template == Template.logonAccepted)
        #expect(client.receive()?.template == Template.established)
        #expect(client.receive()?.template == Template.heartbeat, "the server keeps its side")
        #expect(client.end() == .heartbeatTimeout)
        #expect(running.node.stop() == 0)
    }

    /// The node stands still for longer than three heartbeats: what its client sent meanwhile counts.
    @Test(arguments: VenueFixture.Layout.allCases)
    func aStallOfTheNodeIsNotItsClientsSilence(_ layout: VenueFixture.Layout) throws {
        let running = try RunningMarket(layout, changing: [("order_entry.heartbeat_ms", "1_000")])
        let client = try HostileClient(running.node.orderEntryPort)
        try running.logOn(client)
        #expect(client.receive()?.template == Template.logonAccepted)
        #expect(client.receive()?.template == Template.established)
        try running.node.stopRunning()
        client.send(frame([8, 0, 99, 0, 1, 0, 0, 0]))
        // Nothing happens that could be awaited: it is the time that has to pass.
        SystemClock.sleep(nanoseconds: 4_000_000_000)
        running.node.goOn()
        var answer = client.receive()
        while let heartbeat = answer, heartbeat.template == Template.heartbeat { answer = client.receive() }
        #expect(answer?.reason == .unknownTemplate)
        try running.finish()
    }

    /// A byte now and then keeps a connection alive, and never a frame.
    @Test func aClientThatDribblesIsClosed() throws {
        let running = try RunningMarket(changing: [
            ("frame_timeout_ms", "200"),
            ("negotiate_timeout_ms", "20_000"),
        ])
        let client = try HostileClient(running.node.orderEntryPort)
        let bytes = HostileClient.negotiate()
        for byte in bytes.dropLast() {
            guard client.send([byte]) else { break }
            SystemClock.sleep(nanoseconds: 30_000_000)
        }
        #expect(client.end() == .protocolError)
        try running.finish()
    }

    /// A client that sends and never reads: its answers fill the network, then its buffer, then it is closed; the
    /// others trade on.
    @Test(arguments: VenueFixture.Layout.allCases)
    func aClientThatNeverReadsIsClosed(_ layout: VenueFixture.Layout) throws {
        let running = try RunningMarket(
            layout,
            changing: [
                ("send_buffer_bytes", "8_192"),
                ("order_entry.heartbeat_ms", "200"),
            ])
        let client = try HostileClient(running.node.orderEntryPort, receiveBuffer: 4096)
        try running.logOn(client)
        // Refusals are the cheapest answers to ask for: no signature is checked for them.
        let cheap = frame([8, 0, 99, 0, 1, 0, 0, 0])
        let many = [UInt8]((0..<1000).flatMap { _ in cheap })
        var isOpen = true
        for _ in 0..<2000 where isOpen { isOpen = client.send(many) }
        #expect(!isOpen, "the node takes no more and hangs up")
        try running.finish()
    }

    @Test func aThousandConnections() throws {
        let running = try RunningMarket(changing: [("order_entry.sessions_max", "1024")])
        raiseFileLimit()
        var clients: [HostileClient] = []
        for _ in 0..<1000 { clients.append(try HostileClient(running.node.orderEntryPort)) }
        for client in clients { client.send(HostileClient.negotiate()) }
        for client in clients { #expect(client.receive()?.template == Template.challenge) }
        let trader = try running.market.client(running.node.orderEntryPort, running.venue)
        try trader.send(
            Commands.order(Market.sellerAccount, .sell, 100_000, 1, nonce: 1), by: running.market.seller)
        #expect(try trader.receive().template == Template.orderAccepted)
        clients.removeAll()
        try running.finish()
    }

    /// Waits until the node has so many connections: that a client hung up it learns a little later, and until then
    /// the place is taken.
    private func wait(until count: UInt64, _ running: RunningMarket) throws {
        let counters = try CounterReader(path: running.venue.directory + "/counters")
        let end = SystemClock.monotonicNanoseconds() + 120_000_000_000
        while let open = counters.counter("order-entry.sessions"), open != count {
            guard SystemClock.monotonicNanoseconds() < end else {
                throw RawClient.Failure("\(open) connections are open, and not \(count)")
            }
            SystemClock.sleep(nanoseconds: 1_000_000)
        }
    }

    @Test func oneConnectionTooManyIsToldSo() throws {
        let running = try RunningMarket(changing: [("order_entry.sessions_max", "3")])
        try wait(until: 0, running)
        var clients: [HostileClient] = []
        for _ in 0..<3 {
            let client = try HostileClient(running.node.orderEntryPort)
            client.send(HostileClient.negotiate())
            #expect(client.receive()?.template == Template.challenge)
            clients.append(client)
        }
        #expect(try HostileClient(running.node.orderEntryPort).end() == .sessionsFull)
        // A place that was left is a place for another, while the others stay.
        clients[2].send(
            frame(bytes(TerminateMessage.size) { TerminateMessage.encode(at: $0, reason: .logout, detail: 0) }))
        #expect(clients[2].end() == .logout)
        clients.removeLast()
        try wait(until: 2, running)
        let next = try HostileClient(running.node.orderEntryPort)
        next.send(HostileClient.negotiate())
        #expect(next.receive()?.template == Template.challenge)
        clients.append(next)
        for client in clients { shutDownSending(client) }
        for client in clients { #expect(client.end() == .logout) }
        clients.removeAll()
        try wait(until: 0, running)
        try running.finish()
    }

    /// Eight small receive buffers and sixteen slots for thirty sessions that send all at once: everybody waits, nobody
    /// loses a message.
    @Test(arguments: VenueFixture.Layout.allCases)
    func tinyRingsLoseNothing(_ layout: VenueFixture.Layout) throws {
        let running = try RunningMarket(
            layout,
            changing: [
                ("receive_buffers", "8"), ("receive_buffer_bytes", "512"), ("ring.slots", "16"),
                ("send_buffer_bytes", "4096"),
            ])
        var clients: [HostileClient] = []
        for _ in 0..<30 { clients.append(try HostileClient(running.node.orderEntryPort)) }
        let trader = try running.market.client(running.node.orderEntryPort, running.venue)
        let count = 400
        // Refused, each in its place: the expected answer says how many came before.
        let cheap = frame([8, 0, 99, 0, 1, 0, 0, 0])
        for client in clients {
            client.send(HostileClient.negotiate() + [UInt8]((0..<count).flatMap { _ in cheap }))
        }
        for nonce in 1...50 as ClosedRange<UInt64> {
            try trader.send(
                Commands.order(Market.sellerAccount, .sell, 100_000, 1, nonce: nonce), by: running.market.seller)
        }
        for _ in 1...50 { #expect(try trader.receive().template == Template.orderAccepted) }
        for client in clients {
            #expect(client.receive()?.template == Template.challenge)
            for _ in 0..<count { #expect(client.receive()?.reason == .unknownTemplate) }
        }
        try running.finish()
    }

    @Test func garbageOnManyConnections() throws {
        let running = try RunningMarket()
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let client = try HostileClient(running.node.orderEntryPort)
            var bytes = (0..<Int.random(in: 1...3000, using: &generator)).map { _ in
                UInt8.random(in: 0...255, using: &generator)
            }
            if Bool.random(using: &generator) { bytes = HostileClient.negotiate() + bytes }
            client.send(bytes)
        }
        try running.finish()
    }

    @Test func theNodeSaysWhyItLeaves() throws {
        let running = try RunningMarket()
        let client = try running.market.client(running.node.orderEntryPort, running.venue)
        #expect(running.node.stop() == 0)
        let end = try client.receive()
        #expect(end.template == Template.terminate)
        #expect(end.withMessage { TerminateMessage($0).reason } == .venueClosing)
    }
}

extension RunningMarket {
    /// An honest client is served; then the node ends in order.
    fileprivate func finish(nonce: UInt64 = 1_000_000) throws {
        let client = try market.client(node.orderEntryPort, venue)
        try client.send(Commands.order(Market.sellerAccount, .sell, 100_000, 1, nonce: nonce), by: market.seller)
        #expect(try client.receive(Template.orderAccepted).sequence > 0)
        #expect(node.stop() == 0, "\(node.errorText)")
    }
    /// Sends what a session of the buyer begins with; the answers to logon and establish are the caller's to receive.
    fileprivate func logOn(_ client: HostileClient) throws {
        client.send(HostileClient.negotiate())
        let challenge = try #require(client.receive()?.withMessage { ChallengeMessage($0).challenge }, "no challenge")
        let logon = bytes(LogonMessage.size) {
            LogonMessage.encode(
                at: $0, account: Market.buyerAccount, keySlot: 0, flags: [], resumeSequence: 0, resumeIndex: 0,
                challenge: challenge)
        }
        client.send(
            frame(venue.sign(logon, market.buyer, .logon))
                + frame(bytes(EstablishMessage.size) { EstablishMessage.encode(at: $0) }))
    }
}
