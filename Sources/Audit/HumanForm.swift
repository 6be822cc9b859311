import Foundation

/// Numbers as people read them, exactly: no digit is rounded away.
enum HumanForm {
    /// Nanoseconds since 1970 as UTC: `2026-11-21T14:02:08.000000001Z`.
    static func time(_ nanoseconds: UInt64) -> String {
        let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
        let text = Date(timeIntervalSince1970: Double(seconds)).formatted(.iso8601)
        return "\(text.dropLast()).\(padded("\(rest)", 9))Z"
    }

    /// Smallest units, in decimal digits, as whole ones: `1230000` of six decimals is `1.230000`.
    static func amount(_ units: String, decimals: Int) -> String {
        guard decimals > 0 else { return units }
        let digits = padded(units, decimals + 1)
        return "\(digits.dropLast(decimals)).\(digits.suffix(decimals))"
    }

    private static func padded(_ digits: String, _ count: Int) -> String {
        String(repeating: "0", count: max(0, count - digits.count)) + digits
    }
}
