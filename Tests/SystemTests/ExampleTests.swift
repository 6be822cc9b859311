import Cryptography
import Foundation
import Testing

/// Every example runs against a node, and every answer in it is the expected one.
@Suite struct ExampleTests {
    @Test func everyExampleRuns() throws {
        let venue = try VenueFixture()
        let node = try NodeProcess(venue.configurationFile)
        let keys = venue.directory + "/keys"
        try FileManager.default.createDirectory(atPath: keys, withIntermediateDirectories: true)
        try KeyFile.create(keys + "/operator.key", key: venue.operatorKey, role: .operator)
        try KeyFile.create(keys + "/settlement.key", key: venue.settlementKey, role: .settlement)
        // The fixture's genesis has this one.
        try KeyFile.create(keys + "/receipt.key", key: SigningKey(insecureDeterministic: 3), role: .receipt)

        let process = Process()
        let output = Pipe()
        process.executableURL = NodeProcess.executable("examples")
        process.arguments = [
            "--config", venue.configurationFile, "--keys", keys, "--port", "\(node.orderEntryPort)",
            "--request-port", "\(node.requestPort)", "--snapshot-port", "\(node.snapshotPort)",
        ]
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(text.suffix(2000))")
        for name in [
            "negotiate", "logon", "heartbeat", "resume", "terminate", "create-account", "add-trading-key",
            "revoke-trading-key", "deposit", "withdraw", "list-asset", "list-instrument", "set-trading-state",
            "kill-switch", "set-limits", "rotate-venue-key", "state-commitment", "new-order", "cancel-order",
            "replace-order", "mass-cancel", "batch", "feed", "snapshot",
        ] {
            #expect(text.contains("== \(name): "))
        }
        #expect(node.stop() == 0, "\(node.errorText)")
    }
}
