import Audit
import Cryptography
import Foundation
import Proof
import Testing

@testable import Settlement

/// What witnesses remember when everything of a venue was put back to an older copy: nothing on its own disk says so.
@Suite struct WitnessMemoryTests {
    // MARK: Witnesses that are one

    /// `verifier witness`, with a memory in the venue's directory.
    private final class RealWitness {
        private let process: RunningProcess
        let key: VerifierKey
        let endpoint: String

        /// - Parameter endpoint: where it listens; else on a loopback address of its own, so that nobody takes the port
        ///   while it is away.
        init(_ venue: SettledVenue, at endpoint: String? = nil) throws {
            let numbers = (0..<3).map { _ in "\(Int.random(in: 1...254))" }
            process = try RunningProcess(
                "verifier",
                [
                    "witness", "--key", venue.directory + "/witness.key", "--state", venue.directory + "/witness",
                    "--listen", endpoint ?? "127.\(numbers.joined(separator: ".")):0", "--log", "\(venue.logVerifier)",
                ], errors: "\(venue.directory)/witness.log")
            let lines = [process.readLine(), process.readLine()]
            guard lines[0].hasPrefix("key "), lines[1].hasPrefix("listening ") else {
                throw RunningProcess.Failure("\(lines): \(process.errorText)")
            }
            key = try VerifierKey(lines[0].dropFirst(4))
            self.endpoint = String(lines[1].dropFirst(10))
        }

        var table: String { "[[settlement.witness]]\nurl = \"http://\(endpoint)\"\nkey = \"\(key)\"\n" }

        func stop() { process.killNow() }
    }

    /// Everything that a backup of a venue has; its keys and its witness stay where they are.
    private static let parts = ["run", "published", "da"]

    private func copy(_ venue: SettledVenue, from: String, to: String) throws {
        for part in Self.parts {
            let target = "\(venue.directory)\(to)/\(part)"
            try? FileManager.default.removeItem(atPath: target)
            try FileManager.default.copyItem(atPath: "\(venue.directory)\(from)/\(part)", toPath: target)
        }
    }

    /// Trades, and waits until all of it is cosigned; then both planes end.
    private func goOn(_ venue: SettledVenue, _ witness: VerifierKey, _ records: Int) throws {
        try venue.startNode()
        try venue.startPlane().waitUntilReady()
        try venue.trade(records)
        try venue.stopNode()
        let log = try PublishedLog(venue)
        try waitUntil("a cosignature of all; \(venue.plane?.errorText ?? "")") {
            guard let latest = try log.latest(witnesses: [witness]) else { return false }
            return latest.checkpoint.size == log.leaves.count && latest.witnesses.count == 1
        }
        try venue.stopPlane()
    }

    /// A venue that was put aside, went on, and was put back; since then other records were written.
    private func restored(
        _ records: Int
    ) throws -> (venue: SettledVenue, witness: RealWitness, lost: SignedCheckpoint) {
        let venue = try SettledVenue()
        let witness = try RealWitness(venue)
        try venue.configure(
            [("witness_quorum", "1"), ("witness_timeout_ms", "45_000")], witnesses: witness.table)
        try FileManager.default.createDirectory(
            atPath: venue.directory + "/backup", withIntermediateDirectories: true)
        try goOn(venue, witness.key, 40)
        try copy(venue, from: "", to: "/backup")
        try goOn(venue, witness.key, 300)
        let lost = try #require(try PublishedLog(venue).latest())
        try copy(venue, from: "/backup", to: "")
        try venue.startNode()
        try venue.trade(records)
        try venue.stopNode()
        return (venue, witness, lost)
    }

    private func witnessed(_ venue: SettledVenue) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: venue.state).filter { $0.hasPrefix("witnessed-") }.sorted()
    }

    @Test("a restore of everything at once is seen at the start: nothing is signed", arguments: [100, 600])
    func restoredEverything(_ records: Int) throws {
        let (venue, witness, lost) = try restored(records)
        let before = try PublishedLog.files(venue.published)
        let signed = FileManager.default.contents(atPath: SignedHead.path(venue.state))
        for _ in 0..<2 {
            let plane = try venue.startPlane()
            #expect(plane.wait() == 5, "\(plane.errorText)")
            #expect(plane.errorText.contains("older copy") && plane.errorText.contains("another settlement plane"))
            let files = try witnessed(venue)
            #expect(files.count == 1)
            let path = "\(venue.state)/\(try #require(files.first))"
            #expect(plane.errorText.contains(path), "\(plane.errorText)")
            let note = [UInt8](try #require(FileManager.default.contents(atPath: path)))
            let shown = try SignedCheckpoint(note, log: venue.logVerifier, witnesses: [witness.key])
            #expect(shown.checkpoint == lost.checkpoint && shown.witnesses.count == 1)
            // Neither heads nor receipts, neither batches nor what was remembered of heads.
            #expect(try PublishedLog.files(venue.published) == before)
            #expect(FileManager.default.contents(atPath: SignedHead.path(venue.state)) == signed)
        }
        witness.stop()
    }

    @Test("a witness that is away holds up no start; when it is there again it is heard", arguments: [100, 600])
    func restoredWhileAway(_ records: Int) throws {
        let (venue, witness, lost) = try restored(records)
        witness.stop()
        let plane = try venue.startPlane()
        try plane.waitUntilReady()
        let size = UInt64(try PublishedLog(venue).leaves.count)
        try waitUntil("a head; \(plane.errorText)") {
            try SignedHead.load(venue.state, origin: venue.origin)?.size == size
        }
        let again = try RealWitness(venue, at: witness.endpoint)
        #expect(plane.wait() == 5, "\(plane.errorText)")
        #expect(try witnessed(venue).count == 1)
        let file = "\(venue.state)/rewritten-\(lost.checkpoint.size).evidence"
        if size > lost.checkpoint.size {
            // The head that was signed since proves another root for the size that the witness has.
            let bytes = [UInt8](try #require(FileManager.default.contents(atPath: file)))
            try convicts(bytes, venue, .rewrittenHistory)
        } else {
            #expect(!FileManager.default.fileExists(atPath: file))
        }
        #expect(try venue.startPlane().wait() == 5)
        again.stop()
    }

    private func convicts(_ evidence: [UInt8], _ venue: SettledVenue, _ verdict: ConvictionVerdict) throws {
        let anchors = try Anchors(venue: venue.id, log: venue.logVerifier)
        guard case .convicted(let conviction) = try EvidenceJudge(anchors).judge(evidence) else {
            Issue.record("not convicted")
            return
        }
        #expect(conviction.verdict == verdict)
    }

    // MARK: Witnesses that are told what to remember

    /// A venue with signed records whose witness stands in for one.
    private func signedVenue(_ witness: WitnessStandIn, timeout: Int = 45_000) throws -> SettledVenue {
        let venue = try SettledVenue([("witness_timeout_ms", "\(timeout)")], witnesses: witness.table)
        try venue.startNode()
        try venue.startPlane().waitUntilReady()
        try venue.trade(60)
        try venue.stopNode()
        let size = UInt64(try PublishedLog(venue).leaves.count)
        try waitUntil("the checkpoint") { try PublishedLog(venue).latest()?.checkpoint.size == size }
        try venue.stopPlane()
        return venue
    }

    private func note(_ venue: SettledVenue, _ size: UInt64, by key: SigningKey? = nil) -> [UInt8] {
        let signer = NoteSigner(name: venue.origin, key: key ?? venue.keys.logKey)!
        let text = Checkpoint(origin: venue.origin, size: size, root: Sha256.hash([1])).text
        return SignedNote(text: text, signatures: [signer.sign(text)]).bytes
    }

    @Test("what a witness says without a signature of this log stops nothing")
    func worthless() throws {
        let witness = try WitnessStandIn("liar.example", .conflict(1 << 40))
        let other = try WitnessStandIn("other.example", .honest)
        defer { [witness, other].forEach { $0.stop() } }
        let venue = try signedVenue(witness, timeout: 3_000)
        let size = try #require(try PublishedLog(venue).latest()).checkpoint.size
        other.remember(.note(note(venue, size + 1)))
        // Another key under its name; signed text that says another origin; no note; too long; a redirection to one
        // that would count; no answer.
        let signer = NoteSigner(name: "other.log/1", key: venue.keys.logKey)!
        let text = Checkpoint(origin: "other.log/1", size: size + 1, root: .zero).text
        for memory in [
            .note(note(venue, size + 1, by: SigningKey())),
            .note(SignedNote(text: text, signatures: [signer.sign(text)]).bytes), .note([]), .note([0xFF]),
            .note([UInt8](repeating: 0x41, count: 100_000)), .elsewhere(other.port), .silent,
        ] as [WitnessStandIn.Memory] {
            witness.remember(memory)
            let (asked, requests) = (witness.questions, witness.requests)
            let plane = try venue.startPlane()
            try plane.waitUntilReady()
            // Once before the threads are there, which ask too, and may have done so by now.
            #expect(witness.questions > asked)
            let heard = plane.errorText.components(separatedBy: "witness liar.example, at the start: ").count - 1
            #expect(heard == 1, "\(memory): \(plane.errorText)")
            try venue.startNode()
            try venue.trade(10)
            try venue.stopNode()
            let all = UInt64(try PublishedLog(venue).leaves.count)
            try waitUntil("the checkpoint; \(plane.errorText)") {
                try PublishedLog(venue).latest()?.checkpoint.size == all
            }
            // Behind the refusal of a checkpoint it is asked again, and heard as little.
            try waitUntil("a question; \(plane.errorText)") {
                witness.requests > requests && witness.questions > asked + 1
                    && plane.errorText.contains("witness liar.example, its latest checkpoint: ")
            }
            try venue.stopPlane()
        }
        #expect(other.questions == 0)
        #expect(try witnessed(venue).isEmpty)
    }

    @Test("another root of a size that was signed here: the evidence convicts whoever has the key")
    func equivocation() throws {
        let witness = try WitnessStandIn("a.example", .honest)
        defer { witness.stop() }
        let venue = try signedVenue(witness)
        let before = try PublishedLog.files(venue.published)
        for size in try PublishedLog(venue).archived.suffix(2) {
            witness.remember(.note(note(venue, size)))
            let plane = try venue.startPlane()
            #expect(plane.wait() == 5, "\(plane.errorText)")
            let file = "\(venue.state)/equivocation-\(size).evidence"
            #expect(plane.errorText.contains(file), "\(plane.errorText)")
            try convicts([UInt8](try #require(FileManager.default.contents(atPath: file))), venue, .equivocation)
        }
        #expect(try PublishedLog.files(venue.published) == before)
    }

    @Test("what was signed is lost, and the journal is whole: with the witness's note the log goes on where it was")
    func publishedAgain() throws {
        let witness = try WitnessStandIn("a.example", .honest)
        defer { witness.stop() }
        let venue = try signedVenue(witness)
        let latest = try #require(try PublishedLog(venue).latest())
        witness.remember(.note(latest.note.bytes))
        for directory in [venue.state, venue.published] { try FileManager.default.removeItem(atPath: directory) }
        #expect(try venue.startPlane().wait() == 5)
        #expect(try PublishedLog(venue).latest() == nil)
        let file = "\(venue.state)/\(try #require(try witnessed(venue).first))"
        try FileManager.default.copyItem(atPath: file, toPath: venue.published + "/checkpoint")
        try venue.startPlane().waitUntilReady()
        try waitUntil("the head") {
            try SignedHead.load(venue.state, origin: venue.origin)?.size == latest.checkpoint.size
        }
        try venue.stopPlane()
        #expect(try PublishedLog(venue).latest()?.checkpoint == latest.checkpoint)
        #expect(try PublishedLog(venue).faults() == [])
    }
}
