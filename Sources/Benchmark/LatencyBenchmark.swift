import Foundation
import Platform
import Settings
import Wire

/// What a latency run found.
public struct LatencyResult: Sendable {
    public let pace: Pace
    public let floor: FloorResult
    /// Intended send time to the multicast fill.
    public let fill: LatencyFigures
    /// Intended send time to the first TCP reply.
    public let reply: LatencyFigures
    /// The node's own stages, from its counters file.
    public let stages: [HistogramSnapshot]

    /// The table that a person reads.
    public func table() -> String {
        var lines = ["latency in µs, \(pace.text)", LatencyFigures.heading]
        lines.append(floor.echo.row("floor: the bare echo"))
        lines.append(fill.row("order to multicast fill"))
        lines.append(reply.row("order to TCP reply"))
        let difference = zip(
            [fill.p50, fill.p90, fill.p99, fill.p999, fill.maximum],
            [floor.echo.p50, floor.echo.p90, floor.echo.p99, floor.echo.p999, floor.echo.maximum])
        lines.append(
            "fill minus floor" + String(repeating: " ", count: 14)
                + difference.map { pad(microsecondsDifference($0.0, $0.1), 11) }.joined())
        lines.append("one signature check alone: \(microseconds(floor.verifyNanoseconds)) µs")
        if !stages.isEmpty {
            lines.append("stages of the node")
            for stage in stages {
                let cells = [500_000, 900_000, 990_000, 999_000].map { (perMillion: UInt64) in
                    pad(microseconds(stage.percentile(perMillion: perMillion) ?? 0), 11)
                }
                // The counters are in nanoseconds, and say so; this table is not.
                let name = "  " + (stage.name.hasSuffix("-ns") ? stage.name.dropLast(3) : stage.name[...])
                lines.append(
                    name + String(repeating: " ", count: max(1, 30 - name.utf8.count)) + cells.joined()
                        + pad("", 11) + pad(grouped(stage.count), 12))
            }
        }
        return lines.joined(separator: "\n")
    }

    /// The figures for a program, one object.
    public func json() -> String {
        let rate: UInt64 = if case .perSecond(let rate) = pace { rate } else { 0 }
        let values: [(String, UInt64)] = [
            ("floor_p50_ns", floor.echo.p50), ("floor_p99_ns", floor.echo.p99),
            ("verify_ns", floor.verifyNanoseconds), ("p50_ns", fill.p50), ("p90_ns", fill.p90),
            ("p99_ns", fill.p99), ("p999_ns", fill.p999), ("max_ns", fill.maximum), ("reply_p50_ns", reply.p50),
            ("reply_p99_ns", reply.p99), ("rate", rate), ("orders", fill.count),
        ]
        let fields = values.map { "\"\($0.0)\": \($0.1)" } + ["\"floor_valid\": \(floor.isValid)"]
        return "{" + fields.joined(separator: ", ") + "}"
    }

    /// Writes `PREFIX.hgrm`, `PREFIX-reply.hgrm`, `PREFIX-floor.hgrm` and `PREFIX.svg`.
    public func write(_ prefix: String) throws(BenchmarkError) {
        let chart = PercentileChart(
            title: "Glassbook: order to fill, \(pace.text)",
            curves: [("order to multicast fill", fill), ("floor: the bare echo", floor.echo), ("TCP reply", reply)])
        let files = [
            (".hgrm", fill.hgrm()), ("-reply.hgrm", reply.hgrm()), ("-floor.hgrm", floor.echo.hgrm()),
            (".svg", chart.svg()),
        ]
        for (ending, text) in files {
            do { try Data(text.utf8).write(to: URL(fileURLWithPath: prefix + ending)) } catch {
                throw .input("\(prefix + ending): \(error)")
            }
        }
    }
}

extension Pace {
    /// In words.
    public var text: String {
        switch self {
        case .perSecond(let rate): "\(grouped(rate)) orders a second, evenly spaced"
        case .oneAtATime: "one order at a time"
        }
    }
}

/// Orders that each take one lot of a large resting order: every order is one fill, one packet of the feed.
public struct LatencyBenchmark: Sendable {
    /// Orders that are measured; a tenth more goes before them.
    public var orders = 20_000
    public var clientCore: UInt32 = 1
    /// Core for the echo when the node is another's; the node that the benchmark starts has it in its profile.
    public var nodeCore: UInt32 = 0
    /// A floor that was measured before; nil: it is measured now.
    public var floor: FloorResult?

    public init() {}

    /// Measures the floor, then a node: its own, or the one that runs with a configuration.
    public func run(_ pace: Pace, _ target: Target, _ progress: ProgressLog) throws(BenchmarkError) -> LatencyResult {
        // Before a node of its own spins on that core.
        let before = target.isAttached ? nil : try measureFloor(pace, progress)
        let access = try target.open(progress)
        defer { access.close() }
        var copy = self
        copy.floor = floor ?? before
        return try copy.run(pace, on: access, progress)
    }

    /// Measures the floor when there is none yet, then a node that was opened already.
    func run(_ pace: Pace, on access: VenueAccess, _ progress: ProgressLog) throws(BenchmarkError) -> LatencyResult {
        let result: FloorResult
        if let floor { result = floor } else { result = try measureFloor(pace, progress) }
        return try onCore(clientCore) { () throws(BenchmarkError) in try measure(pace, access, result, progress) }
    }

    /// The floor at the same pace.
    func measureFloor(_ pace: Pace, _ progress: ProgressLog) throws(BenchmarkError) -> FloorResult {
        if let floor { return floor }
        var benchmark = FloorBenchmark()
        (benchmark.orders, benchmark.serverCore, benchmark.clientCore) = (orders, nodeCore, clientCore)
        return try benchmark.run(pace, progress)
    }

    private func measure(
        _ pace: Pace, _ access: VenueAccess, _ floor: FloorResult, _ progress: ProgressLog
    ) throws(BenchmarkError) -> LatencyResult {
        let count = orders + orders / 10
        var traders = try access.openAccounts(2, amount: 1 << 52)
        progress.say("latency: \(grouped(count)) lots rest, to be taken one by one")
        let instrument = access.settings.venue.instruments[0]
        let feed = try system { () throws(PlatformError) in
            try Sockets.multicastReceiver(group: access.feedGroup, interface: access.feedInterface)
        }
        let firstMatch = try prepare(count, instrument, access, &traders)
        var takers = [traders[1]]
        var link = try OrderLink.established(access.orderEntry, access.identity, &takers)
        let taker = takers[0]
        progress.say("latency: signing \(grouped(count)) orders")
        let frames = FramePool(
            count: count, messageBytes: NewOrderMessage.size, prefix: access.identity.prefixes.command, progress
        ) { index, message in
            encodeOrder(
                at: message, account: taker.account, slot: taker.slot, nonce: taker.nonce + UInt64(index),
                instrument: instrument.id, side: .buy, price: instrument.referencePriceTicks, quantity: 1,
                clientOrder: 1_000_000 + UInt64(index), timeInForce: .immediateOrCancel)
            return taker.key
        }
        progress.say("latency: \(pace.text)")
        let counters = try? CounterReader(path: access.settings.countersFile)
        let before = counters?.histograms() ?? []
        var loop = OpenLoop(count: count, scale: TimestampCounter.calibrate())
        let expected = OpenLoop.Expectation(firstMatch: firstMatch, firstClientOrder: 1_000_000)
        try loop.run(frames, pace, &link, feed: feed, expected, progress)
        let stages = (counters?.histograms() ?? []).filter { $0.name.hasPrefix("stage.") }.map { after in
            before.first { $0.name == after.name }.map { after.since($0) } ?? after
        }
        return LatencyResult(
            pace: pace, floor: floor, fill: loop.fillFigures(from: orders / 10),
            reply: loop.replyFigures(from: orders / 10), stages: stages)
    }

    /// Lets the maker's orders rest, trades one lot, and returns the match number of the fill that comes next.
    private func prepare(
        _ count: Int, _ instrument: InstrumentSettings, _ access: VenueAccess, _ traders: inout [Trader]
    ) throws(BenchmarkError) -> UInt64 {
        let price = instrument.referencePriceTicks
        let lotNotional = UInt64(price) * instrument.tickValue
        let largest = min(UInt64(instrument.quantityMaxLots), instrument.notionalMax / lotNotional)
        var link = try OrderLink.established(access.orderEntry, access.identity, &traders)
        var left = UInt64(count) + 1
        var clientOrder: UInt64 = 1
        func send(_ index: Int, _ side: Side, _ quantity: UInt64) throws(BenchmarkError) {
            let trader = traders[index]
            let nonce = traders[index].nextNonce()
            _ = try link.apply(NewOrderMessage.size, access.identity, trader.key) {
                encodeOrder(
                    at: $0, account: trader.account, slot: trader.slot, nonce: nonce, instrument: instrument.id,
                    side: side, price: price, quantity: UInt32(quantity), clientOrder: clientOrder)
            }
            clientOrder += 1
        }
        while left > 0 {
            let quantity = min(left, largest)
            try send(0, .sell, quantity)
            left -= quantity
        }
        try send(1, .buy, 1)
        let fill = try link.receive(Template.orderExecuted)
        return fill.withUnsafeBytes { OrderExecutedMessage($0.baseAddress!).matchNumber } + 1
    }
}

/// Runs it with the calling thread on one core, then lets the thread go where it could before.
func onCore<Value>(
    _ core: UInt32, _ body: () throws(BenchmarkError) -> Value
) throws(BenchmarkError) -> Value {
    let before = try system { () throws(PlatformError) in try CPUSet.available() }
    let one = try system { () throws(PlatformError) in try CPUSet([core]) }
    try system { () throws(PlatformError) in try one.confineCurrentThread() }
    defer { try? before.confineCurrentThread() }
    return try body()
}
