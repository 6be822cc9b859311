import Cryptography
import Testing

@testable import Proof

@Suite struct TlogProofTests {
    private let fixture = LogFixture(40)

    @Test("a proof holds for its record, for every index of some sizes", arguments: [1, 2, 3, 7, 8, 9, 31, 32, 33])
    func holds(_ size: UInt64) throws {
        for index in 0..<size {
            let proof = try TlogProof(fixture.proof(index, size, cosigned: 5).bytes)
            for other in 0..<size {
                let verify = {
                    try LogFixture.entry(other).withUnsafeBytes { record in
                        try proof.verified(
                            record: record, logs: [fixture.log.verifierKey], witnesses: [fixture.witness.verifierKey])
                    }
                }
                guard other == index else {
                    #expect(throws: LogError.mismatch("the path of leaf \(index) to the root of \(size)")) {
                        _ = try verify()
                    }
                    continue
                }
                let signed = try verify()
                #expect(signed.checkpoint.size == size && signed.witnesses.map(\.time) == [5])
            }
        }
    }

    @Test("the file is the one of tlog-proof")
    func format() throws {
        let proof = try fixture.proof(2, 3)
        let text = String(decoding: proof.bytes, as: UTF8.self)
        let checkpoint = String(decoding: try fixture.signed(3), as: UTF8.self)
        let sibling = LogText.base64(MerkleHash.node(fixture.source.leaves[0], fixture.source.leaves[1]))
        #expect(text == "c2sp.org/tlog-proof@v1\nindex 2\n\(sibling)\n\n\(checkpoint)")
        let extra = TlogProof(index: 2, path: proof.path, checkpoint: proof.checkpoint, extra: [1, 2, 3])
        #expect(String(decoding: extra.bytes, as: UTF8.self).hasPrefix("c2sp.org/tlog-proof@v1\nextra AQID\nindex 2\n"))
        #expect(try TlogProof(extra.bytes) == extra)
        #expect(try TlogProof(proof.bytes) == proof)
    }

    @Test("what is not a proof is refused")
    func refused() throws {
        let note = String(decoding: try fixture.signed(3), as: UTF8.self)
        let head = "c2sp.org/tlog-proof@v1\n"
        let hash = LogText.base64(.zero)
        for text in [
            "", "\n\n", head, head + "\n\(note)", "c2sp.org/tlog-proof@v2\nindex 0\n\n\(note)",
            head + "index 00\n\n\(note)", head + "index\n\n\(note)", head + "index -1\n\n\(note)",
            head + "index 0\nextra AQID\n\n\(note)", head + "extra ?\nindex 0\n\n\(note)",
            head + "extra AQID\nextra AQID\nindex 0\n\n\(note)", head + "index 0\nAAAA\n\n\(note)",
            head + "index 0\n" + String(repeating: hash + "\n", count: 64) + "\n\(note)", "\n" + head + "index 0\n\n",
            head + "index 9999999999999999999\n\n\(note)",
        ] {
            #expect(throws: LogError.self, "\(text.prefix(60))") { _ = try TlogProof(Array(text.utf8)) }
        }
        #expect(throws: LogError.self) {
            _ = try TlogProof(Array(repeating: 0x0A, count: TlogProof.bytesMax + 1))
        }
    }

    @Test("no change of a proof is accepted")
    func damage() throws {
        let leaf = fixture.source.leaves[20]
        let bytes = try fixture.proof(20, 33).bytes, other = try fixture.proof(4, 40).bytes
        let log = fixture.log.verifierKey
        #expect(try TlogProof(bytes).verified(leaf: leaf, logs: [log]).checkpoint.size == 33)
        for variant in Damage.variants(of: bytes, other: other) {
            guard let signed = try? TlogProof(variant).verified(leaf: leaf, logs: [log]) else { continue }
            // Only a signature line that is there twice says nothing else.
            #expect(signed.checkpoint == (try fixture.checkpoint(33)) && variant.count > bytes.count)
        }
    }
}
