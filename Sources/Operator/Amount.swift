import Cryptography
import Wire

/// Money as people write it, and the references of deposits.
enum Amount {
    /// Smallest units of a decimal number: digits, with a point and at most `decimals` digits behind it. Nil for
    /// anything else, for 0, and above 2^63 - 1.
    static func units(_ text: String, decimals: UInt8) -> UInt64? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty && $0.utf8.allSatisfy(isDigit) }) else {
            return nil
        }
        let fraction = parts.count == 2 ? String(parts[1]) : ""
        guard fraction.utf8.count <= Int(decimals) else { return nil }
        let zeros = String(repeating: "0", count: Int(decimals) - fraction.utf8.count)
        guard let units = UInt64(parts[0] + fraction + zeros), units > 0, units <= UInt64(Int64.max) else { return nil }
        return units
    }

    /// The decimal number of an amount in smallest units, with all its decimals.
    static func text(_ units: UInt64, decimals: UInt8) -> String {
        let digits = String(units), width = Int(decimals)
        if width == 0 { return digits }
        let padded = String(repeating: "0", count: max(0, width + 1 - digits.utf8.count)) + digits
        return padded.dropLast(width) + "." + padded.suffix(width)
    }

    /// The 32 bytes of an external reference: 64 hexadecimal digits stand for themselves, any other text for its
    /// BLAKE2b-256 in UTF-8. Nil when it is empty.
    static func reference(_ text: String) -> Hash256? {
        if text.isEmpty { return nil }
        return Hash256(hexadecimal: text) ?? Blake2b256.hash(Array(text.utf8))
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
}
