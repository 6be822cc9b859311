/// Lower-case hexadecimal, the form in which keys, ids and hashes are shown and typed.
public enum Hexadecimal {
    /// Two digits a byte, lower case.
    public static func encode(_ bytes: UnsafeRawBufferPointer) -> String {
        var characters = [UInt8]()
        characters.reserveCapacity(bytes.count * 2)
        for byte in bytes {
            characters.append(digit(byte >> 4))
            characters.append(digit(byte & 15))
        }
        return String(decoding: characters, as: UTF8.self)
    }

    /// Decodes exactly `destination.count` bytes; both cases are read.
    ///
    /// - Returns: false, with `destination` in an unspecified state, when `text` has another length or a character
    ///   that is not a hexadecimal digit.
    public static func decode(_ text: some StringProtocol, into destination: UnsafeMutableRawBufferPointer) -> Bool {
        var count = 0
        var high: UInt8 = 0
        for character in text.utf8 {
            guard count < destination.count * 2, let value = value(character) else { return false }
            if count & 1 == 0 { high = value << 4 } else { destination[count >> 1] = high | value }
            count += 1
        }
        return count == destination.count * 2
    }

    private static func digit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
    }

    private static func value(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
