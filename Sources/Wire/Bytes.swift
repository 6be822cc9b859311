/// 32 bytes by value: a key, a hash, a reference.
@frozen public struct Bytes32: Hashable, Sendable {
    public var word0: UInt64, word1: UInt64, word2: UInt64, word3: UInt64

    @inlinable public init(_ word0: UInt64 = 0, _ word1: UInt64 = 0, _ word2: UInt64 = 0, _ word3: UInt64 = 0) {
        (self.word0, self.word1, self.word2, self.word3) = (word0, word1, word2, word3)
    }

    /// Copies 32 bytes, of any alignment.
    @inlinable public init(from pointer: UnsafeRawPointer) {
        self = pointer.loadUnaligned(as: Bytes32.self)
    }

    /// Writes the 32 bytes, at any alignment.
    @inlinable public func store(to pointer: UnsafeMutableRawPointer) {
        pointer.storeBytes(of: self, as: Bytes32.self)
    }

    /// All bytes are zero.
    @inlinable public static var zero: Bytes32 { Bytes32() }

    /// Whether all bytes are zero.
    @inlinable public var isZero: Bool { word0 | word1 | word2 | word3 == 0 }
}

/// 64 bytes by value: a signature.
@frozen public struct Bytes64: Hashable, Sendable {
    public var low: Bytes32, high: Bytes32

    @inlinable public init(_ low: Bytes32 = .zero, _ high: Bytes32 = .zero) {
        (self.low, self.high) = (low, high)
    }

    /// Copies 64 bytes, of any alignment.
    @inlinable public init(from pointer: UnsafeRawPointer) {
        self = pointer.loadUnaligned(as: Bytes64.self)
    }

    /// Writes the 64 bytes, at any alignment.
    @inlinable public func store(to pointer: UnsafeMutableRawPointer) {
        pointer.storeBytes(of: self, as: Bytes64.self)
    }
}

/// ASCII text of a fixed width as an integer whose memory holds the characters in order, padded with spaces.
@frozen public enum FixedText {
    /// Eight characters; nil when the text is longer or not printable ASCII.
    public static func eight(_ text: String) -> UInt64? { pack(text, 8) }

    /// Four characters; nil when the text is longer or not printable ASCII.
    public static func four(_ text: String) -> UInt32? { pack(text, 4).map { UInt32(truncatingIfNeeded: $0) } }

    /// The text without its trailing spaces; characters that are not printable become `?`.
    public static func string(_ packed: UInt64, _ width: Int = 8) -> String {
        var bytes = (0..<width).map { UInt8(truncatingIfNeeded: packed >> (8 * UInt64($0))) }
        while bytes.last == 0x20 { bytes.removeLast() }
        return String(decoding: bytes.map { (0x20...0x7E).contains($0) ? $0 : 0x3F }, as: UTF8.self)
    }

    /// Whether it is 1 to 8 characters of `A–Z 0–9 - .`, and spaces only after them.
    @inlinable public static func isSymbol(_ packed: UInt64) -> Bool {
        var ended = false
        for index in 0..<8 as Range<UInt64> {
            switch UInt8(truncatingIfNeeded: packed >> (8 * index)) {
            case 0x20:
                if index == 0 { return false }
                ended = true
            case 0x41...0x5A, 0x30...0x39, 0x2D, 0x2E:
                if ended { return false }
            default:
                return false
            }
        }
        return true
    }

    private static func pack(_ text: String, _ width: Int) -> UInt64? {
        let bytes = Array(text.utf8)
        guard bytes.count <= width, bytes.allSatisfy({ (0x20...0x7E).contains($0) }) else { return nil }
        return (0..<width).reduce(0) { $0 | UInt64($1 < bytes.count ? bytes[$1] : 0x20) << (8 * UInt64($1)) }
    }
}
