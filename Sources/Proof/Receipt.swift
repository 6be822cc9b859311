import Cryptography
import Wire

/// The venue's signed promise that one record will be in the log: what a client keeps beside its command.
///
/// At most 3,476 bytes, integers little-endian:
///
/// | Offset | Size | Field |
/// |---|---|---|
/// | 0 | 8 | `GLASSRCP` |
/// | 8 | 4 | version: 1 |
/// | 12 | 2 | hashes of the path, *p*: at most 14 |
/// | 14 | 2 | changes of the receipt key, *r*: at most 16 |
/// | 16 | 92 | body (`ReceiptBody`) |
/// | 108 | 64 | signature of the body |
/// | 172 | 8 | sequence of the record |
/// | 180 | 32 | command hash |
/// | 212 | 32 | leaf hash |
/// | 244 | 32·*p* | path, from the leaf upwards |
/// | | 224 | genesis message of the venue |
/// | | 160·*r* | changes that lead from the receipt key of genesis to the one that signed (`ReceiptKeys`) |
public struct Receipt: Hashable, Sendable {
    /// Largest receipt, bytes: below 4 KiB.
    public static let byteCountMax =
        244 + 32 * ReceiptTree.pathMax + ReceiptKeys.genesisByteCount
        + ReceiptKeys.rotationsMax * ReceiptKeys.rotationByteCount
    static let magic = Array("GLASSRCP".utf8)
    static let version: UInt32 = 1

    /// The range, as it was signed.
    public let body: ReceiptBody
    /// By the last of the keys.
    public let signature: Signature
    /// What it says of the record.
    public let leaf: ReceiptLeaf
    /// From the leaf to the body's root.
    public let path: [Hash256]
    /// Proof of the receipt key.
    public let keys: ReceiptKeys

    /// A receipt of these parts; `verify` says whether it holds.
    public init(body: ReceiptBody, signature: Signature, leaf: ReceiptLeaf, path: [Hash256], keys: ReceiptKeys) {
        self.body = body
        self.signature = signature
        self.leaf = leaf
        self.path = path
        self.keys = keys
    }

    /// Whether bytes begin as a receipt does.
    public static func isReceipt(_ bytes: [UInt8]) -> Bool { bytes.starts(with: magic) }

    /// Reads a receipt's bytes; what they say is not checked yet.
    ///
    /// - Throws: `truncated`, `trailing`, `magic`, `version`, `field`, `range`, `genesis`: the bytes are no receipt.
    public init(_ bytes: [UInt8]) throws(ReceiptError) {
        guard bytes.count <= Self.byteCountMax else { throw .trailing }
        var reader = ByteReader<ReceiptError>(bytes)
        guard try reader.bytes(8) == Self.magic else { throw .magic }
        guard try reader.integer(UInt32.self) == Self.version else { throw .version }
        let counts = try reader.integer(UInt32.self)
        let hashes = Int(counts & 0xFFFF), rotations = Int(counts >> 16)
        guard hashes <= ReceiptTree.pathMax, rotations <= ReceiptKeys.rotationsMax else { throw .field }
        body = try ReceiptBody(&reader)
        signature = try reader.signature()
        leaf = ReceiptLeaf(
            sequence: try reader.integer(UInt64.self), commandHash: try reader.hash(), leafHash: try reader.hash())
        var path: [Hash256] = []
        for _ in 0..<hashes { path.append(try reader.hash()) }
        self.path = path
        keys = try ReceiptKeys(&reader, rotations: rotations)
        guard reader.remaining == 0 else { throw .trailing }
    }

    /// The bytes of the file.
    public var encoded: [UInt8] {
        precondition(
            path.count <= ReceiptTree.pathMax && keys.rotations.count <= ReceiptKeys.rotationsMax, "a receipt's size")
        var bytes = Self.magic
        bytes.reserveCapacity(Self.byteCountMax)
        bytes.append(littleEndian: Self.version)
        bytes.append(littleEndian: UInt16(path.count))
        bytes.append(littleEndian: UInt16(keys.rotations.count))
        body.encode(into: &bytes)
        bytes.append(signature)
        bytes.append(littleEndian: leaf.sequence)
        bytes.append(leaf.commandHash)
        bytes.append(leaf.leafHash)
        for hash in path { bytes.append(hash) }
        bytes.append(contentsOf: keys.encoded)
        return bytes
    }

    /// Sequence of the record.
    public var sequence: UInt64 { leaf.sequence }

    /// Until when the record has to be in a checkpoint, ns Unix UTC.
    public var promisedBy: UInt64 {
        let (promise, tooLong) = UInt64(keys.promiseSeconds).multipliedReportingOverflow(by: 1_000_000_000)
        let (time, tooLate) = body.time.addingReportingOverflow(promise)
        return tooLong || tooLate ? .max : time
    }

    /// Checks everything that the venue id alone can decide: the genesis message, the changes of the receipt key, the
    /// signature, the sequence and the path. Two signature checks and about twenty hashes when no key was changed.
    ///
    /// - Throws: `genesis`, `rotation`, `venue`, `sequence`, `signature`, `path`.
    public func verify(venue: Hash256) throws(ReceiptError) {
        try keys.check(venue: venue)
        guard body.venue == venue else { throw .venue }
        guard (body.first...body.last).contains(leaf.sequence) else { throw .sequence }
        guard body.isSigned(signature, by: keys.current) else { throw .signature }
        let isIncluded = MerkleTree.includes(
            leaf.hash, index: leaf.sequence - body.first, size: UInt64(body.count), proof: path, root: body.root)
        guard isIncluded else { throw .path }
    }

    /// Checks that it is the receipt of this command: SBE message and signature as they were sent.
    ///
    /// - Throws: `command`.
    public func checkCommand(message: [UInt8], signature: Signature) throws(ReceiptError) {
        guard ReceiptLeaf.commandHash(message: message, signature: signature) == leaf.commandHash else {
            throw .command
        }
    }

    /// Checks that a record's bytes are the ones that the receipt promises.
    ///
    /// - Throws: `record`.
    public func checkRecord(_ record: [UInt8]) throws(ReceiptError) {
        guard MerkleHash.leaf(record) == leaf.leafHash else { throw .record }
    }
}
