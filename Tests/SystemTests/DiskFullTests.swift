import Cryptography
import Foundation
import Glibc
import Testing
import Wire

@Suite(.enabled(if: geteuid() == 0, "a file system of a few MiB can be mounted only by root"))
struct DiskFullTests {
    /// No spare segment can be made: everything is refused with that reason, nothing is journaled, and service resumes
    /// with space, for the very same bytes.
    @Test func aFullDiskRefusesEverythingUntilThereIsSpace() throws {
        let changing = [
            ("segment_bytes", "262_144"),
            ("populate_ahead_bytes", "65_536"),
        ]
        let venue = try VenueFixture(changing: changing, mountedBytes: 2 << 20)
        let market = Market()
        let node = try NodeProcess(venue.configurationFile)
        try market.open(node.orderEntryPort, venue)
        let client = try market.client(node.orderEntryPort, venue)
        var nonce: UInt64 = 0
        var last = Received(bytes: [])
        var accepted: UInt64 = 0
        // Far more than fits.
        while nonce < 20_000 {
            nonce += 1
            let order = Commands.order(Market.sellerAccount, .sell, 100_000, 1, nonce: nonce)
            try client.send(order, by: market.seller)
            let answer = try client.receive()
            if answer.template == Template.commandRejected {
                #expect(answer.reason == .noJournalSpace && answer.sequence == 0)
                break
            }
            last = answer
            accepted += 1
        }
        #expect(accepted > 500 && nonce == accepted + 1)
        try venue.remount(bytes: 16 << 20)
        let order = Commands.order(Market.sellerAccount, .sell, 100_000, 1, nonce: nonce)
        var answer = Received(bytes: [])
        for _ in 0..<12_000 {
            try client.send(order, by: market.seller)
            answer = try client.receive()
            if answer.reason != .noJournalSpace { break }
            usleep(10_000)
        }
        #expect(answer.template == Template.orderAccepted && !answer.isResent)
        #expect(answer.sequence == last.sequence + 1, "nothing was journaled in between")
        #expect(node.stop() == 0, "\(node.errorText)")
        #expect(try JournalContent(venue.directory + "/journal").count(Template.accepted) == Int(accepted) + 1)
    }
}
