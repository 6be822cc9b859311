import Foundation
import Platform
import Testing

@testable import Benchmark

/// The real node in a process of its own, and the real sockets of the echo.
@Suite(.serialized) struct NodeTests {
    private static let quiet = ProgressLog(isVerbose: false)

    /// Cores that this process may use: the first for the node, the last for the client.
    private func cores() throws -> (node: UInt32, client: UInt32) {
        let cores = try CPUSet.available().cores
        return (try #require(cores.first), try #require(cores.last))
    }

    private func profile() throws -> VenueProfile {
        var profile = VenueProfile()
        let cores = try cores()
        (profile.nodeCore, profile.clientCore) = (Int(cores.node), Int(cores.client))
        profile.executable = executable("execution-plane")
        profile.priceMaxTicks = 1_000
        profile.referencePriceTicks = 500
        profile.ordersMax = 4_096
        return profile
    }

    @Test func theEchoAnswersEveryOrder() throws {
        var floor = FloorBenchmark()
        let cores = try cores()
        (floor.orders, floor.serverCore, floor.clientCore) = (50, cores.node, cores.client)
        for pace in [Pace.oneAtATime, .perSecond(500)] {
            let result = try floor.run(pace, Self.quiet)
            #expect(result.echo.count == 45)
            #expect(result.verifyNanoseconds > 0)
        }
    }

    @Test func aWorkloadComesToWhatIsExpected() throws {
        let path = TemporaryPath.make("node.lobw")
        defer { TemporaryPath.remove(path) }
        var builder = WorkloadBuilder()
        builder.add(1, side: 1, price: 100, quantity: 10, id: 1)
        builder.add(1, side: 1, price: 100, quantity: 10, id: 2)
        builder.add(5, side: 1, quantity: 4, id: 1)  // reduce: 6 left, still first
        builder.add(1, side: 0, price: 100, quantity: 8, id: 3)  // 6 of order 1, 2 of order 2
        builder.add(2, side: 0, price: 99, quantity: 5, id: 4)  // immediate: nothing to trade with
        builder.add(3, side: 1, id: 1)  // gone: refused
        builder.add(1, side: 0, price: 90, quantity: 7, id: 5)
        builder.add(4, side: 0, price: 91, quantity: 3, id: 5, newId: 6)
        try builder.write(path)
        let result = try ReplayBenchmark().run(path, profile(), Self.quiet)
        #expect(result.commands == 8)
        #expect(result.line.hasPrefix("trades=2 volume=8 notional=800 tradehash="))
        #expect(result.line.contains(" levels=2 restqty=11 "))
        #expect(result.line.hasSuffix(" bid0=91/3 ask0=100/8"))
        #expect(result.matches && result.expectation == nil)
    }

    @Test func anotherOutcomeIsAMismatch() throws {
        let path = TemporaryPath.make("other.lobw")
        defer { TemporaryPath.remove(path); TemporaryPath.remove(path + ".expect") }
        var builder = WorkloadBuilder()
        builder.add(1, side: 1, price: 100, quantity: 10, id: 1)
        try builder.write(path)
        try "trades=1 volume=0\n".write(toFile: path + ".expect", atomically: true, encoding: .utf8)
        let result = try ReplayBenchmark().run(path, profile(), Self.quiet)
        #expect(!result.matches)
    }

    @Test func everyOrderOfALatencyRunIsFilledAndAnswered() throws {
        var latency = LatencyBenchmark()
        latency.orders = 50
        let cores = try cores()
        (latency.nodeCore, latency.clientCore) = (cores.node, cores.client)
        let result = try latency.run(.perSecond(200), .own(profile()), Self.quiet)
        #expect(result.fill.count == 50 && result.reply.count == 50)
        #expect(result.stages.contains { $0.name == "stage.arrival-published-ns" && $0.count >= 50 })
        for key in ["floor_p50_ns", "floor_p99_ns", "verify_ns", "p50_ns", "p99_ns", "p999_ns", "\"rate\": 200"] {
            #expect(result.json().contains(key))
        }
    }

    @Test func theDemosBooksAreThoseOfTheReplies() throws {
        var demo = Demo()
        (demo.clients, demo.commands, demo.latencyOrders) = (2, 300, 0)
        let result = try demo.run(.own(profile()), Self.quiet)
        #expect(result.holds, "\(result.lines.joined(separator: "\n"))")
    }
}
