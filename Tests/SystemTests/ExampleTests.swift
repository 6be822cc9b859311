import Cryptography
import Foundation
import Testing

/// Every example runs against a node, and every answer in it is the expected one; none changes a venue unasked.
@Suite struct ExampleTests {
    @Test func everyExampleRuns() throws {
        let running = try ClientTests.Running(VenueFixture())
        let keys = running.venue.directory + "/keys"
        try FileManager.default.createDirectory(atPath: keys, withIntermediateDirectories: true)
        try KeyFile.create(keys + "/operator.key", key: running.venue.operatorKey, role: .operator)
        // The fixture's genesis has this one.
        try KeyFile.create(keys + "/receipt.key", key: SigningKey(insecureDeterministic: 3), role: .receipt)

        let (status, text) = try running.examples(["--all", "--throwaway-venue", "--keys", keys])
        #expect(status == 0, "\(text.suffix(2000))")
        for name in [
            "negotiate", "logon", "heartbeat", "resume", "terminate", "create-account", "add-trading-key",
            "revoke-trading-key", "deposit", "withdraw", "list-asset", "list-instrument", "set-trading-state",
            "kill-switch", "set-limits", "rotate-venue-key", "state-commitment", "first-order", "new-order",
            "cancel-order", "replace-order", "mass-cancel", "batch", "feed", "snapshot",
        ] {
            #expect(text.contains("== \(name): "))
        }
        // Fields by name, hexadecimal, without what a debugger would print.
        #expect(text.contains(" NewOrder instrument=0 side=buy orderType=limit timeInForce=goodTillCancel "))
        #expect(text.contains(" command=StateCommitment ") && text.contains(" code=43 reason=notSettlement "))
        for debugger in ["Optional", "Glassbook", "Bytes32", "UInt64", "rawValue"] {
            #expect(!text.contains(debugger), "\(debugger)")
        }
        #expect(running.node.stop() == 0, "\(running.node.errorText)")
    }

    @Test func withoutWordsForItNothingOfTheVenueIsChanged() throws {
        let running = try ClientTests.Running(VenueFixture())
        let (listed, list) = try running.examples([])
        #expect(listed == 0 && list.contains("\nlist-asset          venue-keys  ListAsset"), "\(list)")
        let refused = [
            ["--all"], ["--throwaway-venue"], ["--all", "--changes-the-venue"], ["list-asset"], ["rotate-venue-key"],
            ["deposit"], ["cancel-order"], ["negotiate", "list-instrument"],
            ["--all", "--throwaway-venue", "negotiate"], ["list-asset", "--account", "3", "--account-key", "none"],
        ]
        for arguments in refused {
            let (status, text) = try running.examples(arguments)
            #expect(status == 64 && !text.contains("->"), "\(arguments): \(text)")
        }
        #expect(running.node.stop() == 0)
        let records = try JournalContent(running.venue.directory + "/journal").entries.count
        // Genesis, three assets and three instruments.
        #expect(records == 7)
    }

    /// An account of one's own is enough for all that trade, no key of the venue is, and nothing is left in the book.
    @Test func ownAccount() throws {
        let venue = try VenueFixture()
        let running = try ClientTests.Running(venue)
        // `fund` gives this one to account 3.
        let key = SigningKey(insecureDeterministic: 203)
        try running.fund([running.signer(3, key)])
        let file = venue.directory + "/trader.key"
        try KeyFile.create(file, key: key, role: .account)
        let names = [
            "negotiate", "logon", "drop-copy", "heartbeat", "resume", "resend", "terminate", "state-commitment",
            "first-order", "cancel-order", "replace-order", "mass-cancel", "batch", "deadline", "nonce", "feed",
            "snapshot",
        ]
        let own = ["--account", "3", "--account-key", file, "--keys", venue.directory + "/none"]
        let (status, text) = try running.examples(names + own)
        #expect(status == 0, "\(text.suffix(2000))")
        let (again, answers) = try running.examples(["first-order", "mass-cancel"] + own)
        #expect(again == 0 && answers.contains(" orders=3"), "\(answers)")
        #expect(running.node.stop() == 0, "\(running.node.errorText)")
        // The next start takes the configuration as it is.
        #expect(try NodeProcess(venue.configurationFile).stop() == 0)
    }
}

extension ClientTests.Running {
    /// Runs `examples` beside the node. Returns exit status, and what it printed.
    fileprivate func examples(_ arguments: [String]) throws -> (Int32, String) {
        let process = Process()
        let output = Pipe()
        process.executableURL = NodeProcess.executable("examples")
        process.arguments =
            arguments + [
                "--config", venue.configurationFile, "--port", "\(node.orderEntryPort)", "--request-port",
                "\(node.requestPort)", "--snapshot-port", "\(node.snapshotPort)",
            ]
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return (process.terminationStatus, text)
    }
}
