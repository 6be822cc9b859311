import Cryptography
import Glibc
import Wire

/// Why bytes are not the header of the segment that is expected.
public enum SegmentFault: String, Equatable, Sendable, CaseIterable, CustomStringConvertible {
    case unwritten = "it is not written"
    case magic = "it does not begin with GLASSJNL"
    case hash = "its hash does not hold"
    case version = "its version is unknown"
    case reserved = "its reserved bytes are not zero"
    case size = "the file has not the size that it names"
    case name = "the file's name is not its first sequence"
    case venue = "it belongs to another venue or another genesis"
    case number = "it has another segment number"
    case sequence = "a segment is missing before it, or it is out of order"
    case previousHash = "it does not follow from the segment before"

    public var description: String { rawValue }
}

/// The first 4096 bytes of a segment file, little-endian:
///
/// | Offset | Size | Field |
/// |---|---|---|
/// | 0 | 8 | magic: `GLASSJNL` |
/// | 8 | 4 | version: 1 |
/// | 12 | 4 | header bytes: 4096 |
/// | 16 | 32 | venue id |
/// | 48 | 32 | genesis hash: hash of record 1; zero in segment 1, which is older than that record |
/// | 80 | 8 | segment number, from 1 |
/// | 88 | 8 | first sequence |
/// | 96 | 32 | previous hash: hash of the record before the first sequence; zero in segment 1 |
/// | 128 | 8 | first feed sequence: of the next market-data message |
/// | 136 | 4 | feed generation |
/// | 140 | 4 | epoch of the writer |
/// | 144 | 8 | segment bytes, header included: the size of the file |
/// | 152 | 8 | zero |
/// | 160 | 32 | BLAKE2b-256 of bytes 0 to 159 |
/// | 192 | 3904 | zero |
public struct SegmentHeader: Equatable, Sendable {
    /// Bytes of the header: records begin behind it.
    public static let byteCount = 4096
    /// The only version there is.
    public static let version: UInt32 = 1
    static let magic: UInt64 = 0x4C4E_4A53_5341_4C47
    static let previousHashOffset = 96
    private static let hashOffset = 160

    /// Hash of the genesis body.
    public var venueId: Bytes32
    /// Hash of record 1; zero in segment 1.
    public var genesisHash: Bytes32
    /// From 1.
    public var number: UInt64
    /// Sequence of the first record.
    public var firstSequence: UInt64
    /// Hash of the record before the first; zero in segment 1.
    public var previousHash: Bytes32
    /// Sequence of the first market-data message that follows from records of this segment.
    public var feedSequence: UInt64
    /// Feed session that it belongs to.
    public var feedGeneration: UInt32
    /// Epoch of the node that began the segment.
    public var epoch: UInt32
    /// Size of the file.
    public var segmentBytes: UInt64

    /// Writes the whole header; the memory holds `byteCount` zeroed bytes. The hash is stored last.
    func encode(at base: UnsafeMutableRawPointer) {
        base.storeBytes(of: Self.magic, as: UInt64.self)
        base.storeBytes(of: Self.version, toByteOffset: 8, as: UInt32.self)
        base.storeBytes(of: UInt32(Self.byteCount), toByteOffset: 12, as: UInt32.self)
        venueId.store(to: base + 16)
        genesisHash.store(to: base + 48)
        base.storeBytes(of: number, toByteOffset: 80, as: UInt64.self)
        base.storeBytes(of: firstSequence, toByteOffset: 88, as: UInt64.self)
        previousHash.store(to: base + Self.previousHashOffset)
        base.storeBytes(of: feedSequence, toByteOffset: 128, as: UInt64.self)
        base.storeBytes(of: feedGeneration, toByteOffset: 136, as: UInt32.self)
        base.storeBytes(of: epoch, toByteOffset: 140, as: UInt32.self)
        base.storeBytes(of: segmentBytes, toByteOffset: 144, as: UInt64.self)
        base.storeBytes(of: 0, toByteOffset: 152, as: UInt64.self)
        Blake2b256.hash(base, count: Self.hashOffset, into: base + Self.hashOffset)
    }

    /// Reads and checks a header by itself: its place in the chain is for the caller to check.
    ///
    /// - Parameter fileBytes: size of the file, at least `byteCount`.
    static func decode(_ base: UnsafeRawPointer, fileBytes: UInt64) throws(SegmentFault) -> SegmentHeader {
        func word(_ offset: Int) -> UInt64 { base.load(fromByteOffset: offset, as: UInt64.self) }
        func half(_ offset: Int) -> UInt32 { base.load(fromByteOffset: offset, as: UInt32.self) }
        if isZero(base, count: byteCount) { throw .unwritten }
        if word(0) != magic { throw .magic }
        if !Blake2b256.hash(base, count: hashOffset).matches(base + hashOffset) { throw .hash }
        if half(8) != version || half(12) != UInt32(byteCount) { throw .version }
        if word(152) != 0 || !isZero(base + 192, count: byteCount - 192) { throw .reserved }
        if word(144) != fileBytes || fileBytes < JournalOptions.segmentBytesMin { throw .size }
        if fileBytes > JournalOptions.segmentBytesMax { throw .size }
        return SegmentHeader(
            venueId: Bytes32(from: base + 16), genesisHash: Bytes32(from: base + 48), number: word(80),
            firstSequence: word(88), previousHash: Bytes32(from: base + 96), feedSequence: word(128),
            feedGeneration: half(136), epoch: half(140), segmentBytes: word(144))
    }

    /// Whether all bytes are zero: the first is, and each is the one before it.
    private static func isZero(_ base: UnsafeRawPointer, count: Int) -> Bool {
        base.load(as: UInt8.self) == 0 && memcmp(base, base + 1, count - 1) == 0
    }
}

extension SegmentFault: Error {}
