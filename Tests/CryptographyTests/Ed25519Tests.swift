import CSodium
import Cryptography
import Testing

@Suite struct Ed25519Tests {
    init() { Sodium.initialize() }

    @Test("RFC 8032, section 7.1: keys, signatures and their checks")
    func rfc8032() throws {
        let vectors = try Vectors.lines("rfc8032", fields: 5)
        #expect(vectors.map { $0[0] } == ["test-1", "test-2", "test-3", "test-1024", "test-sha-abc"])
        for fields in vectors {
            let key = Vectors.bytes(fields[1]).withUnsafeBytes { SigningKey(seed: $0.baseAddress!) }
            let message = Vectors.bytes(fields[3])
            #expect(key.publicKey.hexadecimal == fields[2])
            #expect(key.publicKey.isValid)
            let signature = message.withUnsafeBytes { key.sign($0) }
            #expect(signature.hexadecimal == fields[4])
            #expect(message.withUnsafeBytes { Ed25519.verify(signature, of: $0, by: key.publicKey) })
        }
    }

    @Test(
        "the verdict on every published and constructed edge case",
        arguments: ["speccheck", "wycheproof", "cctv", "constructed"].flatMap(SignatureVector.load))
    func edgeCase(_ vector: SignatureVector) {
        #expect(vector.key.isValid == vector.registrable)
        let verifies = vector.message.withUnsafeBytes { Ed25519.verify(vector.signature, of: $0, by: vector.key) }
        #expect(verifies == vector.verifies)
    }

    @Test("all twelve vectors of Taming the many EdDSAs are here, and none is valid to us")
    func speccheckIsComplete() {
        let vectors = SignatureVector.load("speccheck")
        #expect(vectors.map(\.name) == (0..<12).map { "case-\($0)" })
        #expect(vectors.allSatisfy { !($0.registrable && $0.verifies) })
    }

    @Test("points: only canonical encodings of prime order may be registered")
    func points() throws {
        let vectors = try Vectors.lines("points", fields: 4)
        // Eight points of small order, and 38 encodings whose y is not reduced.
        #expect(vectors.count { $0[0].hasPrefix("small-order-") } == 8)
        #expect(vectors.count { $0[0].hasPrefix("y-p-plus-") } == 38)
        for fields in vectors {
            let key = PublicKey(hexadecimal: fields[1])!
            #expect(key.isValid == (fields[2] == "yes"), "\(fields[0]): \(fields[3])")
        }
        #expect(vectors.contains { $0[2] == "yes" })
    }

    @Test("no point whose y is not reduced, nor any of small order, is taken as R under a good key")
    func pointsAsR() throws {
        let key = SigningKey(insecureDeterministic: 1)
        let message: [UInt8] = [1, 2, 3]
        let good = message.withUnsafeBytes { key.sign($0) }
        for fields in try Vectors.lines("points", fields: 4) where fields[2] == "no" {
            let signature = Signature(r: Hash256(hexadecimal: fields[1])!, s: good.s)
            #expect(!message.withUnsafeBytes { Ed25519.verify(signature, of: $0, by: key.publicKey) }, "\(fields[0])")
        }
    }

    @Test("every flipped bit of signature, message and key is refused")
    func flippedBits() {
        let key = SigningKey(insecureDeterministic: 2)
        var message = [UInt8](repeating: 7, count: 40)
        var signature = [UInt8](repeating: 0, count: 64)
        key.sign(message, count: message.count, into: &signature)
        var publicKey = key.publicKey.bytes.withUnsafeBytes { Array($0) }
        func holds() -> Bool {
            Ed25519.verify(signature: signature, message: message, count: message.count, publicKey: publicKey)
        }
        #expect(holds())
        for bit in 0..<512 {
            signature[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(!holds(), "signature bit \(bit)")
            signature[bit / 8] ^= 1 << UInt8(bit % 8)
        }
        for bit in 0..<320 {
            message[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(!holds(), "message bit \(bit)")
            message[bit / 8] ^= 1 << UInt8(bit % 8)
        }
        for bit in 0..<256 {
            publicKey[bit / 8] ^= 1 << UInt8(bit % 8)
            #expect(!holds(), "key bit \(bit)")
            publicKey[bit / 8] ^= 1 << UInt8(bit % 8)
        }
        #expect(holds())
    }

    @Test("S + n L is refused for every n that fits 32 bytes")
    func malleatedS() {
        let order = Vectors.bytes("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010")
        let key = SigningKey(insecureDeterministic: 3)
        let message: [UInt8] = Array("order".utf8)
        let good = message.withUnsafeBytes { key.sign($0) }
        var s = good.s.withUnsafeBytes { Array($0) }
        var count = 0
        while true {
            var carry = 0
            for index in 0..<32 {
                let sum = Int(s[index]) + Int(order[index]) + carry
                s[index] = UInt8(sum & 255)
                carry = sum >> 8
            }
            if carry != 0 { break }
            count += 1
            let signature = Signature(r: good.r, s: s.withUnsafeBytes { Hash256(loading: $0.baseAddress!) })
            #expect(!message.withUnsafeBytes { Ed25519.verify(signature, of: $0, by: key.publicKey) })
        }
        #expect(count >= 14)
    }

    @Test("any alignment of signature, message, key and result")
    func alignment() {
        let key = SigningKey(insecureDeterministic: 4)
        withUnsafeTemporaryAllocation(byteCount: 256, alignment: 16) { buffer in
            let base = buffer.baseAddress!
            for offset in 0..<8 {
                let signature = base + offset, message = base + 72 + offset, publicKey = base + 160 + offset
                message.initializeMemory(as: UInt8.self, repeating: 9, count: 60)
                key.publicKey.store(to: publicKey)
                key.sign(message, count: 60, into: signature)
                #expect(Ed25519.verify(signature: signature, message: message, count: 60, publicKey: publicKey))
            }
        }
    }
}
