import Cryptography

/// Consecutive records with the proof that they are in a tree: a section of evidence.
///
/// u64 first sequence, u32 count (at least 1), each record behind its u32 length (at most 65,535); u16 number of
/// hashes, at most 126, and the hashes (`LeafRange`). Integers little-endian. The log may hold bytes that are no
/// records: that is evidence too.
public struct RecordRange: Equatable, Sendable {
    /// Largest entry of a log, bytes.
    public static let recordBytesMax = 65_535

    /// Sequence of the first record.
    public var first: UInt64
    /// The bytes of each record, as the log has them.
    public var records: [[UInt8]]
    /// Hashes beside their leaves.
    public var proof: [Hash256]

    /// Records whose proof is known.
    public init(first: UInt64, records: [[UInt8]], proof: [Hash256]) {
        self.first = first
        self.records = records
        self.proof = proof
    }

    /// Records `first`… of a tree whose leaf hashes are all at hand.
    public init(first: UInt64, records: [[UInt8]], of leaves: [Hash256]) {
        let range = LeafRange(first: first, last: first + UInt64(records.count) - 1, of: leaves)
        self.init(first: first, records: records, proof: range.proof)
    }

    /// Reads a section; nothing of the records is checked.
    public init(_ bytes: [UInt8]) throws(EvidenceError) {
        var reader = ByteReader<EvidenceError>(bytes)
        first = try reader.integer(UInt64.self)
        let count = Int(try reader.integer(UInt32.self))
        guard first >= 1, count >= 1, count <= reader.remaining / 4 else { throw .field }
        var records: [[UInt8]] = []
        records.reserveCapacity(count)
        for _ in 0..<count {
            let length = Int(try reader.integer(UInt32.self))
            guard length <= Self.recordBytesMax else { throw .field }
            records.append(try reader.bytes(length))
        }
        self.records = records
        proof = try reader.hashes(max: LeafRange.proofMax)
        guard reader.remaining == 0 else { throw .trailing }
    }

    /// The section.
    public var section: EvidenceSection {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: first)
        bytes.append(littleEndian: UInt32(records.count))
        for record in records {
            bytes.append(littleEndian: UInt32(record.count))
            bytes += record
        }
        bytes.append(counted: proof)
        return EvidenceSection(.records, bytes)
    }

    /// Their leaf hashes, with the same proof.
    public var leaves: LeafRange { LeafRange(first: first, leaves: records.map { MerkleHash.leaf($0) }, proof: proof) }
}

extension LeafRange {
    /// Reads a section: u64 first sequence, u32 count (at least 1), 32 bytes for each leaf; u16 number of hashes, at
    /// most 126, and the hashes. Integers little-endian.
    public init(_ bytes: [UInt8]) throws(EvidenceError) {
        var reader = ByteReader<EvidenceError>(bytes)
        let first = try reader.integer(UInt64.self)
        let count = Int(try reader.integer(UInt32.self))
        guard first >= 1, count >= 1, count <= reader.remaining / Hash256.byteCount else { throw .field }
        var leaves: [Hash256] = []
        leaves.reserveCapacity(count)
        for _ in 0..<count { leaves.append(try reader.hash()) }
        let proof = try reader.hashes(max: Self.proofMax)
        guard reader.remaining == 0 else { throw .trailing }
        self.init(first: first, leaves: leaves, proof: proof)
    }

    /// The section.
    public var section: EvidenceSection {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: first)
        bytes.append(littleEndian: UInt32(leaves.count))
        for leaf in leaves { bytes.append(leaf) }
        bytes.append(counted: proof)
        return EvidenceSection(.leaves, bytes)
    }
}

/// What a head proves about a smaller size: a section of evidence.
///
/// u64 old size, 32 bytes root of that size, u16 number of hashes, at most 64, and the consistency proof of RFC 6962
/// from the old size to the head's. Integers little-endian.
public struct ConsistencyClaim: Equatable, Sendable {
    /// Most hashes of a consistency proof.
    public static let proofMax = 64

    /// The smaller size.
    public var oldSize: UInt64
    /// Root that the newer head proves for it: not the root that was signed.
    public var oldRoot: Hash256
    /// The consistency proof (RFC 6962, 2.1.2).
    public var proof: [Hash256]

    /// A claim of these parts.
    public init(oldSize: UInt64, oldRoot: Hash256, proof: [Hash256]) {
        self.oldSize = oldSize
        self.oldRoot = oldRoot
        self.proof = proof
    }

    /// Reads a section.
    public init(_ bytes: [UInt8]) throws(EvidenceError) {
        var reader = ByteReader<EvidenceError>(bytes)
        oldSize = try reader.integer(UInt64.self)
        oldRoot = try reader.hash()
        proof = try reader.hashes(max: Self.proofMax)
        guard reader.remaining == 0 else { throw .trailing }
    }

    /// The section.
    public var section: EvidenceSection {
        var bytes: [UInt8] = []
        bytes.append(littleEndian: oldSize)
        bytes.append(oldRoot)
        bytes.append(counted: proof)
        return EvidenceSection(.consistency, bytes)
    }
}
