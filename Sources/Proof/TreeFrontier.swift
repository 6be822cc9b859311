import Cryptography

/// A tree that only grows: the roots of its complete subtrees, one for each bit of its size. `append` costs one hash on
/// average, the root at most 62; nothing is allocated after `init`.
public struct TreeFrontier: Sendable {
    /// Leaves.
    public private(set) var size: UInt64 = 0
    /// By level; what stands at a level whose bit of `size` is 0 means nothing.
    private var subtrees: [Hash256]

    /// The empty tree.
    public init() { subtrees = Array(repeating: .zero, count: 64) }

    /// The tree of the first `size` leaves.
    public init(size: UInt64, _ source: some TreeSource) throws(LogError) {
        self.init()
        self.size = size
        for level in 0..<63 where size >> UInt64(level) & 1 == 1 {
            subtrees[level] = try source.hash(level: level, index: size >> UInt64(level) - 1)
        }
    }

    /// Adds a leaf by its hash.
    public mutating func append(_ leaf: Hash256) {
        precondition(size < MerkleTree.sizeMax, "a log of 2^62 records")
        var (level, hash) = (0, leaf)
        while size >> UInt64(level) & 1 == 1 {
            // What is merged stays readable as the last complete subtree of its level.
            let merged = MerkleHash.node(subtrees[level], hash)
            subtrees[level] = hash
            hash = merged
            level += 1
        }
        subtrees[level] = hash
        size += 1
    }

    /// The root of the last complete subtree of that level: one that the last `append` completed, or that is a part of
    /// the tree still.
    func subtree(level: Int) -> Hash256 { subtrees[level] }

    /// The root.
    public var root: Hash256 {
        guard size > 0 else { return MerkleHash.empty }
        var level = size.trailingZeroBitCount
        var hash = subtrees[level]
        level += 1
        while size >> UInt64(level) > 0 {
            if size >> UInt64(level) & 1 == 1 { hash = MerkleHash.node(subtrees[level], hash) }
            level += 1
        }
        return hash
    }
}
