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
    private func anchors(_ config: String, _ venue: SettledVenue) throws -> (status: Int32, text: String) {
        let process = try RunningProcess(
            "keys", ["anchors", "--config", config], errors: venue.directory + "/keys.log")
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
