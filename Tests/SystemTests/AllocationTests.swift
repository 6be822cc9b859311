import CAllocationCount
import Foundation
import Logging
import Node
import Settings
import Testing
import Wire

/// Nothing allocates on the threads of the hot path once the node runs. Counted in this process: the test's own
/// `malloc` stands before the C library's.
@Suite(.serialized) struct AllocationTests {
    @Test func theCounterCounts() {
        let before = allocation_count_of_thread(allocation_current_thread())
        for _ in 0..<10 { allocation_count_probe() }
        #expect(allocation_count_of_thread(allocation_current_thread()) - max(before, 0) >= 10)
    }

    @Test(arguments: VenueFixture.Layout.allCases)
    func hotThreadsAllocateNothingAfterStart(_ layout: VenueFixture.Layout) throws {
        let venue = try VenueFixture(layout)
        var log = Logger(label: "test")
        log.logLevel = .critical
        let settings = try NodeSettings.load(venue.configurationFile)
        let node = try Node.start(settings, log)
        let names = Set(settings.threads.filter { !$0.agents.contains(.services) }.map(\.name))
        let threads = try Self.threads(named: names)
        #expect(threads.count == names.count)
        let market = Market()
        try market.open(node.ports.orderEntry, venue)
        // Once uncounted: an unoptimised build looks generic types up when it first uses them. What it uses depends on
        // how messages meet, and on heartbeats when the test does not run for a second: where a count is not 0, it is
        // done once more, as often as it was done by then, so that what grows with use grows again.
        var nonce: UInt64 = 1
        try Self.trade(market, node.ports.orderEntry, venue, nonces: nonce)
        var made: [Int64] = []
        for times in [1, 2, 4, 8] {
            allocation_trace(1)
            let before = threads.map { max(allocation_count_of_thread($0.id), 0) }
            for _ in 0..<times {
                nonce += 100
                try Self.trade(market, node.ports.orderEntry, venue, nonces: nonce)
            }
            allocation_trace(0)
            made = zip(threads, before).map { max(allocation_count_of_thread($0.id), 0) - $1 }
            if made.allSatisfy({ $0 == 0 }) { break }
        }
        for (thread, count) in zip(threads, made) {
            if count != 0 { allocation_print_last_callers(thread.id) }
            let last = allocation_last_size(thread.id)
            #expect(count == 0, "\(thread.name): \(count) allocations, the last of \(last) bytes")
        }
        try node.stop()
    }

    /// A connection that comes and goes, orders that cross, a mass cancel, a resend, a message that fails its check.
    private static func trade(_ market: Market, _ port: UInt16, _ venue: VenueFixture, nonces first: UInt64) throws {
        let client = try market.client(port, venue)
        for nonce in first..<(first + 50) {
            try client.send(Commands.order(Market.sellerAccount, .sell, 100_000, 10, nonce: nonce), by: market.seller)
            try client.send(Commands.order(Market.buyerAccount, .buy, 100_000, 9, nonce: nonce), by: market.buyer)
            for _ in 0..<4 { _ = try client.receive() }
        }
        let massCancel = Commands.massCancel(Market.sellerAccount, nonce: first + 50)
        try client.send(massCancel, by: market.seller)
        _ = try client.receive(Template.commandAccepted)
        let forged = Commands.order(Market.sellerAccount, .sell, 100_000, 10, nonce: first + 51)
        try client.send(forged, by: market.buyer)
        #expect(try client.receive(Template.commandRejected).reason == .badSignature)
        try client.send(massCancel, by: market.seller)
        #expect(try client.receive(Template.commandAccepted).isResent)
    }

    /// Threads of this process by name.
    private static func threads(named names: Set<String>) throws -> [(id: Int32, name: String)] {
        try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").compactMap { entry in
            let file = "/proc/self/task/\(entry)/comm"
            guard let text = try? String(contentsOfFile: file, encoding: .utf8), let id = Int32(entry) else {
                return nil
            }
            let name = text.trimmingCharacters(in: .whitespacesAndNewlines)
            return names.contains(name) ? (id, name) : nil
        }
    }
}
