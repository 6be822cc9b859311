import Cryptography

/// The tree of RFC 6962 over the records, as far as it has grown: the roots of its perfect subtrees, largest first.
///
/// Written once more here, apart from `Proof`: what an auditor says of a root rests on these lines alone.
struct LogTree {
    private var subtrees: [(leaves: UInt64, hash: Hash256)] = []

    /// Leaves.
    private(set) var size: UInt64 = 0
    /// Whether the hashes of all leaves are in it: else it counts, and has no root.
    private(set) var isWhole = true

    /// The empty tree.
    init() {}

    /// A tree of so many leaves.
    ///
    /// - Parameter subtrees: roots of its perfect subtrees, largest first; nil when they are not known.
    init(size: UInt64, _ subtrees: [(leaves: UInt64, hash: Hash256)]?) {
        precondition(subtrees == nil || subtrees!.reduce(0) { $0 + $1.leaves } == size, "subtrees of all leaves")
        (self.size, self.subtrees, isWhole) = (size, subtrees ?? [], subtrees != nil)
    }

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
        guard isWhole else { return }
        var grown = (leaves: UInt64(1), hash: leaf)
        while let last = subtrees.last, last.leaves == grown.leaves {
            subtrees.removeLast()
            grown = (2 * grown.leaves, Self.node(last.hash, grown.hash))
        }
        subtrees.append(grown)
    }

    /// Root of all leaves; SHA-256 of nothing when there is none. Of a whole tree.
    var root: Hash256 {
        precondition(isWhole, "the root of a tree whose leaves are known")
        guard var root = subtrees.last?.hash else { return Sha256.hash([]) }
        for subtree in subtrees.dropLast().reversed() { root = Self.node(subtree.hash, root) }
        return root
    }
}
