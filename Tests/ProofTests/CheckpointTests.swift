import Cryptography
import Testing

@testable import Proof

@Suite struct CheckpointTests {
    private let fixture = LogFixture(20)
    private static let root = "sFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi08="

    @Test("a checkpoint is exactly three lines")
    func threeLines() throws {
        let checkpoint = try fixture.checkpoint(7)
        #expect(checkpoint.root.hexadecimal == "a3e23b32ccb6bf96d092d165d8aa546e09829de8f03b0e8957581d1e16b92bdf")
        #expect(checkpoint.text == "glassbook.test/0123456789abcdef\n7\no+I7Msy2v5bQktFl2KpUbgmCnejwOw6JV1gdHha5K98=\n")
        #expect(try Checkpoint(text: checkpoint.text) == checkpoint)
        #expect(try Checkpoint(text: fixture.checkpoint(0).text).root == MerkleHash.empty)
        #expect(Checkpoint.origin(domain: "example.com", venue: .zero) == "example.com/0000000000000000")
    }

    @Test("extension lines of others are kept")
    func extensions() throws {
        let text = "example.com/fancylog\n109482\n\(Self.root)\nextension one\n\u{e9}\n"
        let checkpoint = try Checkpoint(text: text)
        #expect(checkpoint.size == 109_482)
        #expect(checkpoint.extensions == ["extension one", "\u{e9}"])
        #expect(checkpoint.text == text)
    }

    @Test(
        "other lines are refused",
        arguments: [
            "", "\n", "o\n", "o\n1\n", "o\n1\n\(root)", "\n1\n\(root)\n", "o\n\n\(root)\n", "o\n01\n\(root)\n",
            "o\n+1\n\(root)\n", "o\n-1\n\(root)\n", "o\n1 \n\(root)\n", "o\n0x1\n\(root)\n", "o\n١\n\(root)\n",
            "o\n9223372036854775808\n\(root)\n", "o\n18446744073709551616\n\(root)\n",
            "o\n99999999999999999999\n\(root)\n",
            "o\n1\n\(root)\n\n", "o\n1\n\(root)\n\next\n", "o\n1\n\(root) \n", "o\n1\nAAAA\n",
            "o\n1\n\(root.dropLast())\n", "o\n1\nsFodV/vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl/EQi09=\n",
            "o\n1\nsFodV_vSp5O8n9a8QpW6PRY97tfOSW5bsc2Xl_EQi08=\n",
        ])
    func refused(_ text: String) {
        #expect(throws: LogError.self) { _ = try Checkpoint(text: text) }
    }

    @Test("the log's own signature has to be there, under the origin's name")
    func signed() throws {
        let (log, witness) = (fixture.log.verifierKey, fixture.witness.verifierKey)
        let bytes = try fixture.signed(9, cosigned: 77)
        let signed = try SignedCheckpoint(bytes, log: log, witnesses: [witness])
        #expect(signed.checkpoint == (try fixture.checkpoint(9)))
        #expect(signed.witnesses.map(\.time) == [77])
        #expect(try SignedCheckpoint(bytes, log: log).witnesses.isEmpty)
        let text = try fixture.checkpoint(9).text
        // The witness alone is not the log.
        let cosigned = SignedNote(text: text, signatures: [fixture.witness.sign(text, time: 77)]).bytes
        #expect(throws: LogError.self) { _ = try SignedCheckpoint(cosigned, log: log, witnesses: [witness]) }
        // Another log's checkpoint, although this key signed it.
        let other = Checkpoint(origin: "other/log", size: 9, root: .zero).text
        #expect(throws: LogError.self) { _ = try SignedCheckpoint(fixture.note(other), log: log) }
        // A key of the same name that is not the known one.
        let impostor = NoteSigner(name: log.name, key: SigningKey(insecureDeterministic: 99))!
        let forged = SignedNote(text: text, signatures: [impostor.sign(text)]).bytes
        #expect(throws: LogError.self) { _ = try SignedCheckpoint(forged, log: log) }
        // A cosignature that does not hold spoils the note for those who know the witness.
        let late = fixture.witness.sign(text, time: 77)
        var changed = late.bytes
        changed[7] ^= 1
        let spoiled = SignedNote(
            text: text,
            signatures: [fixture.log.sign(text), NoteSignature(name: late.name, id: late.id, bytes: changed)]
        ).bytes
        #expect(throws: LogError.self) { _ = try SignedCheckpoint(spoiled, log: log, witnesses: [witness]) }
        #expect(try SignedCheckpoint(spoiled, log: log).checkpoint.size == 9)
    }

    @Test("no change of a signed checkpoint says anything else")
    func damage() throws {
        let (log, witness) = (fixture.log.verifierKey, fixture.witness.verifierKey)
        let said = [try fixture.checkpoint(9), try fixture.checkpoint(10)]
        let bytes = try fixture.signed(9, cosigned: 77), other = try fixture.signed(10, cosigned: 78)
        for variant in Damage.variants(of: bytes, other: other) where variant != other {
            guard let signed = try? SignedCheckpoint(variant, log: log, witnesses: [witness]) else { continue }
            // What is left of it says what was signed: a line of an unknown key, or none, where the witness's was.
            #expect(said.contains(signed.checkpoint))
            #expect(signed.witnesses.allSatisfy { $0.time == signed.checkpoint.size + 68 })
        }
        for variant in Damage.variants(of: try fixture.signed(9), other: try fixture.signed(10)) {
            guard let signed = try? SignedCheckpoint(variant, log: log) else { continue }
            #expect(said.contains(signed.checkpoint))
        }
    }
}
