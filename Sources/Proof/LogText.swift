import Cryptography

/// Pieces of text that notes, checkpoints and proofs share.
enum LogText {
    /// An ASCII decimal without leading zeros, below 2^63.
    static func decimal(_ text: some StringProtocol) -> UInt64? {
        let digits = text.utf8
        guard let first = digits.first, digits.count <= 19, digits.count == 1 || first != UInt8(ascii: "0") else {
            return nil
        }
        var value: UInt64 = 0
        for digit in digits {
            guard digit >= UInt8(ascii: "0") && digit <= UInt8(ascii: "9") else { return nil }
            value = value * 10 + UInt64(digit - UInt8(ascii: "0"))
        }
        return value < 1 << 63 ? value : nil
    }

    /// Whether two texts have the same bytes; as strings, those with the same characters are equal.
    static func areEqual(_ text: some StringProtocol, _ other: some StringProtocol) -> Bool {
        text.utf8.elementsEqual(other.utf8)
    }

    /// A hash in base64.
    static func hash(_ text: some StringProtocol) -> Hash256? {
        guard text.utf8.count == 44, let bytes = Base64.decode(text), bytes.count == 32 else { return nil }
        return bytes.withUnsafeBytes { Hash256(loading: $0.baseAddress!) }
    }

    /// The base64 of a hash.
    static func base64(_ hash: Hash256) -> String { Base64.encode(Array(hash)) }

    /// Bytes that are UTF-8 without control characters, LF aside.
    static func text(_ bytes: [UInt8]) -> String? {
        guard !bytes.contains(where: { $0 < 0x20 && $0 != 0x0A }) else { return nil }
        return String(validating: bytes, as: UTF8.self)
    }
}

extension Array where Element == UInt8 {
    /// The 32 bytes of a hash.
    public init(_ hash: Hash256) {
        self = hash.withUnsafeBytes { Array($0) }
    }
}
