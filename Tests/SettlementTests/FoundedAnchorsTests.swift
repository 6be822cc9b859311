import Cryptography
import Foundation
import Genesis
import Journal
import Platform
import Proof
import Settings
import Testing
import Wire

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

    /// A copy of the venue's journal in which 32 bytes are others, and every record is chained anew.
    private func forgery(_ venue: SettledVenue, _ old: PublicKey, _ new: PublicKey) throws -> String {
        let directory = venue.directory + "/forged"
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        func changed(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
            var bytes = Array(bytes)
            for place in bytes.indices.dropLast(31) where bytes[place...].starts(with: Array(old.bytes)) {
                bytes.replaceSubrange(place..<(place + 32), with: Array(new.bytes))
            }
            return bytes
        }
        var reader = try TailReader.open(directory: venue.settings.journalDirectory)
        var writer = try JournalWriter.create(directory: directory, venueId: reader.venueId, options: JournalOptions())
        while let record = try reader.next() {
            let command = changed(UnsafeRawBufferPointer(start: record.command, count: record.commandLength))
            let effects = changed(UnsafeRawBufferPointer(start: record.effectsBase, count: record.effectsLength))
            let reserved = writer.reserve(commandLength: command.count)
            let draft = try #require(reserved)
            draft.command.copyMemory(from: command, byteCount: command.count)
            draft.effects.copyMemory(from: effects, byteCount: effects.count)
            _ = writer.commit(
                draft,
                RecordHead(
                    time: record.time, arrivalTime: record.arrivalTime, arrivalTicket: record.arrivalTicket,
                    kind: record.kind!, flags: record.flags, feedSequence: record.feedSequence, feedMessages: 0,
                    effectsLength: effects.count))
        }
        var synchronizer = writer.makeSynchronizer()
        try synchronizer.synchronizeBlocking()
        return directory
    }

    @Test func aKeyThatNoneBeforeItHasSignedForIsNoAnchor() throws {
        let venue = try SettledVenue(), config = venue.directory + "/config.toml"
        let second = SigningKey(), stranger = SigningKey()
        try venue.startNode()
        try venue.rotateLogKey(from: venue.keys.logKey, to: second)
        try venue.stopNode()
        // The same records with the same keys: how the copy is made is not what is refused.
        let same = try forgery(venue, second.publicKey, second.publicKey)
        #expect(try anchors(config, venue, "--journal", same) == anchors(config, venue))
        let first = venue.keys.logKey.publicKey
        #expect(RotatedLogKeys(journal: same, of: venue.id, first: first).read() == [second.publicKey])
        try FileManager.default.removeItem(atPath: same)
        let forged = try forgery(venue, second.publicKey, stranger.publicKey)
        #expect(try anchors(config, venue, "--journal", forged) == (6, ""))
        #expect(RotatedLogKeys(journal: forged, of: venue.id, first: first).read() == [])
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
