import Cryptography
import Foundation
import Settings
import Testing

/// What the tools say and end with when they are asked for what is not there.
@Suite struct ToolTests {
    private struct Run {
        let status: Int32, output: String, errors: String
    }

    private func run(_ program: String, _ arguments: [String], in directory: String = "/") throws -> Run {
        let process = Process(), output = Pipe(), errors = Pipe()
        process.executableURL = NodeProcess.executable(program)
        process.arguments = arguments
        process.currentDirectoryURL = URL(filePath: directory)
        (process.standardOutput, process.standardError) = (output, errors)
        try process.run()
        let printed = output.fileHandleForReading.readDataToEndOfFile()
        let complained = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Run(
            status: process.terminationStatus, output: String(decoding: printed, as: UTF8.self),
            errors: String(decoding: complained, as: UTF8.self))
    }

    @Test func aJournalThatIsNotThereIsNoDamage() throws {
        let venue = try VenueFixture()
        let empty = venue.directory + "/empty"
        try FileManager.default.createDirectory(atPath: empty, withIntermediateDirectories: true)
        for command in [["info"], ["cat"], ["tail"], ["show", "1"], ["verify"], ["replay"]] {
            for place in [empty, venue.directory + "/nowhere"] {
                let result = try run("journal", command + ["--directory", place])
                #expect(result.status == 2, "\(command) \(result)")
                #expect(result.errors.contains("no journal in \(place)"), "\(result)")
            }
        }
        let node = try NodeProcess(venue.configurationFile)
        #expect(node.stop() == 0)
        let journal = ["--directory", venue.directory + "/journal"]
        #expect(try run("journal", ["verify"] + journal).status == 0)
        #expect(try run("journal", ["show", "1"] + journal).status == 0)
        let none = try run("journal", ["show", "999"] + journal)
        #expect(none.status == 2 && none.errors.contains("no record 999 yet"), "\(none)")
        let zero = try run("journal", ["show", "0"] + journal)
        #expect(zero.status == 64 && zero.errors.contains("sequences begin with 1"), "\(zero)")
        #expect(try run("journal", ["tail", "-n", "1", "--from", "2"] + journal).status == 64)
        let last = try run("journal", ["tail", "-n", "1"] + journal)
        #expect(last.status == 0 && last.output.hasPrefix("7 ") && last.output.split(separator: "\n").count == 1)

        let name = try #require(
            try FileManager.default.contentsOfDirectory(atPath: venue.directory + "/journal").sorted().first {
                $0.hasSuffix(".segment") && $0.hasPrefix("0")
            })
        let file = URL(filePath: "\(venue.directory)/journal/\(name)")
        var bytes = try Data(contentsOf: file)
        bytes[4096 + 100] ^= 1
        try bytes.write(to: file)
        for command in ["verify", "replay", "cat"] {
            #expect(try run("journal", [command] + journal).status == 1, "\(command)")
        }
    }

    /// Founding from another directory puts the keys where the settlement plane looks for them.
    @Test func keysAreWhereTheConfigurationSays() throws {
        let venue = try VenueFixture(changing: [("settlement.keys", "\"venue-keys\"")])
        for name in ["genesis", "operator.commands"] {
            try FileManager.default.removeItem(atPath: "\(venue.directory)/journal/\(name)")
        }
        let elsewhere = venue.directory + "/elsewhere"
        try FileManager.default.createDirectory(atPath: elsewhere, withIntermediateDirectories: true)
        let config = ["--config", venue.configurationFile]
        let founded = try run("keys", ["genesis"] + config, in: elsewhere)
        #expect(founded.status == 0, "\(founded)")
        #expect(try FileManager.default.contentsOfDirectory(atPath: elsewhere).isEmpty)
        for role in [KeyRole.operator, .log, .receipt, .settlement] {
            let key = try KeyFile.load("\(venue.directory)/venue-keys/\(role.name).key", role: role)
            #expect(key.role == role)
        }
        #expect(try NodeProcess(venue.configurationFile).stop() == 0)
        let applied = try run("keys", ["apply"] + config, in: elsewhere)
        #expect(applied.status == 0 && applied.output.contains("nothing to do"), "\(applied)")
    }

    @Test func keysNamesRolesAndWhatCannotBeRead() throws {
        let venue = try VenueFixture()
        let help = try run("keys", ["make", "--help"])
        let words = help.output.split { $0.isWhitespace }.joined(separator: " ")
        #expect(words.contains("(values: account, operator, log, receipt, settlement, witness)"), "\(help)")
        let key = venue.directory + "/a.key"
        #expect(try run("keys", ["make", key, "--role", "4"]).status == 64)
        #expect(try run("keys", ["make", key, "--role", "witness"]).status == 0)
        let signed = try run(
            "keys",
            [
                "sign", key, "--purpose", "command", "--venue", String(repeating: "0", count: 64), "--input",
                "/nowhere/file",
            ])
        #expect(signed.status == 8 && signed.errors == "keys: /nowhere/file: cannot be read\n", "\(signed)")
    }

    /// A log key that cosigns is the venue vouching for itself.
    @Test func aWitnessHasAKeyOfItsOwn() throws {
        let venue = try VenueFixture()
        let key = venue.directory + "/log.key"
        try KeyFile.create(key, key: SigningKey(), role: .log)
        let refused = try run(
            "verifier",
            ["witness", "--key", key, "--state", venue.directory + "/state", "--listen", "127.0.0.1:0", "--log", "x"])
        #expect(refused.status == 2 && refused.errors.contains("log.key"), "\(refused)")
    }

    @Test func whatIsNoProofIsNotChecked() throws {
        let venue = try VenueFixture()
        let anchors = venue.directory + "/anchors"
        let log = try run("keys", ["anchors", "--config", venue.configurationFile])
        #expect(log.status == 0)
        try log.output.write(toFile: anchors, atomically: true, encoding: .utf8)
        let garbage = venue.directory + "/garbage"
        try Data(repeating: 0x5A, count: 900).write(to: URL(filePath: garbage))
        for file in ["/dev/null", garbage, anchors] {
            let result = try run("verifier", ["proof", file, "--anchors", anchors])
            #expect(result.status == 2 && result.output.contains("NOT CHECKED: it is no receipt"), "\(result)")
        }
        for (arguments, reason) in [
            (["audit", "--journal", "http://127.0.0.1:1"], "a directory"),
            (["audit", "--tiles", "ftp://x"], "http:// or https://"),
            (["watch", "ftp://x"], "http:// or https://"),
            (["watch", "/nowhere", "--interval", "1"], "--interval 1: expected 10 to 60000"),
            (["accuse", "/nowhere", "--record", "0", "--output", garbage], "sequences begin with 1"),
        ] {
            let result = try run("verifier", arguments + ["--anchors", anchors])
            #expect(result.status == 64 && result.errors.contains(reason), "\(result)")
        }
        let nowhere = try run("verifier", ["audit", "--tiles", "/nowhere", "--anchors", anchors])
        #expect(nowhere.status == 2 && nowhere.output.contains("/nowhere/checkpoint is missing"), "\(nowhere)")
        #expect(!nowhere.output.contains("records"), "\(nowhere)")
    }

    @Test func clientsThatTradeNothingAreRefused() throws {
        for option in ["--clients", "--commands"] {
            #expect(try run("benchmark-client", ["demo", option, "0"]).status == 64)
        }
    }
}
