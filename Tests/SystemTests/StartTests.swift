import Foundation
import Settings
import Testing

@Suite struct StartTests {
    @Test func printsTheConfigurationInForce() throws {
        let venue = try VenueFixture()
        let result = try NodeProcess.run(["--config", venue.configurationFile, "--print-config"])
        #expect(result.status == 0)
        let printed = try NodeSettings(result.output)
        #expect(printed == (try NodeSettings.load(venue.configurationFile)))
    }

    @Test func aConfigurationErrorNamesTheKeyAndWhatWasExpected() throws {
        let venue = try VenueFixture()
        let good = try String(contentsOfFile: venue.configurationFile, encoding: .utf8)
        let cases: [(String, String, [String])] = [
            ("quota_per_turn = 16", "quota_per_turn = 0", ["order_entry.quota_per_turn = 0", "1 to 1024"]),
            ("quota_per_turn = 16", "", ["order_entry.quota_per_turn is missing", "1 to 1024"]),
            ("quota_per_turn = 16", "quota_per_tern = 8", ["order_entry.quota_per_tern is not a known key"]),
            ("quota_per_turn = 16", "quota_per_turn = \"8\"", ["order_entry.quota_per_turn", "expected"]),
        ]
        for (old, new, expected) in cases {
            let text = good.replacingOccurrences(of: old, with: new)
            try text.write(toFile: venue.configurationFile, atomically: true, encoding: .utf8)
            let result = try NodeProcess.run(["--config", venue.configurationFile])
            #expect(result.status == 2)
            for part in expected { #expect(result.errors.contains(part), "\(result.errors)") }
        }
    }

    @Test func withoutGenesisNothingStarts() throws {
        let venue = try VenueFixture()
        try FileManager.default.removeItem(atPath: venue.directory + "/journal/genesis")
        let result = try NodeProcess.run(["--config", venue.configurationFile])
        #expect(result.status == 6)
        #expect(result.errors.contains("keys genesis"))
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: venue.directory + "/journal") == ["operator.commands"])
    }

    @Test func startsStopsAndGoesOn() throws {
        let venue = try VenueFixture()
        let first = try NodeProcess(venue.configurationFile)
        // Genesis, three assets, three instruments.
        #expect(first.startSequence == 7)
        #expect(first.stop() == 0, "\(first.errorText)")
        #expect(first.errorText.contains("memory:"))
        let second = try NodeProcess(venue.configurationFile)
        // A restart record; the operator's commands are not journaled again.
        #expect(second.startSequence == 8)
        #expect(second.stop() == 0, "\(second.errorText)")
    }

    @Test func aVenueTableThatDiffersRefusesTheStart() throws {
        let venue = try VenueFixture()
        let first = try NodeProcess(venue.configurationFile)
        #expect(first.stop() == 0)
        let text = try String(contentsOfFile: venue.configurationFile, encoding: .utf8)
        try text.replacingOccurrences(of: "maker_fee = -50", with: "maker_fee = -60")
            .write(toFile: venue.configurationFile, atomically: true, encoding: .utf8)
        let refused = try NodeProcess.run(["--config", venue.configurationFile])
        #expect(refused.status == 5)
        #expect(refused.errors.contains("venue.instrument[2].maker_fee: configuration -60, journal -50"))
        #expect(refused.errors.contains("keys apply"))
        try venue.configure(changing: [("accounts_max", "2_048")])
        #expect(try NodeProcess.run(["--config", venue.configurationFile]).status == 5)
    }

    @Test func oneJournalHasOneNode() throws {
        let venue = try VenueFixture()
        let first = try NodeProcess(venue.configurationFile)
        let second = try NodeProcess.run(["--config", venue.configurationFile])
        #expect(second.status == 7)
        #expect(second.errors.contains("open in another process"))
        #expect(first.stop() == 0)
    }
}
