import Cryptography

/// What a receipt signature covers: a range of consecutive records of one epoch, by the root of its receipt tree.
///
/// 92 bytes, integers little-endian:
///
/// | Offset | Size | Field |
/// |---|---|---|
/// | 0 | 32 | venue id |
/// | 32 | 4 | epoch of every record of the range |
/// | 36 | 8 | first sequence |
/// | 44 | 8 | last sequence |
/// | 52 | 8 | time of signing, ns Unix UTC |
/// | 60 | 32 | root: RFC 6962 tree head over the receipt leaves of first to last (`ReceiptLeaf`) |
///
/// The signature is Ed25519 by the venue's receipt key over the receipt prefix (`SigningPrefix`, 32 bytes) and these
/// bytes.
public struct ReceiptBody: Hashable, Sendable {
    /// Length in bytes.
    public static let byteCount = 92
    /// Length in bytes of what is signed: prefix and body.
    public static let signedByteCount = SigningPrefix.byteCount + byteCount
    /// Most records of a range; a published file begins a new range where it begins.
    public static let recordsMax = 16_384

    /// BLAKE2b-256 of the genesis body.
    public let venue: Hash256
    /// Number of the node's start that wrote the records.
    public let epoch: UInt32
    /// Sequence of the first record.
    public let first: UInt64
    /// Sequence of the last record.
    public let last: UInt64
    /// When it was signed, ns Unix UTC: the promise of inclusion counts from here.
    public let time: UInt64
    /// Root of the receipt tree.
    public let root: Hash256

    /// A body; `first` is at least 1, and the range holds 1 to `recordsMax` records.
    public init(venue: Hash256, epoch: UInt32, first: UInt64, last: UInt64, time: UInt64, root: Hash256) {
        precondition(first >= 1 && last >= first && last - first < UInt64(Self.recordsMax), "no range of records")
        self.venue = venue
        self.epoch = epoch
        self.first = first
        self.last = last
        self.time = time
        self.root = root
    }

    /// Reads the bytes of a body.
    ///
    /// - Throws: `range` when the range is empty, too long or begins at 0.
    init(_ reader: inout ByteReader<ReceiptError>) throws(ReceiptError) {
        venue = try reader.hash()
        epoch = try reader.integer(UInt32.self)
        first = try reader.integer(UInt64.self)
        last = try reader.integer(UInt64.self)
        time = try reader.integer(UInt64.self)
        root = try reader.hash()
        guard first >= 1, last >= first, last - first < UInt64(Self.recordsMax) else { throw .range }
    }

    /// Records in the range.
    public var count: Int { Int(last - first) + 1 }

    /// Appends the 92 bytes.
    public func encode(into bytes: inout [UInt8]) {
        bytes.append(venue)
        bytes.append(littleEndian: epoch)
        bytes.append(littleEndian: first)
        bytes.append(littleEndian: last)
        bytes.append(littleEndian: time)
        bytes.append(root)
    }

    /// What is signed: receipt prefix of the venue, then the body. 124 bytes.
    public var signedBytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.signedByteCount)
        bytes.append(SigningPrefix.make(.receipt, venue: venue))
        encode(into: &bytes)
        return bytes
    }

    /// Whether `signature` is that of `key` over this body.
    public func isSigned(_ signature: Signature, by key: PublicKey) -> Bool {
        guard key.isValid else { return false }
        return signedBytes.withUnsafeBytes { Ed25519.verify(signature, of: $0, by: key) }
    }
}
