import Cryptography
import Testing

@Suite struct ValueTests {
    @Test("hexadecimal is read in both cases, written in lower case, and exact in length")
    func hexadecimal() {
        let text = "00112233445566778899aabbccddeeff0123456789abcdef0123456789abcdef"
        #expect(Hash256(hexadecimal: text)?.hexadecimal == text)
        #expect(Hash256(hexadecimal: text.uppercased())?.hexadecimal == text)
        #expect(PublicKey(hexadecimal: text)?.description == text)
        #expect(Hash256(hexadecimal: text.dropLast()) == nil)
        #expect(Hash256(hexadecimal: text + "0") == nil)
        #expect(Hash256(hexadecimal: text.dropLast() + "g") == nil)
        #expect(Hash256(hexadecimal: "") == nil)
        #expect(Signature(hexadecimal: text) == nil)
        #expect(Signature(hexadecimal: text + text)?.hexadecimal == text + text)
    }

    @Test("memory is the bytes in order")
    func memory() {
        let bytes = (0..<33).map { UInt8($0) }
        bytes.withUnsafeBytes { source in
            let value = Hash256(loading: source.baseAddress! + 1)
            #expect(value.withUnsafeBytes { Array($0) } == Array(bytes[1...]))
            #expect(value.matches(source.baseAddress! + 1))
            #expect(!value.matches(source.baseAddress!))
            var copy = [UInt8](repeating: 0, count: 33)
            copy.withUnsafeMutableBytes { value.store(to: $0.baseAddress! + 1) }
            #expect(copy[1...] == bytes[1...])
        }
        #expect(MemoryLayout<Hash256>.stride == 32)
        #expect(MemoryLayout<PublicKey>.stride == 32)
        #expect(MemoryLayout<Signature>.stride == 64)
    }

    @Test("order is that of the bytes", arguments: 0..<32)
    func order(position: Int) {
        var smaller = [UInt8](repeating: 0x80, count: 32)
        var larger = smaller
        larger[position] = 0x81
        // A later byte never outweighs an earlier one.
        for index in (position + 1)..<max(position + 1, 32) { smaller[index] = 0xff }
        let left = smaller.withUnsafeBytes { Hash256(loading: $0.baseAddress!) }
        let right = larger.withUnsafeBytes { Hash256(loading: $0.baseAddress!) }
        #expect(left < right)
        #expect(!(right < left))
        #expect(!(left < left))
    }

    @Test("random values differ")
    func random() {
        #expect(SecureRandom.hash256() != SecureRandom.hash256())
        #expect(SigningKey().publicKey != SigningKey().publicKey)
    }
}
