import Cryptography

/// An inclusion proof that stands alone (C2SP tlog-proof): the index of a record, its path, and the signed checkpoint
/// that it leads to. The record itself travels beside it.
public struct TlogProof: Equatable, Sendable {
    /// Bytes of an application; nil: none.
    public let extra: [UInt8]?
    /// Index of the leaf: the record's sequence − 1.
    public let index: UInt64
    /// From the leaf upwards.
    public let path: [Hash256]
    /// The signed checkpoint, a note.
    public let checkpoint: [UInt8]

    static let heading = "c2sp.org/tlog-proof@v1"
    /// Bytes of a file at most.
    public static let bytesMax = SignedNote.bytesMax + 65_536 + 8_192

    public init(index: UInt64, path: [Hash256], checkpoint: [UInt8], extra: [UInt8]? = nil) {
        (self.index, self.path, self.checkpoint, self.extra) = (index, path, checkpoint, extra)
    }

    /// The file.
    public var bytes: [UInt8] {
        var text = "\(Self.heading)\n"
        if let extra { text += "extra \(Base64.encode(extra))\n" }
        text += "index \(index)\n"
        for hash in path { text += LogText.base64(hash) + "\n" }
        return Array((text + "\n").utf8) + checkpoint
    }

    /// Whether a file says that it is one.
    public static func isProof(_ bytes: [UInt8]) -> Bool { bytes.starts(with: Array("c2sp.org/tlog-proof".utf8)) }

    /// Reads a file; what it claims is asked by `verified`.
    public init(_ bytes: [UInt8]) throws(LogError) {
        func malformed(_ expected: String) -> LogError { .malformed("the inclusion proof", expected: expected) }
        guard bytes.count <= Self.bytesMax else { throw malformed("at most \(Self.bytesMax) bytes") }
        let head = bytes.firstEmptyLine ?? 0
        var lines = bytes[..<head].split(separator: 0x0A, omittingEmptySubsequences: false).dropLast()
        guard let heading = lines.popFirst(), String(decoding: heading, as: UTF8.self) == Self.heading else {
            throw malformed(Self.heading)
        }
        var extra: [UInt8]?
        if let line = lines.first.map({ String(decoding: $0, as: UTF8.self) }), line.hasPrefix("extra ") {
            guard let decoded = Base64.decode(line.dropFirst(6)) else { throw malformed("extra BASE64") }
            extra = decoded
            lines.removeFirst()
        }
        guard let line = lines.popFirst().map({ String(decoding: $0, as: UTF8.self) }), line.hasPrefix("index "),
            let index = LogText.decimal(line.dropFirst(6)), lines.count <= MerkleTree.proofHashesMax
        else { throw malformed("index DECIMAL, then at most \(MerkleTree.proofHashesMax) hashes") }
        var path: [Hash256] = []
        for line in lines {
            guard let hash = LogText.hash(String(decoding: line, as: UTF8.self)) else {
                throw malformed("base64 hashes")
            }
            path.append(hash)
        }
        self.init(index: index, path: path, checkpoint: Array(bytes[(head + 1)...]), extra: extra)
    }

    /// Checks signature and path.
    ///
    /// - Returns: the checkpoint that has the record.
    public func verified(
        record: UnsafeRawBufferPointer, logs: [VerifierKey], witnesses: [VerifierKey] = []
    ) throws(LogError) -> SignedCheckpoint {
        try verified(leaf: MerkleHash.leaf(record), logs: logs, witnesses: witnesses)
    }

    /// Checks signature and path of a leaf hash.
    public func verified(
        leaf: Hash256, logs: [VerifierKey], witnesses: [VerifierKey] = []
    ) throws(LogError) -> SignedCheckpoint {
        let signed = try SignedCheckpoint(checkpoint, logs: logs, witnesses: witnesses)
        let (size, root) = (signed.checkpoint.size, signed.checkpoint.root)
        guard MerkleTree.includes(leaf, index: index, size: size, proof: path, root: root) else {
            throw .mismatch("the path of leaf \(index) to the root of \(size)")
        }
        return signed
    }
}

extension Array where Element == UInt8 {
    /// Where the first empty line stands: the offset of its LF.
    var firstEmptyLine: Int? {
        indices.first { $0 > 0 && self[$0] == 0x0A && self[$0 - 1] == 0x0A }
    }
}
