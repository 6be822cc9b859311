import CSodium
import Cryptography
import Testing

@Suite struct Blake2b256Tests {
    init() { Sodium.initialize() }

    @Test("published digests, and the edges of the block")
    func vectors() throws {
        let vectors = try Vectors.lines("blake2b256", fields: 2)
        #expect(vectors.count == 16)
        for fields in vectors {
            let message = Vectors.bytes(fields[0])
            #expect(Blake2b256.hash(message).hexadecimal == fields[1], "\(message.count) bytes")
        }
    }

    @Test("in pieces of every size the digest is the same, and the stream begins anew after it")
    func pieces() throws {
        var stream = Blake2b256.Stream()
        for fields in try Vectors.lines("blake2b256", fields: 2) {
            let message = Vectors.bytes(fields[0])
            for size in [1, 7, 64, 127, 128, 129, 1000] {
                var offset = 0
                while offset < message.count {
                    let count = min(size, message.count - offset)
                    message.withUnsafeBytes { stream.update($0.baseAddress! + offset, count: count) }
                    offset += count
                }
                let digest = stream.finish()
                #expect(digest.hexadecimal == fields[1])
            }
        }
        stream.update(Hash256.zero)
        stream.reset()
        let empty = stream.finish()
        #expect(empty == Blake2b256.hash([]))
        stream.update(littleEndian: 0x0807_0605_0403_0201)
        let eight = stream.finish()
        #expect(eight == Blake2b256.hash([1, 2, 3, 4, 5, 6, 7, 8]))
    }

    @Test("libsodium's digest, for every length of up to nine blocks, at every alignment, at once and in two pieces")
    func libsodium() {
        let message = (0..<1_160).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ $0 >> 5) }
        var stream = Blake2b256.Stream()
        for count in 0...1_152 {
            let start = count % 8
            var digest = [UInt8](repeating: 0, count: 32)
            message.withUnsafeBufferPointer { bytes in
                _ = crypto_generichash_blake2b(&digest, 32, bytes.baseAddress! + start, UInt64(count), nil, 0)
                let hash = Blake2b256.hash(bytes.baseAddress! + start, count: count)
                #expect(hash.withUnsafeBytes(Array.init) == digest, "\(count) bytes")
                stream.update(bytes.baseAddress! + start, count: count / 3)
                stream.update(bytes.baseAddress! + start + count / 3, count: count - count / 3)
            }
            let inPieces = stream.finish()
            #expect(inPieces.withUnsafeBytes(Array.init) == digest, "\(count) bytes in two pieces")
        }
    }

    /// The self-test of RFC 7693, appendix E: digests of 20, 32, 48 and 64 bytes of inputs of 0 to 1,024 bytes, with
    /// and without a key, hashed together. Those of 32 bytes without a key, and the hash of all, are ours.
    @Test("RFC 7693, appendix E")
    func rfc7693() {
        func sequence(_ count: Int, seed: UInt32) -> [UInt8] {
            var a = 0xDEAD_4BAD &* seed
            var b: UInt32 = 1
            return (0..<count).map { _ in
                let sum = a &+ b
                (a, b) = (b, sum)
                return UInt8(sum >> 24)
            }
        }
        var all = Blake2b256.Stream()
        for digestCount in [20, 32, 48, 64] {
            for inputCount in [0, 3, 128, 129, 255, 1024] {
                let input = sequence(inputCount, seed: UInt32(inputCount))
                var digest = [UInt8](repeating: 0, count: digestCount)
                if digestCount == 32 {
                    Blake2b256.hash(input, count: input.count, into: &digest)
                } else {
                    _ = crypto_generichash_blake2b(&digest, digestCount, input, UInt64(inputCount), nil, 0)
                }
                all.update(digest, count: digestCount)
                let key = sequence(digestCount, seed: UInt32(digestCount))
                _ = crypto_generichash_blake2b(&digest, digestCount, input, UInt64(inputCount), key, digestCount)
                all.update(digest, count: digestCount)
            }
        }
        let result = all.finish()
        #expect(result.hexadecimal == "c23a7800d98123bd10f506c61e29da5603d763b8bbad2e737f5e765a7bccd475")
    }
}
