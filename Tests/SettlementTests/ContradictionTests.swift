import Audit
import Cryptography
import Foundation
import Glibc
import Journal
import Proof
import Testing
import Wire

@testable import Settlement

/// Journals that are not the one that was signed: the settlement plane stops, says why, leaves evidence, and signs
/// nothing.
@Suite struct ContradictionTests {
    /// A venue whose journal of `first` records was put aside before it grew and was signed.
    private func signedVenue(_ changing: [(String, String)] = []) throws -> (venue: SettledVenue, older: String) {
        let venue = try SettledVenue(changing)
        try venue.startNode()
        try venue.trade(20)
        try venue.stopNode()
        let older = venue.directory + "/older"
        try FileManager.default.copyItem(atPath: venue.settings.journalDirectory, toPath: older)
        try venue.startNode()
        try venue.trade(300)
        try venue.stopNode()
        try settle(venue)
        return (venue, older)
    }

    /// Runs the plane until everything is signed.
    private func settle(_ venue: SettledVenue) throws {
        try venue.startPlane().waitUntilReady()
        let size = UInt64(try PublishedLog(venue).leaves.count)
        try waitUntil("the checkpoint") { try PublishedLog(venue).latest()?.checkpoint.size == size }
        try venue.stopPlane()
    }

    private func exchange(_ venue: SettledVenue, _ other: String) throws {
        try FileManager.default.removeItem(atPath: venue.settings.journalDirectory)
        try FileManager.default.copyItem(atPath: other, toPath: venue.settings.journalDirectory)
    }

    private func published(_ venue: SettledVenue) -> Data? {
        FileManager.default.contents(atPath: venue.published + "/checkpoint")
    }

    /// The evidence file's lines `name value`.
    private func evidence(_ venue: SettledVenue) throws -> [String: String] {
        let names = try FileManager.default.contentsOfDirectory(atPath: venue.state)
        let name = try #require(names.first { $0.hasPrefix("contradiction-") })
        let text = try String(contentsOfFile: "\(venue.state)/\(name)", encoding: .utf8)
        let parts = text.components(separatedBy: "\n\n")
        // It carries the signed head itself, which verifies.
        let note = try SignedCheckpoint(Array(parts[1...].joined(separator: "\n\n").utf8), log: venue.logVerifier)
        var values: [String: String] = [:]
        for line in parts[0].split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 1)
            values[String(words[0])] = String(words.last!)
        }
        #expect(values["signed-size"] == String(note.checkpoint.size))
        #expect(values["signed-root"] == note.checkpoint.root.hexadecimal)
        return values
    }

    @Test("a restored older journal")
    func older() throws {
        let (venue, older) = try signedVenue()
        let before = published(venue)
        try exchange(venue, older)
        let plane = try venue.startPlane()
        #expect(plane.wait() == 5)
        // Whichever follower sees it first ends the process; the log leaves its evidence in any case.
        let values = try evidence(venue)
        #expect(values["what"]?.contains("records are signed") == true, "\(plane.errorText)")
        let records = try PublishedLog(venue).leaves.count
        #expect(values["journal-records"] == String(records) && values["differs-at"] == nil)
        #expect(published(venue) == before)
        // It stays so: no start signs anything.
        #expect(try venue.startPlane().wait() == 5)
        #expect(published(venue) == before)
    }

    @Test(
        "a restored older journal that grew again: the first record that differs is named, with the proof of the other")
    func rewritten() throws {
        let (venue, older) = try signedVenue()
        let before = published(venue)
        let signed = try PublishedLog(venue)
        try exchange(venue, older)
        try venue.startNode()
        try venue.trade(400)
        try venue.stopNode()
        let plane = try venue.startPlane()
        #expect(plane.wait() == 5)
        #expect(published(venue) == before)
        let values = try evidence(venue)
        let journal = try PublishedLog(venue)
        let first = try #require(zip(signed.leaves, journal.leaves).enumerated().first { $1.0 != $1.1 }).offset
        #expect(values["differs-at"] == String(first + 1))
        #expect(values["signed-leaf"] == signed.leaves[first].hexadecimal)
        #expect(values["journal-leaf"] == journal.leaves[first].hexadecimal)
        let size = try #require(UInt64(values["signed-size"]!))
        #expect(values["journal-root"] == journal.root(size).hexadecimal)
    }

    /// What makes a start hash every record again.
    enum Loss: String, CaseIterable { case signedFile, fullTile, partialTile, everyTile }

    @Test(
        "a journal that was exchanged, and tiles that are to be made again: nothing that is published is touched",
        arguments: Loss.allCases)
    func nothingIsReplaced(_ loss: Loss) throws {
        // Full tiles are put to the disk on the way.
        let (venue, older) = try signedVenue([("checkpoint_records", "64")])
        try exchange(venue, older)
        try venue.startNode()
        try venue.trade(600)
        try venue.stopNode()
        switch loss {
        case .signedFile: try FileManager.default.removeItem(atPath: SignedHead.path(venue.state))
        case .fullTile: try damage("\(venue.published)/tile/0/000")
        case .partialTile: try FileManager.default.removeItem(atPath: "\(venue.published)/tile/1/000.p")
        case .everyTile: try FileManager.default.removeItem(atPath: "\(venue.published)/tile")
        }
        let before = try PublishedLog.files(venue.published)
        for _ in 0..<2 {
            let plane = try venue.startPlane()
            #expect(plane.wait() == 5, "\(plane.errorText)")
            let after = try PublishedLog.files(venue.published)
            #expect(after.keys.sorted() == before.keys.sorted())
            for (name, bytes) in before { #expect(after[name] == bytes, "\(name) was replaced") }
        }
        #expect(try evidence(venue)["what"]?.isEmpty == false)
    }

    private func damage(_ path: String) throws {
        var bytes = try #require(FileManager.default.contents(atPath: path))
        bytes[7_000] ^= 1
        try bytes.write(to: URL(fileURLWithPath: path))
    }

    @Test("an older journal under a running plane")
    func exchanged() throws {
        let (venue, older) = try signedVenue()
        let plane = try venue.startPlane()
        try plane.waitUntilReady()
        let before = published(venue)
        try exchange(venue, older)
        // Whichever follower sees it first.
        #expect([3, 5].contains(plane.wait()), "\(plane.errorText)")
        #expect(try venue.startPlane().wait() == 5)
        #expect(published(venue) == before)
    }

    @Test("a journal that is truncated under a running plane, and at the next start")
    func truncated() throws {
        let (venue, _) = try signedVenue()
        let plane = try venue.startPlane()
        try plane.waitUntilReady()
        let before = published(venue)
        let segment = "\(venue.settings.journalDirectory)/00000000000000000001.segment"
        #expect(truncate(segment, 8_192) == 0)
        #expect([3, 5].contains(plane.wait()), "\(plane.errorText)")
        #expect(!plane.errorText.isEmpty)
        let again = try venue.startPlane()
        #expect([3, 5].contains(again.wait()), "\(again.errorText)")
        #expect(published(venue) == before)
    }

    @Test("the file of the signed head: removed, the published checkpoint takes its place; damaged, nothing is signed")
    func signedFile() throws {
        let (venue, older) = try signedVenue()
        let before = published(venue)
        let path = SignedHead.path(venue.state)
        let bytes = try #require(FileManager.default.contents(atPath: path))
        try FileManager.default.removeItem(atPath: path)
        // The same journal: it goes on, and has the file again.
        try venue.startPlane().waitUntilReady()
        try waitUntil("the file") { FileManager.default.fileExists(atPath: path) }
        try venue.stopPlane()
        #expect(FileManager.default.contents(atPath: path) == bytes)
        #expect(published(venue) == before)
        for offset in stride(from: 0, to: bytes.count, by: 37) {
            var damaged = bytes
            damaged[offset] ^= 1
            #expect(SignedHead.decode([UInt8](damaged), origin: venue.origin) == nil)
        }
        try bytes.dropLast().write(to: URL(fileURLWithPath: path))
        #expect(try venue.startPlane().wait() == 5)
        // Another journal: the published checkpoint is enough to see it.
        try FileManager.default.removeItem(atPath: path)
        try exchange(venue, older)
        try venue.startNode()
        try venue.trade(400)
        try venue.stopNode()
        #expect(try venue.startPlane().wait() == 5)
        #expect(published(venue) == before)
    }

    @Test("two signed heads of one size: the evidence convicts whoever has the key; nothing is signed for it")
    func twoHeads() throws {
        let (venue, _) = try signedVenue()
        let latest = try #require(try PublishedLog(venue).latest()?.checkpoint)
        let log = try KeyFile.load(venue.settings.settlement.keys + "/log.key", role: .log).key
        let signer = try #require(NoteSigner(name: venue.origin, key: log))
        let text = Checkpoint(origin: venue.origin, size: latest.size, root: Sha256.hash([1])).text
        let note = SignedNote(text: text, signatures: [signer.sign(text)]).bytes
        try Data(note).write(to: URL(fileURLWithPath: venue.published + "/checkpoint"))
        let file = "\(venue.state)/equivocation-\(latest.size).evidence"
        let plane = try venue.startPlane()
        #expect(plane.wait() == 5)
        #expect(plane.errorText.contains(file), "\(plane.errorText)")
        let bytes = [UInt8](try #require(FileManager.default.contents(atPath: file)))
        let anchors = try Anchors(venue: venue.id, log: venue.logVerifier)
        guard case .convicted(let conviction) = try EvidenceJudge(anchors).judge(bytes) else {
            Issue.record("not convicted")
            return
        }
        #expect(conviction.verdict == .equivocation && conviction.sequence == latest.size)
        // Without the note there is only what is remembered, which may never have been signed.
        try FileManager.default.removeItem(atPath: file)
        try FileManager.default.removeItem(atPath: "\(venue.published)/\(CheckpointFiles.path(latest.size))")
        #expect(try venue.startPlane().wait() == 5)
        #expect(!FileManager.default.fileExists(atPath: file))
        #expect(published(venue) == Data(note))
    }

    @Test("an effect that the venue does not make: the record is named")
    func wrongEffect() throws {
        let (venue, _) = try signedVenue()
        try FileManager.default.removeItem(atPath: venue.state)
        try FileManager.default.removeItem(atPath: venue.published)
        let sequence = try ForgedJournal.changeEffect(of: 100, in: venue.settings.journalDirectory)
        let plane = try venue.startPlane()
        #expect(plane.wait() == 4)
        #expect(plane.errorText.contains("record \(sequence)"), "\(plane.errorText)")
        let latest = try PublishedLog.checkpoint(venue.published + "/checkpoint", venue)?.checkpoint.size ?? 0
        #expect(latest < sequence)
    }
}

/// Journals with a record changed, and the chain made anew behind it.
enum ForgedJournal {
    /// Changes a quantity in the effects of the first record from `sequence` on that has any.
    static func changeEffect(of sequence: UInt64, in directory: String) throws -> UInt64 {
        let path = "\(directory)/00000000000000000001.segment"
        var bytes = [UInt8](try #require(FileManager.default.contents(atPath: path)))
        var changed: UInt64 = 0
        bytes.withUnsafeMutableBytes { buffer in
            let base = buffer.baseAddress!
            var offset = 4_096
            var previous: Hash256?
            while base.load(fromByteOffset: offset, as: UInt32.self) != 0 {
                let record = RecordView(UnsafeRawPointer(base + offset))
                let length = record.length
                if let previous { previous.store(to: base + offset + 64) }
                if changed == 0, record.sequence >= sequence, record.effectsLength > 0 {
                    changed = record.sequence
                    let effects = UnsafeMutableRawPointer(mutating: record.effectsBase)
                    let last = effects + record.effectsLength - 8
                    last.storeBytes(of: last.load(as: UInt64.self) ^ 1, as: UInt64.self)
                }
                let hash = Blake2b256.hash(UnsafeRawPointer(base + offset), count: length - 32)
                hash.store(to: base + offset + length - 32)
                if previous != nil || changed != 0 { previous = hash }
                offset += length
            }
        }
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        // The mark names the hash of a record that is another one now; the sequence is what counts here.
        return changed
    }
}
