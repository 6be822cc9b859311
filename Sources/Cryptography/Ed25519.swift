internal import CSodium

/// Ed25519 (RFC 8032), with one definition of valid for the node and for whoever audits it.
///
/// A signature (R, S) on a message M under a public key A is valid when all of these hold:
///
/// 1. S is below the order L of the group.
/// 2. A is the canonical encoding of a point of prime order. `isValidPublicKey` decides it, once, when a key is
///    registered; `verify` alone refuses a non-canonical A and an A of small order, but not an A with a small-order
///    component.
/// 3. R is a canonical encoding and not of small order.
/// 4. S·B = R + k·A, without the cofactor, where k = SHA-512(R ‖ A ‖ M) mod L over the bytes as received.
///
/// With 2 and 4, R has prime order, so that the equation with and without the cofactor agree, and a batch verifier
/// would reach the same verdicts.
///
/// What libsodium 1.0.18 does, and why nothing is left over: `crypto_sign_verify_detached` compares S with L,
/// compares R and A (sign bit ignored) with the list of small-order encodings, refuses A whose y is not below p, and
/// compares the 32 bytes of the encoding of S·B − k·A with the bytes of R. That last comparison is with a canonical
/// encoding, so a non-canonical R never matches. `Tests/CryptographyTests` has the published edge cases of each.
public enum Ed25519 {
    /// Whether the signature of 64 bytes holds on `count` bytes at `message` under a *registered* key.
    ///
    /// Allocates nothing and keeps nothing; any alignment; time depends on public data only.
    /// `Sodium.initialize()` has to have been called once.
    public static func verify(
        signature: UnsafeRawPointer, message: UnsafeRawPointer, count: Int, publicKey: UnsafeRawPointer
    ) -> Bool {
        assert(count >= 0)
        return crypto_sign_ed25519_verify_detached(
            signature.assumingMemoryBound(to: UInt8.self), message.assumingMemoryBound(to: UInt8.self),
            UInt64(truncatingIfNeeded: count), publicKey.assumingMemoryBound(to: UInt8.self)) == 0
    }

    /// Whether the signature holds on `message` under a *registered* key.
    public static func verify(_ signature: Signature, of message: UnsafeRawBufferPointer, by key: PublicKey) -> Bool {
        withUnsafeBytes(of: signature) { signatureBytes in
            withUnsafeBytes(of: key) { keyBytes in
                verify(
                    signature: signatureBytes.baseAddress!,
                    message: message.baseAddress ?? keyBytes.baseAddress!,
                    count: message.count, publicKey: keyBytes.baseAddress!)
            }
        }
    }

    /// Whether the 32 bytes are the canonical encoding of a point of prime order: a key that may be registered.
    ///
    /// One scalar multiplication by L, about as slow as a verification; done once a key, never once a message.
    public static func isValidPublicKey(_ publicKey: UnsafeRawPointer) -> Bool {
        crypto_core_ed25519_is_valid_point(publicKey.assumingMemoryBound(to: UInt8.self)) == 1
    }
}
