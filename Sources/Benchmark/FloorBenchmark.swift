import Cryptography
import Foundation
import Glibc
import Platform
import Wire

/// What this machine can do at best: the bare echo, and the signature check alone.
public struct FloorResult: Sendable, Codable {
    /// The p50 of the echo may be this much above the check alone, ns; a machine that is busier measures nothing.
    public static let overheadMaxNanoseconds: UInt64 = 12_000

    /// Median of one signature check of an order, ns.
    public let verifyNanoseconds: UInt64
    /// TCP in, one check, multicast out.
    public let echo: LatencyFigures

    /// Whether figures beside this floor mean anything.
    public var isValid: Bool { echo.p50 <= verifyNanoseconds + Self.overheadMaxNanoseconds }
}

/// Measures the bare echo with the client that measures the node.
public struct FloorBenchmark: Sendable {
    public var orders = 20_000
    public var serverCore: UInt32 = 0
    public var clientCore: UInt32 = 1

    public init() {}

    /// - Parameter pace: that of the run that the floor stands beside.
    public func run(_ pace: Pace, _ progress: ProgressLog) throws(BenchmarkError) -> FloorResult {
        try onCore(clientCore) { () throws(BenchmarkError) in try measure(pace, progress) }
    }

    private func measure(_ pace: Pace, _ progress: ProgressLog) throws(BenchmarkError) -> FloorResult {
        let key = SigningKey()
        let prefixes = Prefixes(venue: Hash256.zero)
        progress.say("floor: one signature check alone")
        let verify = try VerifyCost.median(messageBytes: NewOrderMessage.size, core: serverCore)
        progress.say("floor: signing \(grouped(orders)) orders")
        let frames = FramePool(
            count: orders, messageBytes: NewOrderMessage.size, prefix: prefixes.command, progress
        ) { index, message in
            encodeOrder(
                at: message, account: 7, slot: 0, nonce: UInt64(index + 1), side: .buy, price: 1000, quantity: 1,
                clientOrder: UInt64(index + 1))
            return key
        }
        let group = IPv4Endpoint(IPv4Address("239.192.46.1") ?? .any, port: UInt16(10_000 + getpid() % 2_000))
        let feed = try system { () throws(PlatformError) in
            try Sockets.multicastReceiver(group: group, interface: .loopback)
        }
        let server = try EchoServer(
            core: serverCore, group: group, interface: .loopback, key: key.publicKey, prefix: prefixes.command)
        progress.say("floor: the echo, \(pace)")
        var loop = OpenLoop(count: orders, scale: TimestampCounter.calibrate())
        var link = try OrderLink(to: server.endpoint)
        try loop.run(
            frames, pace, &link, feed: feed, OpenLoop.Expectation(firstMatch: 1, firstClientOrder: nil), progress)
        try server.end()
        return FloorResult(verifyNanoseconds: verify, echo: loop.fillFigures(from: orders / 10))
    }
}

/// A limit order, good till cancelled.
@inline(__always)
func encodeOrder(
    at message: UnsafeMutableRawPointer, account: UInt32, slot: UInt16, nonce: UInt64, instrument: UInt32 = 0,
    side: Side, price: UInt32, quantity: UInt32, clientOrder: UInt64, timeInForce: TimeInForce = .goodTillCancel
) {
    NewOrderMessage.encode(
        at: message, account: account, keySlot: slot, nonce: nonce, deadline: 0, instrument: instrument, side: side,
        orderType: .limit, timeInForce: timeInForce, selfTradePrevention: .cancelTaker, clientOrderId: clientOrder,
        priceTicks: price, quantityLots: quantity, expiry: Null.u64, displayLots: Null.u32, minimumLots: Null.u32,
        stopPriceTicks: Null.u32, flags: [])
}

extension FloorResult {
    /// The table that a person reads, and whether it means anything.
    public func table() -> String {
        let lines = [
            "latency in µs", LatencyFigures.heading, echo.row("floor: the bare echo"),
            "one signature check alone: \(microseconds(verifyNanoseconds)) µs", verdict,
        ]
        return lines.joined(separator: "\n")
    }

    /// One line: whether figures beside this floor mean anything.
    public var verdict: String {
        let above = microsecondsDifference(echo.p50, verifyNanoseconds)
        let limit = microseconds(Self.overheadMaxNanoseconds)
        return isValid
            ? "the floor holds: its p50 is \(above) µs above one check alone (at most \(limit))"
            : "VOID: the floor's p50 is \(above) µs above one check alone (at most \(limit)): the machine is busy"
    }

    /// Writes it to a file, for runs beside a node that is already there: two threads cannot spin on one core, so a
    /// floor measured then would be void.
    public func save(_ path: String) throws(BenchmarkError) {
        do { try JSONEncoder().encode(self).write(to: URL(fileURLWithPath: path)) } catch {
            throw .input("\(path): \(error)")
        }
    }

    /// Reads what `save` wrote.
    public static func load(_ path: String) throws(BenchmarkError) -> FloorResult {
        do { return try JSONDecoder().decode(Self.self, from: Data(contentsOf: URL(fileURLWithPath: path))) } catch {
            throw .input("\(path): \(error)")
        }
    }
}
