import Cryptography

/// The tree of RFC 6962 over the records, as far as it has grown: the roots of its perfect subtrees, largest first.
///
/// Written once more here, apart from `Proof`: what an auditor says of a root rests on these lines alone.
struct LogTree {
    private var subtrees: [(leaves: UInt64, hash: Hash256)] = []

    /// Leaves.
    private(set) var size: UInt64 = 0

    /// SHA-256(00 ‖ entry).
    static func leaf(_ entry: UnsafeRawBufferPointer) -> Hash256 {
        var stream = Sha256.Stream()
        withUnsafeBytes(of: UInt8(0)) { stream.update($0) }
        stream.update(entry)
        return stream.finish()
    }

    /// SHA-256(01 ‖ left ‖ right).
    static func node(_ left: Hash256, _ right: Hash256) -> Hash256 {
        withUnsafeTemporaryAllocation(byteCount: 1 + 2 * Hash256.byteCount, alignment: 8) { buffer in
            buffer[0] = 1
            left.store(to: buffer.baseAddress! + 1)
            right.store(to: buffer.baseAddress! + 1 + Hash256.byteCount)
            return Sha256.hash(UnsafeRawBufferPointer(buffer))
        }
    }

    /// Appends a leaf hash.
    mutating func append(_ leaf: Hash256) {
        size += 1
        var grown = (leaves: UInt64(1), hash: leaf)
        while let last = subtrees.last, last.leaves == grown.leaves {
            subtrees.removeLast()
            grown = (2 * grown.leaves, Self.node(last.hash, grown.hash))
        }
        subtrees.append(grown)
    }

    /// Root of all leaves; SHA-256 of nothing when there is none.
    var root: Hash256 {
        guard var root = subtrees.last?.hash else { return Sha256.hash([]) }
        for subtree in subtrees.dropLast().reversed() { root = Self.node(subtree.hash, root) }
        return root
    }
}
