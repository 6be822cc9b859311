import Cryptography
import Foundation
import GlassbookClient
import MarketData
import Platform
import Testing
import Wire

/// A real node, real orders, a real capture: what others' software makes of the feed.
@Suite("Captured run", .serialized)
struct CapturedRunTests {
    private static let keys = [SigningKey(insecureDeterministic: 31), SigningKey(insecureDeterministic: 32)]

    @Test func othersReadARunAndRebuildTheVenuesBook() throws {
        let running = try RunningVenue()
        let capture = try LoopbackCapture(of: running)
        try trade(running)

        // Who comes late asks the request server for everything; another one takes a snapshot.
        let first = try follow(running, .beginning)
        let late = try follow(running, .snapshot, to: first.end)
        #expect(first.statistics.requests > 0 && first.statistics.malformed == 0)
        #expect(late.books.images() == first.books.images() && late.end == first.end)
        #expect(first.books.systemEvent == SystemEventMessage.endOfMessages)
        #expect(late.books.listings == first.books.listings && late.books.systemEvent == first.books.systemEvent)
        let file = try capture?.stop() ?? written(running)
        #expect(running.stop() == 0)
        try replayByOthers(running)

        let venue = try #require(
            try VenueBooks(journal: running.settings.journalDirectory, expecting: first.books.orderCount))
        #expect(first.end == venue.feedMessages + 1)
        try compare(first.books, venue, running)
        try readByOthers(file, venue, running, hasRequests: capture != nil)
    }

    /// The second verifier, whose venue was written from the rules' page alone, makes every effect again.
    private func replayByOthers(_ running: RunningVenue) throws {
        let configuration = running.directory + "/config.toml", anchors = running.directory + "/anchors"
        try Tools.run(Tools.executable("keys"), ["anchors", "--config", configuration])
            .write(toFile: anchors, atomically: true, encoding: .utf8)
        let script = Tools.root.appending(path: "Tests/InteropTests/Python/verify.py").path
        let said = try Tools.run(
            URL(filePath: "/usr/bin/env"),
            ["python3", "-B", script, anchors, "journal", running.settings.journalDirectory])
        #expect(said.contains(" signatures; head "))
    }

    /// Accounts, deposits, a thousand orders with everything that happens to orders, halts, end of messages.
    private func trade(_ running: RunningVenue) throws {
        let boss = running.signer(1, running.operatorKey)
        // For a node that does not run for a while, on a busy machine.
        var options = SessionOptions()
        (options.timeoutMilliseconds, options.heartbeatMilliseconds) = (120_000, 60_000)
        let operators = try Session.open(running.orderEntry, [boss], options: options)
        func run(_ body: CommandBody) throws {
            try operators.send(body, by: boss)
            let reply = try operators.receiveReply(timeoutMilliseconds: 120_000)
            guard case .commandAccepted = reply?.body else {
                throw RunningVenue.Failure(description: "\(reply as Any)")
            }
        }
        let signers = Self.keys.enumerated().map { running.signer(UInt32(3 + $0), $1) }
        for (signer, key) in zip(signers, Self.keys) {
            let proof = boss.prefixes.signPossession(account: signer.account, key: key)
            try run(.createAccount(signer.account, ownerKey: signer.publicKey, proof: proof))
            for asset in 0..<3 as Range<UInt32> {
                let reference = Bytes32(UInt64(signer.account), UInt64(asset), 5, 5)
                try run(.deposit(to: signer.account, asset: asset, amount: 1 << 55, reference: reference))
            }
        }
        let session = try Session.open(running.orderEntry, signers, options: options)
        var numbers = Numbers(state: 46)
        for round in 1...60 {
            for (index, signer) in signers.enumerated() {
                try session.send(.batch(entries(&numbers, round: round, index)), by: signer)
            }
            // Everything is answered before the next round, so that no buffer fills.
            for signer in signers {
                try session.send(.cancelOrder(.clientOrderId(UInt64.max - 1)), by: signer)
                try awaitRejection(session, signer.account)
            }
            switch round {
            case 20: try run(.setTradingState(.halted, instrument: 1, reason: "T1"))
            case 25: try run(.setTradingState(.continuous, instrument: 1))
            case 30: try run(.setTradingState(.cancelOnly, instrument: nil))
            case 35: try run(.setTradingState(.continuous, instrument: nil))
            case 40: try session.send(.massCancel(instrument: 2), by: signers[0])
            case 59: try run(.setTradingState(.halted, instrument: 2, reason: "M"))
            default: break
            }
        }
        _ = try session.terminate()
        try run(.setTradingState(.endOfMessages, instrument: nil))
        _ = try operators.terminate()
    }

    /// Entries of a batch: new orders of every kind around the middle, cancels and replaces of older ones; at last one
    /// that rests and is reduced in its place.
    private func entries(_ numbers: inout Numbers, round: Int, _ index: Int) -> [BatchItem] {
        let last = UInt64(round * 100 + 50)
        return randomEntries(&numbers, round: round, index) + [
            .new(.limit(.buy, 20, at: 39_000, instrument: 1, clientOrderId: last)),
            .replace(OrderReplacement(.clientOrderId(last), priceTicks: 39_000, quantityLots: 7)),
        ]
    }

    private func randomEntries(_ numbers: inout Numbers, round: Int, _ index: Int) -> [BatchItem] {
        (1...10).map { entry -> BatchItem in
            let id = UInt64(round * 100 + entry)
            let older = UInt64(max(1, round - numbers.below(6)) * 100 + 1 + numbers.below(10))
            let instrument = UInt32(numbers.below(3))
            let middle: UInt32 = [100_000, 40_000, 4_000][Int(instrument)]
            let price = middle - 5 + UInt32(numbers.below(11)), lots = UInt32(1 + numbers.below(50))
            switch numbers.below(10) {
            case 0: return .cancel(.clientOrderId(older))
            case 1, 2:
                return .replace(
                    OrderReplacement(
                        .clientOrderId(older), priceTicks: price, quantityLots: lots,
                        losesPriority: numbers.below(2) == 0))
            case 3:
                return .new(
                    .limit(
                        numbers.below(2) == 0 ? .buy : .sell, lots, at: price, instrument: instrument,
                        clientOrderId: id, timeInForce: .immediateOrCancel))
            default:
                return .new(
                    .limit(
                        (numbers.below(4) == 0) == (index == 0) ? .buy : .sell, lots, at: price,
                        instrument: instrument, clientOrderId: id))
            }
        }
    }

    /// Takes replies until the one to a cancel of an order that there is not.
    private func awaitRejection(_ session: Session, _ account: UInt32) throws {
        while let reply = try session.receiveReply(timeoutMilliseconds: 120_000) {
            guard case .commandRejected(let rejected) = reply.body else { continue }
            if reply.account == account, rejected.clientOrderId == UInt64.max - 1 { return }
        }
        throw ClientError.timedOut
    }

    private struct Followed: ~Copyable {
        var books: BookBuilder
        let end: UInt64
        let statistics: FeedStatistics
    }

    /// Follows the feed until the session has ended, or up to a message.
    private func follow(
        _ running: RunningVenue, _ start: FeedOptions.Start, to end: UInt64? = nil
    ) throws -> Followed {
        let feed = try FeedClient(running.addresses, options: FeedOptions(start))
        var books = BookBuilder(ordersMax: 1 << 14)
        let deadline = SystemClock.monotonicNanoseconds() + 120_000_000_000
        while true {
            let progress = try feed.receive(timeoutMilliseconds: 1_000) { message in
                do { try books.apply(message) } catch { Issue.record("message \(message.sequence): \(error)") }
            }
            if progress == .ended || feed.nextSequence == end { break }
            guard SystemClock.monotonicNanoseconds() < deadline else { throw ClientError.timedOut }
        }
        return Followed(books: books, end: feed.nextSequence, statistics: feed.statistics)
    }

    /// The books of our receiver, queue by queue, against the venue's own.
    private func compare(_ books: borrowing BookBuilder, _ venue: VenueBooks, _ running: RunningVenue) throws {
        #expect(venue.orders.count > 50 && venue.executedLots > 1_000)
        for listing in running.settings.venue.instruments {
            var expected: [Side: [UInt32: [FeedPlace]]] = [:]
            for order in venue.orders where order.instrument == listing.id {
                let price = order.priceTicks * listing.priceMultiplier
                expected[order.side, default: [:]][price, default: []].append(
                    FeedPlace(reference: order.reference, shares: order.lots))
            }
            let image = books.image(of: listing.id)
            for (side, levels) in [(Side.buy, image.buys), (.sell, image.sells)] {
                let found = levels.map { level in
                    (level.price, level.orders.map { FeedPlace(reference: $0.reference, shares: $0.shares) })
                }
                #expect(Dictionary(uniqueKeysWithValues: found) == expected[side] ?? [:])
            }
        }
    }

    private struct FeedPlace: Equatable {
        let reference: UInt64
        let shares: UInt32
    }

    /// tshark finds no fault and no hole; `itchfeed` reads every message, and its book is the venue's.
    private func readByOthers(
        _ file: URL, _ venue: VenueBooks, _ running: RunningVenue, hasRequests: Bool
    ) throws {
        let group = running.addresses.group.port, requests = running.addresses.requestServer.port
        let all = try Dissection(capture: file, ports: [group, requests])
        let read = Dissection(packets: all.packets.filter { !$0.session.hasPrefix("END") })
        #expect(read.faults.isEmpty, "\(read.faults.prefix(3))")
        let multicast = read.packets.filter { $0.destinationPort == group }
        // The capture waited for a heartbeat.
        #expect(multicast.contains { $0.count == 0 } || !hasRequests)
        #expect(multicast.last?.count == 0xFFFF)
        #expect(hasRequests == (read.packets.count > multicast.count))
        let messages = try #require(read.messages(of: "GLAS000001"), "packets do not agree")
        #expect(read.packets.allSatisfy { $0.session == "GLAS000001" })
        // What was multicast before the capture began was asked for by the receiver.
        #expect(messages.keys.sorted() == Array(1...venue.feedMessages))
        let inOrder = messages.keys.sorted().compactMap { messages[$0] }
        let decoded = try ItchFeed(inOrder)
        #expect(!decoded.types.contains("?"))
        #expect(Set(decoded.types) == Set("SRHAEXDU"))
        let multipliers = running.settings.venue.instruments.map(\.priceMultiplier)
        let symbols = running.settings.venue.instruments.map(\.symbol)
        let expected = venue.orders.map { order in
            ItchFeed.Order(
                reference: order.reference, locate: UInt16(order.instrument + 1),
                symbol: symbols[Int(order.instrument)], side: order.side == .buy ? "B" : "S",
                shares: UInt64(order.lots),
                price: UInt64(order.priceTicks * multipliers[Int(order.instrument)]))
        }
        #expect(Set(decoded.orders) == Set(expected) && decoded.orders.count == expected.count)
        #expect(decoded.executedShares == venue.executedLots)
        #expect(decoded.states == ["BTC-USD": "T", "ETH-USD": "T", "ETH-BTC": "H"])
        if hasRequests {
            let soup = try Dissection.soup(capture: file, port: running.addresses.snapshotServer.port)
            // Login, its answer, two S, R and H of three instruments, every order, the end.
            #expect(soup.complaints == "" && soup.packets == 2 + 2 + 6 + venue.orders.count + 1, "\(soup)")
        }
    }

    /// Without the right to capture: the same packets from a socket, written as a capture.
    private func written(_ running: RunningVenue) throws -> URL {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 2_048, alignment: 8)
        defer { buffer.deallocate() }
        var datagrams: [[UInt8]] = []
        var source = IPv4Endpoint(.any, port: 0)
        while case let count = Sockets.receive(running.tap.raw, into: buffer, from: &source), count >= 0 {
            datagrams.append([UInt8](buffer[..<count]))
        }
        let file = URL(filePath: running.directory + "/run.pcap")
        try Dissection.capture(datagrams, port: running.addresses.group.port, to: file)
        return file
    }

    /// Numbers that look random and are the same in every run.
    private struct Numbers {
        var state: UInt64

        mutating func below(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
    }
}
