import CAllocationCount
import Foundation
import Logging
import Node
import Settings
import Testing
import Wire

/// Nothing allocates on the threads of the hot path once the node runs. Counted in this process: the test's own `malloc`
/// stands before the C library's.
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
        let before = threads.map { max(allocation_count_of_thread($0.id), 0) }

        let market = Market()
        try market.open(node.ports.orderEntry, venue)
        let client = try market.client(node.ports.orderEntry, venue)
        for nonce in 1...50 as ClosedRange<UInt64> {
            try client.send(Commands.order(Market.sellerAccount, .sell, 100_000, 10, nonce: nonce), by: market.seller)
            try client.send(Commands.order(Market.buyerAccount, .buy, 100_000, 9, nonce: nonce), by: market.buyer)
            for _ in 0..<4 { _ = try client.receive() }
        }
        try client.send(Commands.massCancel(Market.sellerAccount, nonce: 51), by: market.seller)
        _ = try client.receive(Template.commandAccepted)
        // A message that fails its check, one that is sent again, and a client that goes.
        try client.send(Commands.order(Market.sellerAccount, .sell, 100_000, 10, nonce: 52), by: market.buyer)
        #expect(try client.receive().reason == .badSignature)
        try client.send(Commands.massCancel(Market.sellerAccount, nonce: 51), by: market.seller)
        #expect(try client.receive(Template.commandAccepted).isResent)

        for (thread, count) in zip(threads, before) {
            let made = max(allocation_count_of_thread(thread.id), 0) - count
            #expect(
                made == 0, "\(thread.name): \(made) allocations, the last of \(allocation_last_size(thread.id)) bytes")
        }
        try node.stop()
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
