import Cryptography
import Foundation
import Glibc
import Journal
import MarketData
import Settings
import Testing
import Wire

/// kill -9 at random moments under load, again and again: no acknowledged order is missing, and nothing was published
/// that recovery does not contain. GLASSBOOK_KILLS says how often; 8 without it.
@Suite struct KillTests {
    @Test(arguments: VenueFixture.Layout.allCases)
    func nothingToldIsEverMissing(_ layout: VenueFixture.Layout) throws {
        let kills = ProcessInfo.processInfo.environment["GLASSBOOK_KILLS"].flatMap { Int($0) } ?? 8
        let venue = try VenueFixture(layout)
        let tap = try FeedTap(NodeSettings.load(venue.configurationFile).marketData)
        let market = Market()
        var node = try NodeProcess(venue.configurationFile)
        try market.open(node.orderEntryPort, venue)
        var load = Load(market: market, venue: venue)
        for _ in 0..<kills {
            let client = try market.client(node.orderEntryPort, venue)
            let killer = Killer(node.identifier, afterMicroseconds: UInt32.random(in: 100...60_000))
            load.run(client)
            killer.wait()
            node = try NodeProcess(venue.configurationFile)
        }
        #expect(node.stop() == 0, "\(node.errorText)")

        let content = try JournalContent(venue.directory + "/journal")
        #expect(content.entries.filter { $0.kind == .restart }.count == kills)
        #expect(load.answers.count > kills)
        for (nonce, answer) in load.answers {
            #expect(answer.sequence <= content.entries.count)
            let entry = content.entries[Int(answer.sequence) - 1]
            let header = entry.command.withUnsafeBytes { CommandHeader($0.baseAddress!).nonce }
            #expect(header == nonce, "the order that was acknowledged as \(answer.sequence)")
        }
        let published = tap.stop()
        let expected = try Self.feed(venue)
        #expect(published.messages.count > 10)
        #expect(published.conflicts.isEmpty)
        let strangers = published.messages.filter { expected[$0.key] != $0.value }
        #expect(strangers.isEmpty, "published, and not what recovery contains: \(strangers.keys.prefix(5))")
    }

    /// The feed as the journal has it.
    private static func feed(_ venue: VenueFixture) throws -> [FeedTap.Key: [UInt8]] {
        let settings = try NodeSettings.load(venue.configurationFile)
        var encoder = FeedEncoder(instrumentsMax: Int(settings.venue.instrumentsMax))
        var reader = try TailReader.open(directory: settings.journalDirectory)
        let memory = UnsafeMutableRawPointer.allocate(byteCount: FeedEncoder.bytesPerEffectMax, alignment: 8)
        defer { memory.deallocate() }
        var generation: UInt32 = 0
        var messages: [FeedTap.Key: [UInt8]] = [:]
        while let record = try reader.next() {
            var sequence = record.feedSequence
            var effects = record.effects
            while let effect = effects.read() {
                if effect.template == Template.feedSessionStarted {
                    generation = FeedSessionStartedMessage(effect.base).generation
                }
                let session = FeedSession(venueName: FixedText.four(settings.venue.name)!, generation: generation)
                let made = encoder.encode(effect, time: record.time, at: memory)
                var offset = 0
                for bytes in [made.firstBytes, made.secondBytes].prefix(made.count) {
                    let message = UnsafeRawBufferPointer(start: memory + offset, count: bytes)
                    messages[FeedTap.Key(session: session.text, sequence: sequence)] = [UInt8](message)
                    offset += bytes
                    sequence += 1
                }
            }
        }
        return messages
    }
}

/// Orders that rest and cross, a few on their way at a time, until the connection ends.
private struct Load {
    let market: Market
    let venue: VenueFixture
    private var nonce: UInt64 = 0
    private var lastAnswered: UInt64 = 0
    /// What was acknowledged: the seller's nonce, and the answer.
    private(set) var answers: [UInt64: (sequence: UInt64, template: UInt16)] = [:]

    init(market: Market, venue: VenueFixture) {
        self.market = market
        self.venue = venue
    }

    mutating func run(_ client: RawClient) {
        do {
            while true {
                for _ in 0..<4 {
                    nonce += 1
                    let side: Side = nonce % 2 == 0 ? .buy : .sell
                    try client.send(
                        Commands.order(Market.sellerAccount, .sell, 100_000, 2, nonce: nonce), by: market.seller)
                    if side == .buy {
                        try client.send(
                            Commands.order(Market.buyerAccount, .buy, 100_000, 3, nonce: nonce), by: market.buyer)
                    }
                }
                while lastAnswered < nonce { try take(client.receive()) }
            }
        } catch {}
    }

    private mutating func take(_ answer: Received) throws {
        guard answer.template == Template.orderAccepted else { return }
        let (account, id) = answer.withMessage {
            (OrderAcceptedMessage($0).account, OrderAcceptedMessage($0).clientOrderId)
        }
        guard account == Market.sellerAccount else { return }
        answers[id] = (answer.sequence, answer.template)
        lastAnswered = id
    }
}

/// Kills a process after a time.
private final class Killer {
    private var thread = pthread_t()

    init(_ process: Int32, afterMicroseconds: UInt32) {
        let order = UnsafeMutablePointer<(Int32, UInt32)>.allocate(capacity: 1)
        order.initialize(to: (process, afterMicroseconds))
        pthread_create(
            &thread, nil,
            { argument in
                let order = argument!.assumingMemoryBound(to: (Int32, UInt32).self)
                usleep(order.pointee.1)
                kill(order.pointee.0, SIGKILL)
                order.deallocate()
                return nil
            }, order)
    }

    func wait() { pthread_join(thread, nil) }
}
