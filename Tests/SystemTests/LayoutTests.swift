import Cryptography
import Foundation
import Testing
import Wire

/// The same commands through different layouts: the same records, the same state.
@Suite struct LayoutTests {
    @Test func everyLayoutHasTheSameEffects() throws {
        let changing = [("bad_signatures_max", "1_000")]
        let one = try VenueFixture(.one, changing: changing)
        let many = try VenueFixture(.many, changing: changing, copying: one)
        let stream = CommandStream(one)
        let contents = try [one, many].map { venue in
            let node = try NodeProcess(venue.configurationFile)
            try stream.run(node.orderEntryPort, venue)
            #expect(node.stop() == 0, "\(node.errorText)")
            return try JournalContent(venue.directory + "/journal")
        }
        #expect(contents[0].entries.count > 500)
        #expect(contents[0].count(Template.executed) > 50)
        #expect(contents[0].entries == contents[1].entries)
        #expect(contents[0].stateHash == contents[1].stateHash)
    }
}

/// A fixed stream of frames of one connection: orders that cross, cancels, keys that are added and revoked in the
/// middle, messages that are not authentic.
struct CommandStream {
    private let frames: [[UInt8]]
    /// The last message; its answer is the last one.
    private let last: [UInt8]
    private let market = Market()

    init(_ venue: VenueFixture) {
        var frames: [[UInt8]] = []
        var nonces: [UInt32: UInt64] = [:]
        var random: UInt64 = 0x9E37_79B9_7F4A_7C15
        func next(_ bound: UInt64) -> UInt64 {
            random ^= random << 13
            random ^= random >> 7
            random ^= random << 17
            return random % bound
        }
        func nonce(_ account: UInt32) -> UInt64 {
            nonces[account, default: 0] += 1
            return nonces[account]!
        }
        let trading = SigningKey(insecureDeterministic: 200)
        let (buyer, seller) = (Market.buyerAccount, Market.sellerAccount)
        let market = market
        func add(_ message: [UInt8], _ key: SigningKey) { frames.append(frame(venue.sign(message, key))) }
        for step in 0..<600 {
            let isBuyer = next(2) == 0
            let account = isBuyer ? buyer : seller, key = isBuyer ? market.buyer : market.seller
            switch next(20) {
            case 0: add(Commands.massCancel(account, nonce: nonce(account)), key)
            case 1: add(Commands.order(account, .buy, 100_000, 1, nonce: nonces[account, default: 0] + 1), trading)
            case 2: frames.append(frames.last ?? [])
            default:
                let price = UInt32(100_000 + Int(next(10)) - 5)
                let side: Side = next(2) == 0 ? .buy : .sell
                add(
                    Commands.order(
                        account, side, price, UInt32(1 + next(20)), nonce: nonce(account), id: UInt64(step + 1)), key)
            }
            // A key of its own for each of these, used by the very next message, and revoked by the one after.
            if step % 100 == 99 {
                let slot = UInt16(1 + step / 100)
                add(Commands.addTradingKey(buyer, slot: slot, trading, nonce: nonce(buyer), venue), market.buyer)
                let id = UInt64(10_000 + step)
                add(Commands.order(buyer, .buy, 99_000, 1, nonce: 1, id: id, slot: slot), trading)
                add(Commands.revokeTradingKey(buyer, slot: slot, nonce: nonce(buyer)), market.buyer)
                add(Commands.order(buyer, .buy, 99_000, 1, nonce: 2, id: id + 1, slot: slot), trading)
            }
        }
        self.frames = frames
        last = frame(venue.sign(Commands.massCancel(seller, nonce: 1_000_000), market.seller))
    }

    /// Opens the market and sends everything without waiting for answers; returns when the last answer is there.
    func run(_ port: UInt16, _ venue: VenueFixture) throws {
        try market.open(port, venue)
        let client = try market.client(port, venue)
        for bytes in frames { try client.send(bytes) }
        try client.send(last)
        while true {
            let answer = try client.receive(Template.commandAccepted)
            if answer.withMessage({ CommandAcceptedMessage($0).nonce }) == 1_000_000 { return }
        }
    }
}
