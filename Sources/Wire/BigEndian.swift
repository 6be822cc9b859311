/// Integers of market data: big-endian, at any alignment.
@frozen public enum BigEndian {
    @inlinable public static func u16(_ base: UnsafeRawPointer, _ offset: Int) -> UInt16 {
        UInt16(bigEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
    }
    @inlinable public static func u32(_ base: UnsafeRawPointer, _ offset: Int) -> UInt32 {
        UInt32(bigEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }
    @inlinable public static func u64(_ base: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        UInt64(bigEndian: base.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
    /// Six bytes.
    @inlinable public static func u48(_ base: UnsafeRawPointer, _ offset: Int) -> UInt64 {
        UInt64(u16(base, offset)) << 32 | UInt64(u32(base, offset + 2))
    }
    @inlinable public static func store(_ value: UInt16, at base: UnsafeMutableRawPointer, _ offset: Int) {
        base.storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt16.self)
    }
    @inlinable public static func store(_ value: UInt32, at base: UnsafeMutableRawPointer, _ offset: Int) {
        base.storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt32.self)
    }
    @inlinable public static func store(_ value: UInt64, at base: UnsafeMutableRawPointer, _ offset: Int) {
        base.storeBytes(of: value.bigEndian, toByteOffset: offset, as: UInt64.self)
    }
    /// The low six bytes.
    @inlinable public static func store48(_ value: UInt64, at base: UnsafeMutableRawPointer, _ offset: Int) {
        store(UInt16(truncatingIfNeeded: value >> 32), at: base, offset)
        store(UInt32(truncatingIfNeeded: value), at: base, offset + 2)
    }
}

/// Decimal numbers in text of a fixed width, as SoupBinTCP and GLIMPSE write them: right-justified, spaces before.
@frozen public enum FixedDecimal {
    /// Writes the number; the width holds it.
    public static func encode(_ value: UInt64, at base: UnsafeMutableRawPointer, width: Int) {
        var rest = value
        for index in stride(from: width - 1, through: 0, by: -1) {
            let isDigit = rest > 0 || index == width - 1
            base.storeBytes(of: isDigit ? UInt8(0x30 + rest % 10) : 0x20, toByteOffset: index, as: UInt8.self)
            rest /= 10
        }
        precondition(rest == 0, "a number that is wider than its field")
    }

    /// Reads a number with spaces (or NUL) on either side; blank is 0. Nil when anything else stands there, or it does
    /// not fit 64 bits.
    public static func decode(_ base: UnsafeRawPointer, width: Int) -> UInt64? {
        var value: UInt64 = 0
        var hasEnded = false
        var hasBegun = false
        for index in 0..<width {
            switch base.load(fromByteOffset: index, as: UInt8.self) {
            case 0x20, 0:
                if hasBegun { hasEnded = true }
            case let digit where (0x30...0x39).contains(digit):
                guard !hasEnded else { return nil }
                hasBegun = true
                let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
                let (sum, carry) = tens.addingReportingOverflow(UInt64(digit - 0x30))
                guard !overflow, !carry else { return nil }
                value = sum
            default: return nil
            }
        }
        return value
    }
}
