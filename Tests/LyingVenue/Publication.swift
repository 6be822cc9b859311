import Cryptography
import Foundation
import Proof
import Wire

/// What an operator says in public about a history: tiles, signed heads, receipts. They hold the keys, so every
/// signature holds; whether what is signed is true is not asked here.
public struct Publication: Sendable {
    public let history: History
    /// The records as they are chained.
    public let records: [[UInt8]]
    /// RFC 6962 leaf hashes.
    public let leaves: [Hash256]
    /// The key of the log, under its name, and the one of receipts.
    private let log: NoteSigner
    private let receiptKey: SigningKey
    /// The witness who cosigns.
    public static let witnessKey = SigningKey(insecureDeterministic: 77)
    public static let domain = "lies.example"

    /// What is said with the fixed keys.
    ///
    /// - Parameter venue: whose log it is said to be; nil: that of the history.
    public init(_ history: History, as venue: Hash256? = nil) {
        let origin = Checkpoint.origin(domain: Self.domain, venue: venue ?? history.venueId)
        self.init(history, log: NoteSigner(name: origin, key: FixedKeys().log)!, receiptKey: FixedKeys().receipt)
    }

    public init(_ history: History, log: NoteSigner, receiptKey: SigningKey) {
        self.history = history
        self.log = log
        self.receiptKey = receiptKey
        records = history.chained()
        leaves = records.map { MerkleHash.leaf($0) }
    }

    /// Records.
    public var size: UInt64 { UInt64(records.count) }
    private var origin: String { log.verifierKey.name }
    private var witness: NoteSigner {
        NoteSigner(name: "witness.example", key: Self.witnessKey, kind: .cosignature)!
    }

    /// What an auditor knows of this venue from outside.
    public func anchors(quorum: Int = 0) -> Anchors {
        try! Anchors(
            venue: history.venueId, log: log.verifierKey, witnesses: [witness.verifierKey], quorum: quorum)
    }

    /// Root of the first `size` records.
    public func root(_ size: UInt64) -> Hash256 { MerkleTree.root(Array(leaves[..<Int(size)])) }

    /// The signed head of a size.
    ///
    /// - Parameters:
    ///   - cosigned: seconds since 1970 at which the witness saw it; nil for none.
    ///   - root: another root than the true one.
    ///   - key: another key than the log's, under its name.
    public func head(
        _ size: UInt64? = nil, cosigned: UInt64? = nil, root: Hash256? = nil, key: SigningKey? = nil
    ) -> [UInt8] {
        let log = key.map { NoteSigner(name: origin, key: $0)! } ?? log
        let size = size ?? self.size
        let text = Checkpoint(origin: origin, size: size, root: root ?? self.root(size)).text
        let signatures = [log.sign(text)] + (cosigned.map { [witness.sign(text, time: $0)] } ?? [])
        return SignedNote(text: text, signatures: signatures).bytes
    }

    /// Records `first` to `last` with their proof in the tree of `size`.
    public func range(_ first: UInt64, _ last: UInt64? = nil, size: UInt64? = nil) -> RecordRange {
        let last = last ?? first
        return RecordRange(
            first: first, records: Array(records[Int(first - 1)..<Int(last)]),
            of: Array(leaves[..<Int(size ?? self.size)]))
    }

    /// The leaf of one record with its proof.
    public func leaf(_ sequence: UInt64, size: UInt64? = nil) -> LeafRange { range(sequence, size: size).leaves }

    /// The inclusion proof of a record, with the head of all.
    public func inclusion(_ sequence: UInt64) throws -> TlogProof {
        TlogProof(
            index: sequence - 1,
            path: try MerkleTree.inclusionProof(index: sequence - 1, size: size, LeafSource(leaves: leaves)),
            checkpoint: head())
    }

    /// What the head of all records says about a smaller size.
    public func consistency(_ oldSize: UInt64) throws -> ConsistencyClaim {
        let proof = try MerkleTree.consistencyProof(old: oldSize, size: size, LeafSource(leaves: leaves))
        return ConsistencyClaim(oldSize: oldSize, oldRoot: root(oldSize), proof: proof)
    }

    /// The signed receipt of a record, in a range of its neighbours.
    public func receipt(_ sequence: UInt64, time: UInt64? = nil) throws -> [UInt8] {
        let first = max(1, sequence > 3 ? sequence - 3 : 1), last = min(size, sequence + 4)
        let parts = (first...last).filter { history[$0].epoch == history[sequence].epoch }
        let leaves = parts.map { index in
            // The view reads words.
            let copy = UnsafeMutableRawPointer.allocate(byteCount: records[Int(index) - 1].count, alignment: 8)
            defer { copy.deallocate() }
            copy.copyMemory(from: records[Int(index) - 1], byteCount: records[Int(index) - 1].count)
            return ReceiptLeaf(RecordView(copy))
        }
        let range = ReceiptRange(
            signing: leaves, venue: history.venueId, epoch: history[sequence].epoch,
            time: time ?? history[sequence].time + 1_000_000,
            prefix: SigningPrefix.make(.receipt, venue: history.venueId), by: receiptKey)
        guard let keys = ReceiptKeys(genesis: history.records[0].command),
            let receipt = range.receipt(for: sequence, keys: keys)
        else { throw ReceiptError.range }
        return receipt.encoded
    }

    /// Writes the published files of the whole history: tiles, bundles, and a signed checkpoint of each of the sizes.
    public func write(published directory: String, sizes: [UInt64], cosigned: UInt64? = nil) throws {
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        var tiles = try TileWriter(directory: directory)
        var entries = EntryWriter(directory: directory, size: 0)
        for (record, leaf) in zip(records, leaves) {
            tiles.append(leaf)
            try record.withUnsafeBytes { try entries.append($0) }
        }
        try tiles.publish()
        try entries.publish()
        try FileManager.default.createDirectory(
            atPath: "\(directory)/checkpoints", withIntermediateDirectories: true)
        for size in sizes {
            let digits = String(size)
            let name = String(repeating: "0", count: 20 - digits.utf8.count) + digits
            try Data(head(size, cosigned: cosigned)).write(
                to: URL(fileURLWithPath: "\(directory)/checkpoints/\(name)"))
        }
        if let last = sizes.max() {
            try Data(head(last, cosigned: cosigned)).write(to: URL(fileURLWithPath: "\(directory)/checkpoint"))
        }
    }
}

/// A tree whose leaves are all in memory.
struct LeafSource: TreeSource {
    let leaves: [Hash256]

    func hash(level: Int, index: UInt64) throws(LogError) -> Hash256 {
        let width = 1 << level, first = Int(index) * width
        return MerkleTree.root(Array(leaves[first..<(first + width)]))
    }
}
