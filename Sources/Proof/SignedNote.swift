import Cryptography

/// One signature line of a note, not yet checked.
public struct NoteSignature: Equatable, Sendable {
    /// Name of the key.
    public let name: String
    /// Id of the key.
    public let id: UInt32
    /// What follows the id: 64 bytes of Ed25519, or 8 of time and 64.
    public let bytes: [UInt8]

    public init(name: String, id: UInt32, bytes: [UInt8]) { (self.name, self.id, self.bytes) = (name, id, bytes) }

    /// The line, with its LF.
    public var line: String {
        let word = withUnsafeBytes(of: id.bigEndian) { Array($0) }
        return "\u{2014} \(name) \(Base64.encode(word + bytes))\n"
    }

    /// Whether it says to be by this key.
    func isNamed(as key: VerifierKey) -> Bool { id == key.id && LogText.areEqual(name, key.name) }

    /// Reads a line without its LF.
    public init(line: some StringProtocol) throws(LogError) {
        // Spaces are bytes here: a character may be a space and what combines with it.
        let parts = line.utf8.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false).map {
            String(decoding: $0, as: UTF8.self)
        }
        guard parts.count == 3, LogText.areEqual(parts[0], "\u{2014}"), VerifierKey.isName(parts[1]),
            let blob = Base64.decode(parts[2]), blob.count > 4
        else { throw .malformed("a signature line", expected: "\u{2014} NAME BASE64") }
        name = parts[1]
        id = blob.withUnsafeBytes { UInt32(bigEndian: $0.loadUnaligned(as: UInt32.self)) }
        bytes = Array(blob[4...])
    }
}

/// A signed note (C2SP signed-note): text, an empty line, signature lines. Its structure is checked; what the
/// signatures say is asked by `verified(by:)`.
public struct SignedNote: Equatable, Sendable {
    /// The text, which ends with LF.
    public let text: String
    public var signatures: [NoteSignature]

    /// Bytes of a note at most, and signatures: more are refused, and nobody makes them.
    public static let bytesMax = 65_536, signaturesMax = 100

    public init(text: String, signatures: [NoteSignature]) { (self.text, self.signatures) = (text, signatures) }

    /// Reads a note: UTF-8 without control characters but LF, split at its last empty line.
    public init(_ bytes: [UInt8]) throws(LogError) {
        let expected = "text, an empty line, and signature lines"
        guard bytes.count <= Self.bytesMax, LogText.text(bytes) != nil, bytes.last == 0x0A,
            let split = Self.lastEmptyLine(bytes), split + 1 < bytes.count - 1
        else { throw .malformed("the note", expected: expected) }
        text = String(decoding: bytes[..<split], as: UTF8.self)
        let lines = bytes[(split + 1)..<(bytes.count - 1)].split(separator: 0x0A, omittingEmptySubsequences: false)
        guard split > 0, lines.count <= Self.signaturesMax else {
            throw .malformed("the note", expected: expected)
        }
        var signatures: [NoteSignature] = []
        for line in lines { signatures.append(try NoteSignature(line: String(decoding: line, as: UTF8.self))) }
        self.signatures = signatures
    }

    /// Where the last empty line stands: the offset of its LF.
    private static func lastEmptyLine(_ bytes: [UInt8]) -> Int? {
        var index = bytes.count - 1
        while index > 0 {
            if bytes[index] == 0x0A && bytes[index - 1] == 0x0A { return index }
            index -= 1
        }
        return nil
    }

    /// The note as it is stored and sent.
    public var bytes: [UInt8] { Array((text + "\n" + signatures.map(\.line).joined()).utf8) }

    /// Those of `keys` whose signatures hold. Signatures of unknown keys are passed over.
    ///
    /// - Throws: `signature` when one by a known key does not hold.
    public func verified(by keys: [VerifierKey]) throws(LogError) -> [NoteVerification] {
        var verified: [NoteVerification] = []
        for signature in signatures {
            guard let key = keys.first(where: { signature.isNamed(as: $0) }) else { continue }
            guard let verification = NoteVerification(signature, by: key, of: text) else {
                throw .signature("that of \(key.name) does not hold")
            }
            if !verified.contains(where: { $0.key == key }) { verified.append(verification) }
        }
        return verified
    }
}

/// A signature that holds.
public struct NoteVerification: Equatable, Sendable {
    public let key: VerifierKey
    /// Of a cosignature: when, seconds since 1970, UTC.
    public let time: UInt64?

    /// Checks a signature; nil when it does not hold.
    public init?(_ signature: NoteSignature, by key: VerifierKey, of text: String) {
        guard signature.isNamed(as: key) else { return nil }
        var message = Array(text.utf8)
        var bytes = signature.bytes
        var time: UInt64?
        if key.kind == .cosignature {
            guard bytes.count == 72 else { return nil }
            let seconds = bytes.withUnsafeBytes { UInt64(bigEndian: $0.loadUnaligned(as: UInt64.self)) }
            guard seconds < 1 << 63 else { return nil }
            (time, message, bytes) = (seconds, Cosignature.message(text, seconds), Array(bytes[8...]))
        }
        guard bytes.count == Signature.byteCount, key.key.isValid else { return nil }
        let holds = bytes.withUnsafeBytes { signature in
            message.withUnsafeBytes { Ed25519.verify(Signature(loading: signature.baseAddress!), of: $0, by: key.key) }
        }
        guard holds else { return nil }
        (self.key, self.time) = (key, time)
    }
}

/// Signs notes.
public struct NoteSigner: Sendable {
    /// The key as others know it.
    public let verifierKey: VerifierKey
    private let key: SigningKey

    /// - Returns: nil for a name that no key may have.
    public init?(name: String, key: SigningKey, kind: NoteSignatureKind = .ed25519) {
        guard let verifierKey = VerifierKey(name: name, kind: kind, key: key.publicKey) else { return nil }
        (self.verifierKey, self.key) = (verifierKey, key)
    }

    /// Signs a text; `time`, in seconds since 1970 UTC, is a part of a cosignature and of nothing else.
    public func sign(_ text: String, time: UInt64 = 0) -> NoteSignature {
        var (head, message) = ([UInt8](), Array(text.utf8))
        if verifierKey.kind == .cosignature {
            precondition(time < 1 << 63, "a time")
            head = withUnsafeBytes(of: time.bigEndian) { Array($0) }
            message = Cosignature.message(text, time)
        }
        let signature = message.withUnsafeBytes { key.sign($0) }
        let bytes = head + withUnsafeBytes(of: signature) { Array($0) }
        return NoteSignature(name: verifierKey.name, id: verifierKey.id, bytes: bytes)
    }
}

/// What a witness signs (C2SP tlog-cosignature, cosignature/v1).
enum Cosignature {
    static func message(_ checkpoint: String, _ time: UInt64) -> [UInt8] {
        Array("cosignature/v1\ntime \(time)\n\(checkpoint)".utf8)
    }
}
