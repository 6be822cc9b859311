import Cryptography
import Testing

@testable import Proof

@Suite struct WitnessRulesTests {
    private let fixture = LogFixture(40)
    private var logs: [VerifierKey] { [fixture.log.verifierKey] }

    private func answer(
        _ request: WitnessRequest, knows size: UInt64?, logs: [VerifierKey]? = nil
    ) throws -> WitnessAnswer {
        let known = try size.map { try fixture.checkpoint($0) }
        return WitnessRules.answer(request.bytes, logs: logs ?? self.logs) { origin in
            origin == LogFixture.origin ? known : nil
        }
    }

    @Test("200: what continues the known tree is accepted")
    func accepted() throws {
        for size in UInt64(0)...40 {
            let first = try answer(fixture.request(0, size), knows: nil)
            guard case .accepted(let signed) = first else { Issue.record("\(first)"); continue }
            #expect(signed.checkpoint == (try fixture.checkpoint(size)))
            for old in 0...size {
                #expect(try answer(fixture.request(old, size), knows: old).status == 200)
            }
        }
    }

    @Test("404: an origin that the witness does not know")
    func unknownOrigin() throws {
        let other = NoteSigner(name: "other/log", key: SigningKey(insecureDeterministic: 3))!
        #expect(try answer(fixture.request(0, 5), knows: nil, logs: [other.verifierKey]) == .unknownOrigin)
        #expect(try answer(fixture.request(0, 5), knows: nil, logs: []).status == 404)
    }

    @Test("403: no signature of the log, or one that does not hold")
    func forbidden() throws {
        let text = try fixture.checkpoint(5).text
        let impostor = NoteSigner(name: LogFixture.origin, key: SigningKey(insecureDeterministic: 3))!
        let good = fixture.log.sign(text)
        let bad = NoteSignature(name: good.name, id: good.id, bytes: fixture.log.sign("other\n").bytes)
        for signatures in [[impostor.sign(text)], [bad], [good, bad], [fixture.witness.sign(text, time: 1)]] {
            let note = SignedNote(text: text, signatures: signatures).bytes
            let request = WitnessRequest(oldSize: 0, proof: [], checkpoint: note)
            #expect(try answer(request, knows: nil).status == 403)
        }
        // A second known key of the same log has to hold as well, and one of two is enough.
        let second = NoteSigner(name: LogFixture.origin, key: SigningKey(insecureDeterministic: 4))!
        let keys = [second.verifierKey, fixture.log.verifierKey]
        #expect(try answer(fixture.request(0, 5), knows: nil, logs: keys).status == 200)
    }

    @Test("400: what is no request, and an old size beyond the new one")
    func badRequest() throws {
        #expect(
            try answer(WitnessRequest(oldSize: 6, proof: [], checkpoint: fixture.signed(5)), knows: 6).status == 400)
        let signed = String(decoding: try fixture.signed(5), as: UTF8.self)
        let hash = LogText.base64(.zero)
        for body in [
            "", "\n", "old 0\n", "old 0\n\n", "old\n\n\(signed)", "old 00\n\n\(signed)", "old -1\n\n\(signed)",
            "old 0\n\(signed)", "new 0\n\n\(signed)", "\nold 0\n\n\(signed)", "old 0\nAAAA\n\n\(signed)",
            "old 0\n\(hash) \n\n\(signed)", "old 0 \n\n\(signed)", "old 0\r\n\r\n\(signed)",
            "old 0\n" + String(repeating: hash + "\n", count: 64) + "\n\(signed)", "old 0\n\n" + signed.dropLast(),
            "old 99999999999999999999\n\n\(signed)", "old 0\n\n" + String(repeating: "x", count: 80_000),
        ] {
            #expect(WitnessRules.answer(Array(body.utf8), logs: logs) { _ in nil }.status == 400, "\(body.prefix(30))")
        }
    }

    @Test("409: the witness knows another size, and says which")
    func conflict() throws {
        #expect(try answer(fixture.request(5, 9), knows: 7) == .conflict(size: 7))
        #expect(try answer(fixture.request(5, 9), knows: nil) == .conflict(size: 0))
        #expect(try answer(fixture.request(0, 9), knows: 9) == .conflict(size: 9))
        // The log was rolled back: older than what is known.
        #expect(try answer(fixture.request(3, 5), knows: 9) == .conflict(size: 9))
    }

    @Test("422: no continuation of the known tree")
    func inconsistent() throws {
        // Another root at the known size.
        let other = Checkpoint(origin: LogFixture.origin, size: 9, root: .zero).text
        let same = WitnessRequest(oldSize: 9, proof: [], checkpoint: fixture.note(other))
        #expect(try answer(same, knows: 9).status == 422)
        // An empty tree has one root.
        let empty = Checkpoint(origin: LogFixture.origin, size: 0, root: .zero).text
        #expect(
            try answer(WitnessRequest(oldSize: 0, proof: [], checkpoint: fixture.note(empty)), knows: nil).status == 422
        )
        // A proof where there is nothing to prove.
        let proof = try fixture.request(5, 9).proof
        #expect(
            try answer(WitnessRequest(oldSize: 0, proof: proof, checkpoint: fixture.signed(9)), knows: nil).status
                == 422)
        #expect(
            try answer(WitnessRequest(oldSize: 9, proof: proof, checkpoint: fixture.signed(9)), knows: 9).status == 422)
        // A wrong, a short, a long and no proof.
        for wrong in [proof.reversed(), proof.dropLast(), proof + [.zero], []] {
            let request = WitnessRequest(oldSize: 5, proof: Array(wrong), checkpoint: try fixture.signed(9))
            #expect(try answer(request, knows: 5).status == 422)
        }
        // A history that was written anew.
        var forked = fixture
        forked.source.leaves[2] = .zero
        #expect(try answer(forked.request(5, 9), knows: 5).status == 422)
    }

    @Test("a body is read as it was written")
    func roundTrip() throws {
        for old in UInt64(0)...20 {
            let request = try fixture.request(old, 20)
            #expect(try WitnessRequest(request.bytes) == request)
        }
    }

    @Test("no change of a request makes the witness accept another tree")
    func damage() throws {
        let bytes = try fixture.request(5, 9).bytes, other = try fixture.request(7, 13).bytes
        let known = try fixture.checkpoint(5)
        for variant in Damage.variants(of: bytes, other: other) {
            let answer = WitnessRules.answer(variant, logs: logs) { _ in known }
            if case .accepted(let signed) = answer {
                #expect(signed.checkpoint == (try fixture.checkpoint(9)))
            }
        }
    }
}
