internal import CSodium

/// An Ed25519 key pair, made from a 32-byte seed (RFC 8032 calls it the private key).
///
/// The secret lives in one allocation of this object's own, which is overwritten before it is freed. Signing
/// allocates nothing and may be done from several threads.
public final class SigningKey: Sendable {
    /// Length of a seed in bytes.
    public static let seedByteCount = 32

    /// Seed and public key, libsodium's 64-byte form of a secret key.
    private nonisolated(unsafe) let secret: UnsafeMutablePointer<UInt8>
    /// The public half.
    public let publicKey: PublicKey

    /// The key of the 32 bytes at `seed`; they are read once and remain the caller's to overwrite.
    public init(seed: UnsafeRawPointer) {
        Sodium.initialize()
        secret = .allocate(capacity: 64)
        var encoded = Hash256.zero
        let secret = secret
        withUnsafeMutableBytes(of: &encoded) { bytes in
            let status = crypto_sign_ed25519_seed_keypair(
                bytes.baseAddress!.assumingMemoryBound(to: UInt8.self), secret,
                seed.assumingMemoryBound(to: UInt8.self))
            precondition(status == 0)
        }
        publicKey = PublicKey(encoded)
    }

    /// A new key from the kernel's random bytes.
    public convenience init() {
        self.init { SecureRandom.fill($0, count: SigningKey.seedByteCount) }
    }

    /// The key of a seed derived from a number: the same key on every run, for tests and benchmarks, and worthless
    /// as a secret.
    public convenience init(insecureDeterministic number: UInt64) {
        self.init { seed in
            var stream = Blake2b256.Stream()
            "glassbook/1/insecure-deterministic-key".utf8.forEach { byte in
                withUnsafeBytes(of: byte) { stream.update($0.baseAddress!, count: 1) }
            }
            stream.update(littleEndian: number)
            stream.finish(into: seed)
        }
    }

    private convenience init(_ makeSeed: (UnsafeMutableRawPointer) -> Void) {
        let seed = UnsafeMutableRawPointer.allocate(byteCount: SigningKey.seedByteCount, alignment: 8)
        defer {
            sodium_memzero(seed, SigningKey.seedByteCount)
            seed.deallocate()
        }
        makeSeed(seed)
        self.init(seed: seed)
    }

    deinit {
        sodium_memzero(secret, 64)
        secret.deallocate()
    }

    /// Signs `count` bytes at `message` and writes 64 bytes to `signature`; no allocation, any alignment.
    public func sign(_ message: UnsafeRawPointer, count: Int, into signature: UnsafeMutableRawPointer) {
        assert(count >= 0)
        let status = crypto_sign_ed25519_detached(
            signature.assumingMemoryBound(to: UInt8.self), nil,
            message.assumingMemoryBound(to: UInt8.self), UInt64(truncatingIfNeeded: count), secret)
        assert(status == 0)
    }

    /// Signs `message`.
    public func sign(_ message: UnsafeRawBufferPointer) -> Signature {
        var signature = Signature.zero
        withUnsafeMutableBytes(of: &signature) { bytes in
            sign(message.baseAddress ?? UnsafeRawPointer(secret), count: message.count, into: bytes.baseAddress!)
        }
        return signature
    }

    /// Calls `body` with the 32 bytes of the seed, which are the secret: for `KeyFile`.
    func withSeed(_ body: (UnsafeRawPointer) -> Void) {
        body(UnsafeRawPointer(secret))
    }
}
