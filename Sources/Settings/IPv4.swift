/// Addresses as the configuration has them: four decimal numbers.
enum IPv4 {
    /// The four numbers, or nil when the text is anything else.
    static func parse(_ text: String) -> [UInt8]? {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 4 else { return nil }
        var bytes: [UInt8] = []
        for part in parts {
            // UInt8 would take "+1" and "007".
            guard part.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
                let byte = UInt8(part), String(byte) == part
            else { return nil }
            bytes.append(byte)
        }
        return bytes
    }

    static func isAddress(_ text: String) -> Bool { parse(text).map { $0[0] < 224 } ?? false }
    static func isMulticast(_ text: String) -> Bool { parse(text).map { (224...239).contains($0[0]) } ?? false }
}
