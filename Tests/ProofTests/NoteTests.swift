import Cryptography
import Testing

@testable import Proof

@Suite struct NoteTests {
    private let fixture = LogFixture(20)

    /// The example of golang.org/x/mod/sumdb/note, made by other software.
    private static let key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    private static let text =
        "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    private static let line =
        "\u{2014} PeterNeumann "
        + "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"

    @Test("a note and a key that other software made")
    func others() throws {
        let key = try VerifierKey(Self.key)
        #expect(key.name == "PeterNeumann" && key.id == 0xc74f_20a3 && key.description == Self.key)
        let bytes = Array((Self.text + "\n" + Self.line).utf8)
        let note = try SignedNote(bytes)
        #expect(note.text == Self.text && note.bytes == bytes)
        #expect(try note.verified(by: [key]).map(\.key) == [key])
        #expect(
            try VerifierKey("sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8").id == 0x033d_e0ae)
    }

    @Test("keys that are spelled otherwise are refused")
    func keys() {
        let other: [UInt8] = Array(Self.key.utf8).map { $0 == UInt8(ascii: "P") ? UInt8(ascii: "Q") : $0 }
        for variant in Damage.variants(of: Array(Self.key.utf8), other: other, splices: 2000) {
            let text = String(decoding: variant, as: UTF8.self)
            #expect(throws: LogError.self) { _ = try VerifierKey(text) }
        }
        // Only the digits are wrong: it is said which they are.
        let text = "a+00000000+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
        #expect(throws: LogError.malformed("the verifier key \(text)", expected: "a+70e91eba, by name and key")) {
            _ = try VerifierKey(text)
        }
        let key = SigningKey(insecureDeterministic: 1).publicKey
        for name in ["", "a b", "a+b", "a\nb", "a\u{2003}b", "a\u{85}", String(repeating: "n", count: 256)] {
            #expect(VerifierKey(name: name, kind: .ed25519, key: key) == nil)
        }
        // A point of small order signs everything.
        let identity = PublicKey(hexadecimal: "01" + String(repeating: "0", count: 62))!
        let small = VerifierKey(name: "small", kind: .ed25519, key: identity)!.description
        #expect(throws: LogError.self) { _ = try VerifierKey(small) }
    }

    @Test("one signature of a known key is enough, unknown ones are passed over, a bad one of a known key is not")
    func rules() throws {
        let stranger = NoteSigner(name: "stranger", key: SigningKey(insecureDeterministic: 7))!
        let text = try fixture.checkpoint(9).text
        let (log, witness) = (fixture.log, fixture.witness)
        func verified(_ signatures: [NoteSignature], _ keys: [VerifierKey]) throws -> [NoteVerification] {
            try SignedNote(SignedNote(text: text, signatures: signatures).bytes).verified(by: keys)
        }
        let good = [stranger.sign(text), log.sign(text), witness.sign(text, time: 5)]
        #expect(try verified(good, [log.verifierKey]).map(\.key) == [log.verifierKey])
        #expect(try verified(good, [log.verifierKey, witness.verifierKey]).map(\.time) == [nil, 5])
        #expect(try verified(good, []).isEmpty)
        #expect(try verified([good[1], good[1]], [log.verifierKey]).count == 1)
        // Of an unknown key whatever bytes.
        let junk = NoteSignature(name: "stranger", id: stranger.verifierKey.id, bytes: [1])
        #expect(try verified([junk, good[1]], [log.verifierKey]).count == 1)
        // The name alone, and the id alone, do not make a key known.
        let otherId = NoteSignature(name: log.verifierKey.name, id: 1, bytes: good[1].bytes)
        let otherName = NoteSignature(name: "other", id: log.verifierKey.id, bytes: good[1].bytes)
        #expect(try verified([otherId, otherName], [log.verifierKey]).isEmpty)
        // A bad signature of a known key, also behind a good one.
        for bad in [log.sign("other\n").bytes, [], [1], Array(good[1].bytes.dropLast()), good[1].bytes + [0]]
        where !bad.isEmpty {
            let line = NoteSignature(name: log.verifierKey.name, id: log.verifierKey.id, bytes: bad)
            for signatures in [[line], [good[1], line], [line, good[1]]] {
                #expect(throws: LogError.self) { _ = try verified(signatures, [log.verifierKey]) }
            }
        }
    }

    @Test("the split is at the last empty line")
    func lastEmptyLine() throws {
        let text = "one\n\ntwo\n"
        let bytes = SignedNote(text: text, signatures: [fixture.log.sign(text)]).bytes
        let note = try SignedNote(bytes)
        #expect(note.text == text)
        #expect(try note.verified(by: [fixture.log.verifierKey]).count == 1)
    }

    @Test(
        "what is not a note is refused",
        arguments: [
            "", "\n", "\n\n", "text\n", "text\n\n", "text\n\n\n", "\n\u{2014} a AAAAAAA=\n",
            "text\n\n\u{2014} a AAAAAAA=",
            "text\n\u{2014} a AAAAAAA=\n", "text\n\n- a AAAAAAA=\n", "text\n\n\u{2014} a\n",
            "text\n\n\u{2014} a AAAAAA==\n",
            "text\n\n\u{2014} a b AAAAAAA=\n", "text\n\n\u{2014} a+b AAAAAAA=\n", "text\n\n\u{2014}  AAAAAAA=\n",
            "text\n\n\u{2014} a AAAAAAA=\n\n", "text\n\n\u{2014} a AAAAAAA=\ntext\n",
            "te\u{1}xt\n\n\u{2014} a AAAAAAA=\n",
            "te\rxt\n\n\u{2014} a AAAAAAA=\n", "text\r\n\r\n\u{2014} a AAAAAAA=\r\n", "text\n\n\u{2014} a AAAAAAB=\n",
        ])
    func refused(_ text: String) {
        #expect(throws: LogError.self) { _ = try SignedNote(Array(text.utf8)) }
    }

    @Test("text that is not UTF-8, a note that is too long, too many signatures")
    func limits() throws {
        let line = Array("\n\u{2014} a AAAAAAA=\n".utf8)
        #expect(try SignedNote(Array("text\n".utf8) + line).signatures.count == 1)
        for bad: [UInt8] in [[0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80]] {
            #expect(throws: LogError.self) { _ = try SignedNote(bad + [0x0A] + line) }
        }
        #expect(throws: LogError.self) { _ = try SignedNote(Array(repeating: 0x61, count: 65_536) + [0x0A] + line) }
        func note(_ count: Int) -> [UInt8] {
            Array("text\n\n".utf8) + Array(repeatElement(line.dropFirst(), count: count).joined())
        }
        #expect(try SignedNote(note(100)).signatures.count == 100)
        #expect(throws: LogError.self) { _ = try SignedNote(note(101)) }
    }

    @Test("a character that combines with a space does not hide a line from others")
    func combining() throws {
        let text = try fixture.checkpoint(3).text
        let bytes = SignedNote(text: text, signatures: [fixture.log.sign(text)]).bytes
        let note = try SignedNote(bytes + Array("\u{2014} \u{301}name AAAAAAA=\n".utf8))
        #expect(note.signatures.count == 2)
        #expect(try note.verified(by: [fixture.log.verifierKey]).count == 1)
    }

    @Test("a cosignature signs time and checkpoint")
    func cosignature() throws {
        let text = try fixture.checkpoint(9).text
        let (witness, key) = (fixture.witness, fixture.witness.verifierKey)
        let signature = witness.sign(text, time: 1_700_000_000)
        #expect(signature.bytes.count == 72)
        #expect(signature.bytes.prefix(8) == [0, 0, 0, 0, 0x65, 0x53, 0xF1, 0x00])
        let message = Array("cosignature/v1\ntime 1700000000\n\(text)".utf8)
        let held = message.withUnsafeBytes { message in
            signature.bytes.withUnsafeBytes {
                Ed25519.verify(Signature(loading: $0.baseAddress! + 8), of: message, by: key.key)
            }
        }
        #expect(held)
        #expect(NoteVerification(signature, by: key, of: text)?.time == 1_700_000_000)
        // Another time, another text, and a plain signature of the same key do not hold.
        var bytes = signature.bytes
        bytes[7] ^= 1
        let other = NoteSignature(name: key.name, id: key.id, bytes: bytes)
        #expect(NoteVerification(other, by: key, of: text) == nil)
        #expect(NoteVerification(signature, by: key, of: try fixture.checkpoint(8).text) == nil)
        let plain = NoteSigner(name: key.name, key: SigningKey(insecureDeterministic: 42))!
        #expect(plain.verifierKey.id != key.id)
        let disguised = NoteSignature(name: key.name, id: key.id, bytes: plain.sign(text).bytes)
        #expect(NoteVerification(disguised, by: key, of: text) == nil)
        bytes = [0x80] + signature.bytes.dropFirst()
        #expect(NoteVerification(NoteSignature(name: key.name, id: key.id, bytes: bytes), by: key, of: text) == nil)
    }
}
