import CSodium
import Cryptography

/// The chain's hash of 256 bytes, ours and libsodium's: each digest is a byte of the next message.
enum HashBenchmark {
    private static let count = 20_000

    /// Nanoseconds of `Blake2b256`.
    static func own() -> Double {
        measure { message, digest in Blake2b256.hash(message, count: 256, into: digest) }
    }

    /// Nanoseconds of libsodium's function, with the implementation that it has chosen for this processor.
    static func libsodium() -> Double {
        Sodium.initialize()
        return measure { message, digest in
            _ = crypto_generichash_blake2b(
                digest.assumingMemoryBound(to: UInt8.self), 32, message.assumingMemoryBound(to: UInt8.self), 256, nil,
                0)
        }
    }

    private static func measure(_ hash: (UnsafeRawPointer, UnsafeMutableRawPointer) -> Void) -> Double {
        var message = [UInt8](repeating: 0x5A, count: 256), digest = [UInt8](repeating: 0, count: 32)
        return message.withUnsafeMutableBytes { message in
            digest.withUnsafeMutableBytes { digest in
                nanosecondsEach(count) { index in
                    hash(message.baseAddress!, digest.baseAddress!)
                    message[index & 255] ^= digest[0]
                }
            }
        }
    }
}
