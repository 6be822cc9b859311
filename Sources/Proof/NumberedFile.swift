/// The name of a published file that is called by a number: 20 decimal digits, so that names are in its order.
public enum NumberedFile {
    /// The name of a number.
    public static func name(_ number: UInt64) -> String {
        let digits = String(number)
        return String(repeating: "0", count: 20 - digits.utf8.count) + digits
    }

    /// The number that a name says; nil when it is no such name.
    public static func number(_ name: String) -> UInt64? {
        guard name.utf8.count == 20, name.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return UInt64(name)
    }
}
