import Cryptography
import Wire

/// What a receipt says of one record.
///
/// The leaf of the receipt tree is SHA-256 of 73 bytes: `00` ‖ sequence, u64 little-endian ‖ command hash ‖ leaf hash.
/// The first byte is the leaf tag of RFC 6962, so that no inner node passes for a leaf.
public struct ReceiptLeaf: Hashable, Sendable {
    /// Sequence of the record.
    public let sequence: UInt64
    /// SHA-256 of the record's command as it came: message and signature, without padding.
    public let commandHash: Hash256
    /// RFC 6962 leaf hash of the record in the transparency log: SHA-256(`00` ‖ the record's bytes).
    public let leafHash: Hash256

    /// A leaf.
    public init(sequence: UInt64, commandHash: Hash256, leafHash: Hash256) {
        self.sequence = sequence
        self.commandHash = commandHash
        self.leafHash = leafHash
    }

    /// The leaf of a record whose structure was checked.
    public init(_ record: RecordView) {
        sequence = record.sequence
        commandHash = Sha256.hash(record.command, count: record.commandLength)
        leafHash = MerkleHash.leaf(UnsafeRawBufferPointer(start: record.base, count: record.length))
    }

    /// SHA-256 of a client's command: `message` from its SBE header on, then the signature.
    public static func commandHash(message: [UInt8], signature: Signature) -> Hash256 {
        var stream = Sha256.Stream()
        stream.update(message)
        withUnsafeBytes(of: signature) { stream.update($0) }
        return stream.finish()
    }

    /// Hash of this leaf in the receipt tree.
    public var hash: Hash256 {
        withUnsafeTemporaryAllocation(byteCount: 73, alignment: 8) { buffer in
            let base = buffer.baseAddress!
            base.storeBytes(of: 0, as: UInt8.self)
            base.storeBytes(of: sequence.littleEndian, toByteOffset: 1, as: UInt64.self)
            commandHash.store(to: base + 9)
            leafHash.store(to: base + 41)
            return Sha256.hash(UnsafeRawPointer(base), count: 73)
        }
    }
}
