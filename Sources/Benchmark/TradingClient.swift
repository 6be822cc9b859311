import GlassbookClient
import Platform
import Settings
import Wire

/// What a trading client knows of an open order of its own, from replies alone.
struct OpenOrder: Equatable, Sendable {
    var instrument: UInt32
    var side: Side
    var priceTicks: UInt32
    var lots: UInt32
}

/// What became of a trading client's orders.
struct TradingOutcome: Sendable {
    var open: [UInt64: OpenOrder] = [:]
    var sent = 0
    var answered = 0
    var refused = 0
    var trades = 0

    /// Takes a reply into account.
    mutating func take(_ reply: Reply) {
        switch reply.body {
        case .orderAccepted(let accepted):
            answered += 1
            open[accepted.orderId] = OpenOrder(
                instrument: accepted.instrument, side: accepted.side, priceTicks: accepted.priceTicks,
                lots: accepted.quantityLots)
        case .orderReplaced(let replaced):
            answered += 1
            open[replaced.originalOrderId] = nil
            open[replaced.orderId] = OpenOrder(
                instrument: replaced.instrument, side: replaced.side, priceTicks: replaced.priceTicks,
                lots: replaced.quantityLots)
        case .orderExecuted(let executed):
            if executed.liquidity == .taker { trades += 1 }
            setLeaves(executed.orderId, executed.leavesLots)
        case .orderCancelled(let cancelled):
            if cancelled.reason == .requested { answered += 1 }
            setLeaves(cancelled.orderId, cancelled.leavesLots)
        case .commandRejected:
            answered += 1
            refused += 1
        case .commandAccepted: answered += 1
        case .balanceUpdate: break
        }
    }

    private mutating func setLeaves(_ order: UInt64, _ lots: UInt32) {
        if lots == 0 { open[order] = nil } else { open[order]?.lots = lots }
    }
}

/// One trading client: an account, a session, and a stream of orders, cancels and replaces around the reference price.
final class TradingClient {
    /// Commands that wait for an answer at most.
    private static let window = 32
    private static let timeoutMilliseconds = 60_000

    private let session: Session
    private let signer: Signer
    private let instruments: [InstrumentSettings]
    private var random: Generator
    private var outcome = TradingOutcome()
    private var nextClientOrder: UInt64 = 1
    /// Orders that a cancel or a replace may name.
    private var candidates: [UInt64] = []

    init(_ trader: Trader, _ access: VenueAccess, seed: UInt64) throws(ClientError) {
        signer = Signer(account: trader.account, key: trader.key, venue: access.identity.id)
        // A client that has finished is silent until all others have, and the feed is compared.
        var options = SessionOptions()
        options.heartbeatMilliseconds = 60_000
        session = try Session.open(access.orderEntry, [signer], options: options)
        instruments = access.settings.venue.instruments
        random = Generator(seed: seed)
    }

    /// Sends so many commands; returns what is open when all are answered. `report` hears of each answer.
    func trade(_ commands: Int, _ report: (TradingOutcome) -> Void) throws(ClientError) -> TradingOutcome {
        for _ in 0..<commands {
            try session.send(nextCommand(), by: signer)
            outcome.sent += 1
            try receive(outstandingMax: Self.window)
            report(outcome)
        }
        try receive(outstandingMax: 0)
        report(outcome)
        return outcome
    }

    /// What this account has open now: trades of others change it after its own commands are answered.
    func settle() throws(ClientError) -> TradingOutcome {
        while let reply = try session.receiveReply(timeoutMilliseconds: 1_000) { outcome.take(reply) }
        return outcome
    }

    /// Cancels what is open, and ends the session.
    func close() throws(ClientError) {
        try session.send(.massCancel(), by: signer)
        outcome.sent += 1
        try receive(outstandingMax: 0)
        _ = try session.terminate()
    }

    private func receive(outstandingMax: Int) throws(ClientError) {
        while true {
            let mustWait = outcome.sent - outcome.answered > outstandingMax
            let reply = try session.receiveReply(timeoutMilliseconds: mustWait ? Self.timeoutMilliseconds : 0)
            guard let reply else {
                if mustWait { throw .timedOut }
                return
            }
            outcome.take(reply)
            if case .orderAccepted(let accepted) = reply.body, accepted.timeInForce == .goodTillCancel {
                candidates.append(accepted.orderId)
            }
        }
    }

    /// An order that is open as far as is known, and that nothing was sent for yet.
    private func takeCandidate() -> UInt64? {
        while !candidates.isEmpty {
            let index = Int(random.below(UInt64(candidates.count)))
            candidates.swapAt(index, candidates.count - 1)
            let id = candidates.removeLast()
            if outcome.open[id] != nil { return id }
        }
        return nil
    }

    private func nextCommand() -> CommandBody {
        let choice = random.below(100)
        if choice < 30, let id = takeCandidate(), let order = outcome.open[id] {
            if choice < 20 { return .cancelOrder(.orderId(id)) }
            let lots = max(1, order.lots / 2)
            return .replaceOrder(OrderReplacement(.orderId(id), priceTicks: order.priceTicks, quantityLots: lots))
        }
        let listing = instruments[Int(random.below(UInt64(instruments.count)))]
        let side: Side = random.below(2) == 0 ? .buy : .sell
        let step = max(1, listing.referencePriceTicks / 1_000)
        let distance = UInt32(random.below(10)) * step
        // One in five goes over to the other side.
        let isAggressive = random.below(5) == 0
        let isBelow = (side == .buy) != isAggressive
        let price = isBelow ? listing.referencePriceTicks - distance - 1 : listing.referencePriceTicks + distance + 1
        defer { nextClientOrder += 1 }
        return .newOrder(
            .limit(
                side, UInt32(1 + random.below(100)), at: price, instrument: listing.id,
                clientOrderId: nextClientOrder, timeInForce: isAggressive ? .immediateOrCancel : .goodTillCancel))
    }
}

/// SplitMix64: the same seed gives the same workload on every machine.
struct Generator: Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }

    /// A number below `bound`.
    mutating func below(_ bound: UInt64) -> UInt64 { next().multipliedFullWidth(by: bound).high }

    /// A number from 0 up to 1, 1 not included.
    mutating func fraction() -> Double { Double(next() >> 11) * 0x1p-53 }
}
