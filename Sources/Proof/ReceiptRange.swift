import Cryptography
import Wire

/// A signed range with what its tree is made of: the unit of the published files.
///
/// Body 92, signature 64, then 64 bytes for each record of the range, in order: command hash, leaf hash. The sequences
/// follow from the body.
public struct ReceiptRange: Hashable, Sendable {
    /// Bytes before the records.
    public static let headByteCount = ReceiptBody.byteCount + Signature.byteCount
    /// Bytes of a record.
    public static let recordByteCount = 64

    /// What was signed.
    public let body: ReceiptBody
    /// By the receipt key.
    public let signature: Signature
    /// A leaf for each record.
    public let leaves: [ReceiptLeaf]

    /// Signs a range of consecutive records of one epoch; `leaves` has 1 to `ReceiptBody.recordsMax`.
    public init(
        signing leaves: [ReceiptLeaf], venue: Hash256, epoch: UInt32, time: UInt64, prefix: Hash256, by key: SigningKey
    ) {
        precondition(!leaves.isEmpty, "a range has records")
        let root = MerkleTree.root(leaves.map(\.hash))
        let first = leaves[0].sequence
        body = ReceiptBody(
            venue: venue, epoch: epoch, first: first, last: first + UInt64(leaves.count - 1), time: time, root: root)
        assert(leaves.last?.sequence == body.last, "consecutive records")
        var message: [UInt8] = []
        message.reserveCapacity(ReceiptBody.signedByteCount)
        message.append(prefix)
        body.encode(into: &message)
        signature = message.withUnsafeBytes { key.sign($0) }
        self.leaves = leaves
    }

    init(_ reader: inout ByteReader<ReceiptError>) throws(ReceiptError) {
        let body = try ReceiptBody(&reader)
        signature = try reader.signature()
        guard reader.remaining >= body.count * Self.recordByteCount else { throw .truncated }
        var leaves: [ReceiptLeaf] = []
        leaves.reserveCapacity(body.count)
        for sequence in body.first...body.last {
            leaves.append(
                ReceiptLeaf(sequence: sequence, commandHash: try reader.hash(), leafHash: try reader.hash()))
        }
        self.body = body
        self.leaves = leaves
    }

    /// Bytes in a file.
    public var byteCount: Int { Self.headByteCount + leaves.count * Self.recordByteCount }

    /// Appends the bytes.
    public func encode(into bytes: inout [UInt8]) {
        bytes.reserveCapacity(bytes.count + byteCount)
        body.encode(into: &bytes)
        bytes.append(signature)
        for leaf in leaves {
            bytes.append(leaf.commandHash)
            bytes.append(leaf.leafHash)
        }
    }

    /// Whether the records hash to the root and the signature is by one of these keys.
    public func holds(venue: Hash256, keys: [PublicKey]) -> Bool {
        body.venue == venue && MerkleTree.root(leaves.map(\.hash)) == body.root
            && keys.contains { body.isSigned(signature, by: $0) }
    }

    /// The receipt of one record; nil when the range does not hold it, or too many changes lead to its key.
    public func receipt(for sequence: UInt64, keys: ReceiptKeys) -> Receipt? {
        guard (body.first...body.last).contains(sequence) else { return nil }
        let candidates = Set(keys.keys)
        let signer =
            candidates.count == 1 ? keys.current : candidates.first { body.isSigned(signature, by: $0) } ?? keys.current
        guard let keys = keys.leading(to: signer), keys.rotations.count <= ReceiptKeys.rotationsMax else { return nil }
        let index = Int(sequence - body.first)
        return Receipt(
            body: body, signature: signature, leaf: leaves[index],
            path: ReceiptTree.path(index, leaves.map(\.hash)), keys: keys)
    }
}
