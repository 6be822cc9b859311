import Testing
import Wire

@testable import Venue

/// Random commands: money is conserved and holds are exact after every one, and a second venue does the same.
@Suite struct RandomRuns {
    private struct Generator: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
            return mixed ^ mixed >> 31
        }
    }

    private func run(seed: UInt64, mode: FeeMode, maker: Int32, taker: Int32) -> TestVenue {
        var random = Generator(state: seed)
        var listing = TestVenue.Listing()
        (listing.feeMode, listing.makerFee, listing.takerFee) = (mode, maker, taker)
        (listing.minimum, listing.maximum, listing.reference, listing.band) = (90, 110, 100, 800)
        var capacity = TestVenue.Capacity()
        (capacity.orders, capacity.openOrders) = (40, 18)
        let venue = TestVenue.trading(listing, funds: 40_000, capacity: capacity)
        for _ in 0..<1_500 {
            let account = UInt32.random(in: 3...5, using: &random)
            let order = venue.venue.lastOrderId &- UInt64.random(in: 0...20, using: &random)
            switch UInt32.random(in: 0...19, using: &random) {
            case 0...10: randomOrder(venue, account, &random)
            case 11...12: venue.cancel(account, order)
            case 13...15:
                venue.replace(
                    account, order, lots: .random(in: 0...30, using: &random),
                    at: .random(in: 88...112, using: &random),
                    flags: Bool.random(using: &random) ? .losePriority : [])
            case 16: venue.massCancel(account, side: [nil, .buy, .sell].randomElement(using: &random)!)
            case 17:
                venue.batch(
                    account,
                    [
                        .new(.buy, 3, at: 100, as: venue.nextClientOrderId(), stp: .decrementBoth), .cancel(order),
                        .new(.sell, 4, at: 99, as: venue.nextClientOrderId(), .immediateOrCancel, stp: .cancelBoth),
                        .replace(order, lots: 2, at: 101),
                    ])
            case 18:
                venue.withdraw(.random(in: 0...200, using: &random), .random(in: 0...1, using: &random), from: account)
            default:
                let rate = Int32.random(in: 0...20_000, using: &random)
                venue.setLimits(.instrument, 0, makerFee: mode == .quote ? -rate : rate, takerFee: rate)
            }
        }
        return venue
    }

    private func randomOrder(_ venue: TestVenue, _ account: UInt32, _ random: inout Generator) {
        let isMarket = UInt32.random(in: 0...9, using: &random) == 0
        let times: [TimeInForce] = [.goodTillCancel, .goodTillCancel, .goodTillCancel, .immediateOrCancel, .fillOrKill]
        venue.order(
            account, Bool.random(using: &random) ? .buy : .sell, .random(in: 0...25, using: &random),
            at: isMarket ? nil : .random(in: 90...110, using: &random), times.randomElement(using: &random)!,
            stp: SelfTradePrevention.allCases.randomElement(using: &random)!,
            flags: UInt32.random(in: 0...7, using: &random) == 0 ? .postOnly : [])
    }

    @Test(
        "REC-1: the same commands, the same effects and state; conserved after each (AST, FEE)",
        arguments: [1, 2, 3, 4] as [UInt64])
    func runs(seed: UInt64) {
        let mode: FeeMode = seed % 2 == 0 ? .received : .quote
        let maker: Int32 = seed % 2 == 0 ? 333 : -777
        let first = run(seed: seed, mode: mode, maker: maker, taker: 1_777)
        let second = run(seed: seed, mode: mode, maker: maker, taker: 1_777)
        #expect(first.records == second.records)
        #expect(first.state() == second.state())
        #expect(first.venue.lastMatchNumber > 100, "a run that trades")
    }
}
