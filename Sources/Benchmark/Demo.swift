import Foundation
import GlassbookClient
import Platform
import Synchronization
import Wire

/// The main job, once, in front of everyone: users, deposits, trading clients with signed orders, the feed, the books,
/// and the latency beside the floor.
public struct Demo: Sendable {
    /// Trading clients, each with an account, a session and a thread of its own.
    public var clients = 4
    /// Commands of all clients together.
    public var commands = 20_000
    /// Orders whose latency is measured; 0: none.
    public var latencyOrders = 10_000
    public var nodeCore: UInt32 = 0
    public var clientCore: UInt32 = 1
    /// A floor that was measured before; nil: it is measured first, where a node that is attached to disturbs it.
    public var floor: FloorResult?

    public init() {}

    /// What was found.
    public struct Result: Sendable {
        public var lines: [String] = []
        public var holds = true
    }

    /// Runs it. The lines are the results; progress goes to standard error.
    public func run(_ target: Target, _ progress: ProgressLog) throws(BenchmarkError) -> Result {
        var latency = LatencyBenchmark()
        (latency.orders, latency.nodeCore, latency.clientCore) = (max(latencyOrders, 1), nodeCore, clientCore)
        latency.floor = floor
        if latencyOrders > 0 { latency.floor = try latency.measureFloor(.oneAtATime, progress) }
        let access = try target.open(progress)
        defer { access.close() }
        progress.say("opening \(clients) accounts and crediting deposits, by signed commands of the operator")
        let traders = try access.openAccounts(clients, amount: 1 << 50)
        var result = Result()
        try trade(traders, access, progress, &result)
        if latencyOrders > 0 {
            let figures = try latency.run(.oneAtATime, on: access, progress)
            result.lines += ["", figures.table(), figures.floor.verdict]
        }
        return result
    }

    private func trade(
        _ traders: [Trader], _ access: VenueAccess, _ progress: ProgressLog, _ result: inout Result
    ) throws(BenchmarkError) {
        let follower = try FeedAudience(access)
        try follower.catchUp()
        let before = follower.orderCount
        let crew = try TradingCrew(traders, access, commandsEach: commands / max(clients, 1))
        let start = SystemClock.monotonicNanoseconds()
        var meter = ProgressMeter(progress)
        while !crew.isDone {
            try follower.follow(milliseconds: 20)
            meter.update("\(grouped(crew.answered)) answers, \(grouped(follower.trades)) trades on the feed")
        }
        let milliseconds = max(1, (SystemClock.monotonicNanoseconds() - start) / 1_000_000)
        let outcomes = try crew.settle()
        try follower.catchUp()
        let sent = outcomes.reduce(0) { $0 + $1.sent }
        let trades = outcomes.reduce(0) { $0 + $1.trades }
        result.lines.append(
            "\(clients) clients sent \(grouped(sent)) signed commands in \(milliseconds) ms; "
                + "\(grouped(outcomes.reduce(0) { $0 + $1.refused })) were refused; \(grouped(trades)) trades")
        result.lines.append("last trades on the feed:")
        result.lines += follower.lastTrades(10, access.settings)
        compare(outcomes, follower, before, trades, &result)
        try crew.close()
        try follower.catchUp()
        if follower.orderCount != before {
            result.holds = false
            result.lines.append("WRONG: after the mass cancels the feed still shows orders of these clients")
        }
    }

    /// What the feed shows against what the replies said, order by order.
    private func compare(
        _ outcomes: [TradingOutcome], _ follower: FeedAudience, _ before: Int, _ trades: Int,
        _ result: inout Result
    ) {
        var open = 0
        var wrong = 0
        for outcome in outcomes {
            for (id, order) in outcome.open {
                open += 1
                if !follower.shows(id, order) { wrong += 1 }
            }
        }
        let hasAll = follower.orderCount - before == open && follower.trades == trades
        if wrong == 0 && hasAll {
            result.lines.append(
                "the books rebuilt from the feed are those of the replies: \(grouped(open)) open orders, "
                    + "\(grouped(trades)) trades")
        } else {
            result.holds = false
            result.lines.append(
                "WRONG: \(wrong) of \(open) open orders differ; the feed shows \(follower.orderCount - before) orders "
                    + "and \(follower.trades) trades, the replies \(open) and \(trades)")
        }
    }
}

/// The trading clients, each on a thread of its own.
private final class TradingCrew {
    private struct Report: Sendable {
        var outcome = TradingOutcome()
        var isDone = false
        var failure: ClientError?
    }

    private final class Seat: @unchecked Sendable {
        // The client belongs to its thread until the report says that it is done, then to the crew.
        let client: TradingClient
        let report = Mutex(Report())
        init(_ client: TradingClient) { self.client = client }
    }

    private let seats: [Seat]

    init(_ traders: [Trader], _ access: VenueAccess, commandsEach: Int) throws(BenchmarkError) {
        var seats: [Seat] = []
        for (index, trader) in traders.enumerated() {
            seats.append(
                Seat(
                    try client { () throws(ClientError) in
                        try TradingClient(trader, access, seed: UInt64(index + 1))
                    }))
        }
        self.seats = seats
        for (index, seat) in seats.enumerated() {
            try Self.start(seat, index, commandsEach)
        }
    }

    private static func start(_ seat: Seat, _ index: Int, _ commands: Int) throws(BenchmarkError) {
        let body: @Sendable () -> Void = {
            var failure: ClientError?
            do throws(ClientError) {
                _ = try seat.client.trade(commands) { outcome in seat.report.withLock { $0.outcome = outcome } }
            } catch { failure = error }
            seat.report.withLock { ($0.isDone, $0.failure) = (true, failure) }
        }
        let thread = Thread(block: body)
        thread.name = "client-\(index)"
        thread.start()
    }

    var isDone: Bool { seats.allSatisfy { $0.report.withLock { $0.isDone } } }
    var answered: Int { seats.reduce(0) { $0 + $1.report.withLock { $0.outcome.answered } } }

    /// What is open when nothing more comes; throws what a client ran into.
    func settle() throws(BenchmarkError) -> [TradingOutcome] {
        var outcomes: [TradingOutcome] = []
        for seat in seats {
            if let failure = seat.report.withLock({ $0.failure }) { throw .unexpected("a client: \(failure)") }
            outcomes.append(try client { () throws(ClientError) in try seat.client.settle() })
        }
        return outcomes
    }

    func close() throws(BenchmarkError) {
        for seat in seats { try client { () throws(ClientError) in try seat.client.close() } }
    }
}

/// Runs what throws `ClientError` where `BenchmarkError` is thrown.
func client<Value: ~Copyable>(_ body: () throws(ClientError) -> Value) throws(BenchmarkError) -> Value {
    do throws(ClientError) { return try body() } catch { throw .unexpected("\(error)") }
}
