import Cryptography
import Foundation
import Journal
import Proof
import Testing
import Wire

@testable import Settlement

/// A venue that replaces the key of its log (rule ACC-4), from the first checkpoint to the audit.
@Suite struct LogKeyRotationTests {
    private func verifier(_ venue: SettledVenue, _ key: SigningKey) -> VerifierKey {
        VerifierKey(name: venue.origin, kind: .ed25519, key: key.publicKey)!
    }

    private func signed(_ path: String, _ logs: [VerifierKey]) -> SignedCheckpoint? {
        guard let bytes = FileManager.default.contents(atPath: path) else { return nil }
        return try? SignedCheckpoint([UInt8](bytes), logs: logs)
    }

    /// Starts the settlement plane, which says that this key is in force.
    private func start(_ venue: SettledVenue, _ key: SigningKey) throws {
        let plane = try venue.startPlane()
        try plane.waitUntilReady()
        #expect(plane.value("log") == "\(verifier(venue, key))", "\(plane.readyLine)")
    }

    /// Trades, and waits until all of it is in a published checkpoint that this key has signed.
    private func settle(_ venue: SettledVenue, _ key: SigningKey) throws {
        try venue.trade(30)
        let size = UInt64(try PublishedLog(venue).leaves.count)
        try waitUntil("a checkpoint of \(size) records by its key; \(venue.plane?.errorText ?? "")") {
            signed(venue.published + "/checkpoint", [verifier(venue, key)])?.checkpoint.size ?? 0 >= size
        }
    }

    /// What `verifier audit` says, with these keys of the log in the anchors.
    private func audit(
        _ venue: SettledVenue, _ logs: [SigningKey], journal: Bool = false
    ) throws -> (status: Int32, output: String) {
        let anchors = try Anchors(venue: venue.id, logs: logs.map { verifier(venue, $0) })
        let path = venue.directory + "/anchors"
        try Data(anchors.text.utf8).write(to: URL(fileURLWithPath: path))
        let source =
            journal
            ? ["--journal", venue.settings.journalDirectory, "--published", venue.published]
            : ["--tiles", venue.published]
        return try RunningProcess.run("verifier", ["audit", "--anchors", path, "--quiet"] + source)
    }

    @Test("the log goes on under the next key; an audit holds with all its keys, and asks for the one that is missing")
    func rotation() throws {
        let venue = try SettledVenue()
        let keys = [venue.keys.logKey, SigningKey(), SigningKey()]
        try venue.startNode()
        try start(venue, keys[0])
        try settle(venue, keys[0])
        // The next key is at hand when the venue asks for it: nothing stops.
        try KeyFile.create(venue.directory + "/keys/log-2.key", key: keys[1], role: .log)
        try venue.rotateLogKey(from: keys[0], to: keys[1])
        try settle(venue, keys[1])
        try venue.stopPlane()
        for isJournal in [false, true] {
            let both = try audit(venue, Array(keys[..<2]), journal: isJournal)
            #expect(both.status == 0, "\(both)")
            for index in 0..<2 {
                let one = try audit(venue, [keys[index]], journal: isJournal)
                #expect(one.status == 2 && one.output.contains("NOT CHECKED"), "\(one)")
                #expect(one.output.contains("log \(verifier(venue, keys[1 - index]))"), "\(one)")
            }
            // Somebody else's key is asked for by nobody.
            let foreign = try audit(venue, [SigningKey()], journal: isJournal)
            #expect(foreign.status == 1 && foreign.output.contains("checkpoint"), "\(foreign)")
        }
        try held(venue, keys)
        try later(venue, keys)
    }

    /// Which key signs which size is the history's to say.
    private func held(_ venue: SettledVenue, _ keys: [SigningKey]) throws {
        let sizes = try PublishedLog(venue).archived
        let first = try #require(sizes.first), last = try #require(sizes.last)
        for (size, right, wrong) in [(first, keys[0], keys[1]), (last, keys[1], keys[0])] {
            let path = PublishedLog.archive(venue, size)
            let whole = try #require(FileManager.default.contents(atPath: path))
            let text = try #require(signed(path, [verifier(venue, right)])).note.text
            let other = NoteSigner(name: venue.origin, key: wrong)!
            try Data(SignedNote(text: text, signatures: [other.sign(text)]).bytes).write(
                to: URL(fileURLWithPath: path))
            let report = try audit(venue, Array(keys[..<2]))
            #expect(report.status == 1 && report.output.contains("the log key in force"), "\(report)")
            try whole.write(to: URL(fileURLWithPath: path))
        }
    }

    /// A second rotation, while the settlement plane is away; it starts with the newest key alone, and with nothing but
    /// a checkpoint of the one before to say what was signed.
    private func later(_ venue: SettledVenue, _ keys: [SigningKey]) throws {
        let size = try #require(signed(venue.published + "/checkpoint", [verifier(venue, keys[1])])).checkpoint.size
        try venue.rotateLogKey(from: keys[1], to: keys[2])
        try FileManager.default.removeItem(atPath: SignedHead.path(venue.state))
        for name in ["log.key", "log-2.key"] {
            try FileManager.default.removeItem(atPath: "\(venue.directory)/keys/\(name)")
        }
        try KeyFile.create(venue.directory + "/keys/log-3.key", key: keys[2], role: .log)
        // The published checkpoint has another key, whose file is gone: what is in force says the journal behind it.
        try start(venue, keys[2])
        try settle(venue, keys[2])
        try venue.stopPlane()
        // Now the checkpoint says it.
        try start(venue, keys[2])
        try venue.stopPlane()
        try venue.stopNode()
        // What was signed before was known: nothing of it was signed again.
        let kept = try #require(signed(PublishedLog.archive(venue, size), keys.map { verifier(venue, $0) }))
        #expect(kept.logs == [verifier(venue, keys[1])])
        let smaller = try PublishedLog(venue).archived.filter { $0 <= size }
        for size in smaller { #expect(signed(PublishedLog.archive(venue, size), [verifier(venue, keys[2])]) == nil) }
        let all = try audit(venue, keys)
        #expect(all.status == 0, "\(all)")
        // From the first key alone the last one follows by two rotations.
        let one = try audit(venue, [keys[0]])
        #expect(one.status == 2 && one.output.contains("log \(verifier(venue, keys[2]))"), "\(one)")
    }

    @Test("without the next key nothing is signed")
    func withoutKey() throws {
        let venue = try SettledVenue()
        try venue.startNode()
        let plane = try venue.startPlane()
        try plane.waitUntilReady()
        try settle(venue, venue.keys.logKey)
        try venue.rotateLogKey(from: venue.keys.logKey, to: SigningKey())
        #expect(plane.wait() == 6 && plane.errorText.contains("no log*.key in"))
        var reader = try TailReader.open(directory: venue.settings.journalDirectory)
        var rotation: UInt64?
        while let record = try reader.next() {
            guard record.kind == .command, MessageHeader(record.command).templateId == Template.rotateVenueKey else {
                continue
            }
            rotation = record.sequence
        }
        let last = try #require(try PublishedLog(venue).archived.last)
        #expect(last < (try #require(rotation)))
    }
}
