import Wire

/// The first eight bytes of a record: the only word that is stored while others may be reading it.
///
/// | State | Low half | High half | Meaning |
/// |---|---|---|---|
/// | unwritten | 0 | 0 | no record was begun here |
/// | reserved | bound | bound | a record is being written and will take at most `bound` bytes |
/// | committed | length | ~length | the record is whole |
/// | broken | anything else | | damage, or bytes that no writer put here |
///
/// One flipped bit turns a committed word into a broken one, never into a reserved or an unwritten one: 32 bits lie
/// between a committed word and a reserved one, and 32 bits of a committed word are ones.
@frozen public enum LengthWord: Equatable, Sendable {
    case unwritten
    case reserved(Int)
    case committed(Int)
    case broken

    /// Reads a word.
    @inlinable public init(_ word: UInt64) {
        let low = UInt32(truncatingIfNeeded: word)
        let high = UInt32(truncatingIfNeeded: word >> 32)
        if high == ~low, Self.isLength(low) {
            self = .committed(Int(low))
        } else if word == 0 {
            self = .unwritten
        } else if high == low, Self.isLength(low) {
            self = .reserved(Int(low))
        } else {
            self = .broken
        }
    }

    /// The word of a whole record of `length` bytes.
    @inlinable public static func committedWord(_ length: Int) -> UInt64 {
        let low = UInt32(truncatingIfNeeded: length)
        return UInt64(low) | UInt64(~low) << 32
    }

    /// The word of a record that is being written and takes at most `bound` bytes.
    @inlinable public static func reservedWord(_ bound: Int) -> UInt64 {
        let low = UInt64(UInt32(truncatingIfNeeded: bound))
        return low | low << 32
    }

    /// Whether a record can have that length.
    @inlinable static func isLength(_ length: UInt32) -> Bool {
        length % 8 == 0 && length >= UInt32(RecordLayout.bytesMin) && length <= UInt32(Limits.recordBytesMax)
    }
}
