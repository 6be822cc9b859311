import Wire

/// A place in a journal: segment number in the upper 24 bits, offset in the segment in the lower 40. Positions of one
/// journal are ordered as its records are.
@frozen public struct JournalPosition: RawRepresentable, Comparable, Hashable, Sendable {
    public let rawValue: UInt64
    @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }

    @inlinable public init(segment: UInt64, offset: Int) {
        assert(segment < 1 << 24 && offset < 1 << 40)
        rawValue = segment << 40 | UInt64(truncatingIfNeeded: offset)
    }

    /// Number of the segment.
    @inlinable public var segment: UInt64 { rawValue >> 40 }
    /// Offset in the segment's file, bytes.
    @inlinable public var offset: Int { Int(rawValue & (1 << 40 - 1)) }

    @inlinable public static func < (left: JournalPosition, right: JournalPosition) -> Bool {
        left.rawValue < right.rawValue
    }
}

/// The last record that something covers: its place in the chain.
public struct RecordPoint: Equatable, Sendable {
    /// Number of the segment that it stands in.
    public var segment: UInt64
    /// Its sequence; 0 = no record.
    public var sequence: UInt64
    /// Its hash.
    public var hash: Bytes32

    public init(segment: UInt64, sequence: UInt64, hash: Bytes32) {
        self.segment = segment
        self.sequence = sequence
        self.hash = hash
    }
}
