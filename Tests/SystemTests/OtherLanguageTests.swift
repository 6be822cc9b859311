import Cryptography
import Foundation
import Testing
import Wire

/// The protocol's page is enough: a client in Python, written from it, trades.
@Suite struct OtherLanguageTests {
    @Test func aClientThatWasWrittenFromThePageTrades() throws {
        let venue = try VenueFixture()
        let node = try NodeProcess(venue.configurationFile)
        let seed = (0..<32).map { UInt8($0) &* 7 &+ 1 }
        let key = seed.withUnsafeBytes { SigningKey(seed: $0.baseAddress!) }
        let client = try RawClient.established(node.orderEntryPort, venue, [(1, venue.operatorKey)])
        try client.send(
            Commands.createAccount(9, key, nonce: venue.operatorNonce + 1, venue), by: venue.operatorKey)
        try client.send(
            Commands.deposit(9, asset: 0, amount: 1_000_000_000_000, nonce: venue.operatorNonce + 2),
            by: venue.operatorKey)
        for _ in 0..<2 { #expect(try client.receive().template == Template.commandAccepted) }

        let hex = seed.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Python/order-entry-client.py")
        let process = Process(), output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", script.path, "\(node.orderEntryPort)", "9", hex]
        process.standardOutput = output
        try process.run()
        let lines = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        let venueId = venue.venueId.hexadecimal
        #expect(
            lines.split(separator: "\n") == [
                "challenge \(venueId)", "logon 9 0", "established 1", "reply \(Template.orderAccepted) 77",
                "reply \(Template.orderCancelled) 3", "terminate 1",
            ])
        #expect(node.stop() == 0, "\(node.errorText)")
    }
}
