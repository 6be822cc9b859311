import Cryptography

/// The kinds of signature that notes carry here.
public enum NoteSignatureKind: UInt8, Sendable {
    /// Ed25519 over the note's text.
    case ed25519 = 1
    /// A witness's: time and Ed25519 over time and checkpoint (tlog-cosignature, cosignature/v1).
    case cosignature = 4
}

/// A key that signs notes, as others know it: `NAME+HASH+BASE64` (C2SP signed-note, "vkey").
public struct VerifierKey: Hashable, Sendable, CustomStringConvertible {
    /// Name of the key; not empty, no spaces, no plus.
    public let name: String
    public let kind: NoteSignatureKind
    public let key: PublicKey

    /// Bytes of the text at most.
    public static let bytesMax = 512

    /// - Returns: nil for a name that no key may have.
    public init?(name: String, kind: NoteSignatureKind, key: PublicKey) {
        guard Self.isName(name) else { return nil }
        (self.name, self.kind, self.key) = (name, kind, key)
    }

    /// Reads a key; the hash has to be the one of name and key, and the key one that may sign.
    public init(_ text: some StringProtocol) throws(LogError) {
        let expected = "NAME+8 HEXADECIMAL DIGITS+BASE64 of an Ed25519 key"
        func malformed() -> LogError { .malformed("the verifier key \(String(text.prefix(80)))", expected: expected) }
        let parts = text.utf8.split(separator: UInt8(ascii: "+"), maxSplits: 2, omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        guard text.utf8.count <= Self.bytesMax, parts.count == 3, let bytes = Base64.decode(parts[2]),
            bytes.count == 33,
            let kind = NoteSignatureKind(rawValue: bytes[0])
        else { throw malformed() }
        let key = bytes.withUnsafeBytes { PublicKey(loading: $0.baseAddress! + 1) }
        guard key.isValid, let made = VerifierKey(name: parts[0], kind: kind, key: key) else { throw malformed() }
        guard made.idText == parts[1] else {
            throw .malformed(
                "the verifier key \(String(text.prefix(80)))", expected: "\(made.name)+\(made.idText), by name and key")
        }
        self = made
    }

    /// The first four bytes of SHA-256(name ‖ LF ‖ kind ‖ key), big-endian.
    public var id: UInt32 {
        let hash = Sha256.hash(Array(name.utf8) + [0x0A, kind.rawValue] + Array(key.bytes))
        return hash.withUnsafeBytes { UInt32(bigEndian: $0.loadUnaligned(as: UInt32.self)) }
    }

    private var idText: String {
        let digits = String(id, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }

    public var description: String {
        "\(name)+\(idText)+\(Base64.encode([kind.rawValue] + Array(key.bytes)))"
    }

    /// Whether a key may have that name: not empty, no spaces, no plus, no control characters, at most 255 bytes.
    static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 255
            && !name.unicodeScalars.contains { $0 == "+" || $0.properties.isWhitespace || $0.value < 0x20 }
    }
}
