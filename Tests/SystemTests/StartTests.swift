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

    /// A supervisor starts again what ended. Each attempt would be a restart record and an epoch of the public log.
    @Test func refusedStartsLeaveTheJournalByteForByte() throws {
        let venue = try VenueFixture()
        let text = try String(contentsOfFile: venue.configurationFile, encoding: .utf8)
        func configure(_ old: String, _ new: String) throws {
            let changed = text.replacingOccurrences(of: old, with: new)
            #expect(changed != text)
            try changed.write(toFile: venue.configurationFile, atomically: true, encoding: .utf8)
        }
        func requireThreeRefusals(status: Int32, _ reason: String) throws {
            let before = try files(venue.directory + "/journal")
            for _ in 1...3 {
                let refused = try NodeProcess.run(["--config", venue.configurationFile])
                #expect(refused.status == status)
                #expect(refused.errors.contains(reason), "\(refused.errors)")
                #expect(try files(venue.directory + "/journal") == before)
            }
        }
        // Before the first start, when all listings are commands still.
        try configure("maker_fee = -50", "maker_fee = -60")
        try requireThreeRefusals(status: 5, "venue.instrument[2].maker_fee: configuration -60, journal -50")
        try text.write(toFile: venue.configurationFile, atomically: true, encoding: .utf8)
        #expect(try NodeProcess(venue.configurationFile).stop() == 0)

        try configure("maker_fee = -50", "maker_fee = -60")
        try requireThreeRefusals(status: 5, "venue.instrument[2].maker_fee: configuration -60, journal -50")
        try configure("open_orders_max = 65_536", "open_orders_max = 65_535")
        try requireThreeRefusals(status: 5, "venue.open_orders_max: configuration 65535, journal 65536")

        // A commands file that does not hold: its last signature is another's.
        try text.write(toFile: venue.configurationFile, atomically: true, encoding: .utf8)
        let commands = URL(filePath: venue.directory + "/journal/operator.commands")
        var bytes = try Data(contentsOf: commands)
        bytes[bytes.count - 1] ^= 1
        try bytes.write(to: commands)
        try requireThreeRefusals(status: 6, "operator.commands: frame 6")
    }

    @Test func whatThisMachineDoesNotHaveIsNamedByItsKey() throws {
        let venue = try VenueFixture()
        let text = try String(contentsOfFile: venue.configurationFile, encoding: .utf8)
        let before = try files(venue.directory + "/journal")
        let cases = [
            ("core = -1", "core = 1023", "thread[0].core: 1023"),
            ("io_worker_cores = []", "io_worker_cores = [1023]", "node.io_worker_cores[0]: 1023"),
            ("interface = \"127.0.0.1\"", "interface = \"192.0.2.1\"", "market_data.interface: 192.0.2.1"),
            ("\naddress = \"127.0.0.1\"", "\naddress = \"192.0.2.1\"", "order_entry.address: 192.0.2.1"),
            ("server_address = \"127.0.0.1\"", "server_address = \"192.0.2.1\"", "market_data.server_address: 192"),
        ]
        for (old, new, reason) in cases {
            let place = try #require(text.range(of: old))
            try text.replacingCharacters(in: place, with: new)
                .write(toFile: venue.configurationFile, atomically: true, encoding: .utf8)
            for arguments in [[], ["--print-config"]] {
                let refused = try NodeProcess.run(["--config", venue.configurationFile] + arguments)
                #expect(refused.status == 2)
                #expect(refused.errors.contains(reason), "\(refused.errors)")
            }
        }
        #expect(try files(venue.directory + "/journal") == before)
    }

    @Test func aPortThatIsTakenIsNamedAndLeavesTheJournalAsItWas() throws {
        let other = try VenueFixture()
        let node = try NodeProcess(other.configurationFile)
        let venue = try VenueFixture()
        let before = try files(venue.directory + "/journal")
        for (key, port) in [
            ("order_entry.port", node.orderEntryPort), ("snapshot_port", node.snapshotPort),
            ("request_port", node.requestPort),
        ] {
            try venue.configure(changing: [(key, "\(port)")])
            let refused = try NodeProcess.run(["--config", venue.configurationFile])
            #expect(refused.status == 8)
            #expect(refused.errors.contains("\(key): ") && refused.errors.contains("\(port)"), "\(refused.errors)")
        }
        #expect(try files(venue.directory + "/journal") == before)
        #expect(node.stop() == 0)
    }

    /// What the journal has and the file has not is printed as the text to add.
    @Test func listingsThatTheConfigurationLacksAreShownAsTOML() throws {
        let venue = try VenueFixture()
        #expect(try NodeProcess(venue.configurationFile).stop() == 0)
        let text = try String(contentsOfFile: venue.configurationFile, encoding: .utf8)
        let last = text.range(of: "[[venue.instrument]]\nid = 2")!.lowerBound
        try String(text[..<last]).write(toFile: venue.configurationFile, atomically: true, encoding: .utf8)
        let refused = try NodeProcess.run(["--config", venue.configurationFile])
        #expect(refused.status == 5)
        #expect(!refused.errors.contains("keys apply"), "no command takes a listing back")
        let printed = try #require(refused.errors.range(of: "[[venue.instrument]]\nid = 2"))
        try (text[..<last] + refused.errors[printed.lowerBound...]).write(
            toFile: venue.configurationFile, atomically: true, encoding: .utf8)
        let node = try NodeProcess(venue.configurationFile)
        #expect(node.startSequence == 8, "the start that was refused left no record")
        #expect(node.stop() == 0)
    }

    /// Name and content of every file.
    private func files(_ directory: String) throws -> [String: Data] {
        var files: [String: Data] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: directory) {
            files[name] = try Data(contentsOf: URL(filePath: "\(directory)/\(name)"))
        }
        return files
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
