import Cryptography
import Foundation
import Genesis
import Platform
import Proof
import Settings
import Testing

/// `keys anchors`: what an auditor is told of a venue beforehand.
@Suite struct FoundedAnchorsTests {
    private static func witness(_ number: UInt64) -> VerifierKey {
        let key = SigningKey(insecureDeterministic: number)
        return NoteSigner(name: "witness.test/\(number)", key: key, kind: .cosignature)!.verifierKey
    }

    private static func table(_ key: String) -> String {
        "[[settlement.witness]]\nurl = \"http://127.0.0.1:1\"\nkey = \"\(key)\"\n"
    }

    /// Runs `keys anchors`; its exit status and what it printed.
    private func anchors(
        _ config: String, _ venue: SettledVenue, _ arguments: String...
    ) throws -> (status: Int32, text: String) {
        let process = try RunningProcess(
            "keys", ["anchors", "--config", config] + arguments, errors: venue.directory + "/keys.log")
        let text = process.readAll()
        return (process.wait(), text)
    }

    @Test func whatIsPrintedIsWhatTheVenueIs() throws {
        let witnesses = [Self.witness(71), Self.witness(72)]
        let tables = witnesses.map { Self.table("\($0)") }.joined(separator: "\n")
        let venue = try SettledVenue([("witness_quorum", "1")], witnesses: tables)
        let printed = try anchors(venue.directory + "/config.toml", venue)
        #expect(printed.status == 0)
        let expected = try Anchors(venue: venue.id, log: venue.logVerifier, witnesses: witnesses, quorum: 1)
        #expect(try Anchors(Array(printed.text.utf8)) == expected)
        #expect(printed.text == expected.text)
    }

    @Test func withoutWitnessesNoneIsAskedFor() throws {
        let venue = try SettledVenue()
        let printed = try anchors(venue.directory + "/config.toml", venue)
        #expect(printed.status == 0)
        #expect(try Anchors(Array(printed.text.utf8)) == Anchors(venue: venue.id, log: venue.logVerifier))
    }

    @Test func everyKeyThatTheLogHadIsALine() throws {
        let venue = try SettledVenue(), config = venue.directory + "/config.toml"
        let first = venue.keys.logKey, keys = [SigningKey(), SigningKey()]
        func verifiers(_ keys: [SigningKey]) -> [VerifierKey] {
            keys.map { VerifierKey(name: venue.origin, kind: .ed25519, key: $0.publicKey)! }
        }
        // And back to the first: each is there once.
        var known = [first], current = first
        try venue.startNode()
        for key in keys + [first] {
            let file = venue.directory + "/next-\(key.publicKey.hexadecimal).key"
            if !FileManager.default.fileExists(atPath: file) { try KeyFile.create(file, key: key, role: .log) }
            let announced = try anchors(config, venue, "--next-log-key", file)
            try venue.rotateLogKey(from: current, to: key)
            current = key
            if !known.contains(where: { $0.publicKey == key.publicKey }) { known.append(key) }
            let printed = try anchors(config, venue)
            #expect(printed.status == 0 && printed == announced)
            #expect(try anchors(config, venue, "--next-log-key", file) == printed)
            #expect(try Anchors(Array(printed.text.utf8)) == Anchors(venue: venue.id, logs: verifiers(known)))
        }
        try venue.stopNode()
        // From a copy of the journal; from another venue's; from none; from one that is damaged.
        let copy = venue.directory + "/copy", own = venue.settings.journalDirectory
        try FileManager.default.copyItem(atPath: own, toPath: copy)
        let printed = try anchors(config, venue, "--journal", copy)
        #expect(try printed.status == 0 && printed.text == anchors(config, venue).text)
        let other = try SettledVenue()
        try other.startNode()
        try other.stopNode()
        #expect(try anchors(config, venue, "--journal", other.settings.journalDirectory) == (6, ""))
        #expect(try anchors(config, venue, "--journal", venue.directory + "/nowhere") == (6, ""))
        let segment = copy + "/00000000000000000001.segment"
        let file = try #require(FileHandle(forUpdatingAtPath: segment))
        try file.seek(toOffset: 4_096 + 100)
        try file.write(contentsOf: [0xA5])
        try file.close()
        #expect(try anchors(config, venue, "--journal", copy) == (6, ""))
    }

    @Test func whatGivesNoAnchorsHasItsStatus() throws {
        let venue = try SettledVenue()
        let config = venue.directory + "/config.toml"
        #expect(try anchors(venue.directory + "/absent.toml", venue).status == 2)
        // A key for checkpoints where one for cosignatures has to be.
        try venue.configure([], witnesses: Self.table("\(venue.logVerifier)"))
        let wrong = try anchors(config, venue)
        #expect(wrong.status == 2 && wrong.text.isEmpty)
        try venue.configure([])
        try FileManager.default.removeItem(atPath: venue.directory + "/run")
        let unfounded = try anchors(config, venue)
        #expect(unfounded.status == 6 && unfounded.text.isEmpty)
    }
}
