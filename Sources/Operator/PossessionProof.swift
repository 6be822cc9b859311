import Cryptography

/// What a trader gives to the operator who opens an account for it: the owner's public key, and the proof that the
/// trader has the secret. Made offline; it shows nothing secret, and is good for this account of this venue only.
///
/// One line of text, LF at its end: `venue=<64> account=<decimal> key=<64> proof=<128>`, the others hexadecimal digits.
/// The proof is the key's signature of prefix("possession") ‖ account u32 little-endian ‖ key.
public struct PossessionProof: Equatable, Sendable, CustomStringConvertible {
    /// Largest file, bytes.
    public static let byteCountMax = 512

    public let venue: Hash256
    public let account: UInt32
    public let key: PublicKey
    public let proof: Signature

    /// Signs one.
    public init(venue: Hash256, account: UInt32, key: SigningKey) {
        self.venue = venue
        self.account = account
        self.key = key.publicKey
        proof = Prefixes(venue: venue).signPossession(account: account, key: key)
    }

    /// Reads one. Nil when the text has another form; whether it holds is another question.
    public init?(_ text: String) {
        guard text.utf8.count <= Self.byteCountMax, text.hasSuffix("\n") else { return nil }
        let words = text.dropLast().split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 4 else { return nil }
        func value(_ index: Int, _ name: String) -> Substring? {
            words[index].hasPrefix(name + "=") ? words[index].dropFirst(name.count + 1) : nil
        }
        guard let venue = value(0, "venue").flatMap(Hash256.init(hexadecimal:)),
            let account = value(1, "account").flatMap({ UInt32($0) }),
            let key = value(2, "key").flatMap(PublicKey.init(hexadecimal:)),
            let proof = value(3, "proof").flatMap(Signature.init(hexadecimal:))
        else { return nil }
        (self.venue, self.account, self.key, self.proof) = (venue, account, key, proof)
        guard description + "\n" == text else { return nil }
    }

    /// The line, without its end.
    public var description: String {
        "venue=\(venue.hexadecimal) account=\(account) key=\(key.hexadecimal) proof=\(proof.hexadecimal)"
    }

    /// Whether the key is one that may be registered, and the proof is its signature.
    public var holds: Bool {
        withUnsafeBytes(of: key) { key in
            withUnsafeBytes(of: proof) { proof in
                Prefixes(venue: venue).verifyPossession(
                    account: account, publicKey: key.baseAddress!, signature: proof.baseAddress!)
            }
        }
    }
}
