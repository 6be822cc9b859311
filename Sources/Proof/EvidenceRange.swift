import Cryptography

/// Proof that consecutive leaves are in a tree of RFC 6962: the hashes of the largest subtrees beside them.
///
/// The root of leaves `lo` to `hi` (excluded) follows by recursion: a part without a leaf of the range is the next hash
/// of the proof; a single leaf of the range is its leaf hash; anything else is split at the largest power of two
/// strictly below its size, left before right, and is SHA-256(`01` ‖ left ‖ right). The root of the whole tree has to
/// come out, and every hash of the proof has to be used. For one leaf these are the hashes of the inclusion proof of
/// RFC 6962, from left to right instead of upwards.
public struct LeafRange: Equatable, Sendable {
    /// Most hashes of a proof: two for each level of a tree of 2^63 leaves.
    public static let proofMax = 126

    /// Sequence of the first leaf's record: the leaf's index plus 1.
    public var first: UInt64
    /// Leaf hashes, at least one.
    public var leaves: [Hash256]
    /// Hashes beside them, from left to right.
    public var proof: [Hash256]

    /// A range whose proof is known.
    public init(first: UInt64, leaves: [Hash256], proof: [Hash256]) {
        self.first = first
        self.leaves = leaves
        self.proof = proof
    }

    /// The range of records `first` to `last` of a tree of `size` leaves, proven from its leaf hashes.
    ///
    /// - Parameter tree: root of the leaves from `lowerBound` to `upperBound` (indices, excluded).
    public init<Failure: Error>(
        first: UInt64, leaves: [Hash256], size: UInt64, tree: (Range<UInt64>) throws(Failure) -> Hash256
    ) throws(Failure) {
        precondition(first >= 1 && !leaves.isEmpty && first - 1 + UInt64(leaves.count) <= size, "a range of the tree")
        self.init(first: first, leaves: leaves, proof: [])
        let own = first - 1..<first - 1 + UInt64(leaves.count)
        var parts = [0..<size]
        while let part = parts.popLast() {
            if !part.overlaps(own) {
                proof.append(try tree(part))
            } else if part.count > 1 && !(own.lowerBound <= part.lowerBound && part.upperBound <= own.upperBound) {
                let middle = part.lowerBound + MerkleTree.largestPowerOfTwo(below: UInt64(part.count))
                parts.append(middle..<part.upperBound)
                parts.append(part.lowerBound..<middle)
            }
        }
    }

    /// Leaves of a tree of `size` leaves whose subtrees can be asked for.
    public init(first: UInt64, leaves: [Hash256], size: UInt64, _ source: some TreeSource) throws(LogError) {
        try self.init(first: first, leaves: leaves, size: size) { part throws(LogError) in
            try MerkleTree.root(from: part.lowerBound, count: part.upperBound - part.lowerBound, source)
        }
    }

    /// The proof of a single leaf from the inclusion proof of RFC 6962, which has the same hashes from the leaf
    /// upwards; nil when there are more or fewer of them than there is way.
    public static func proof(inclusion path: [Hash256], index: UInt64, size: UInt64) -> [Hash256]? {
        guard index < size, size <= MerkleTree.sizeMax else { return nil }
        var (from, count, path) = (UInt64(0), size, path[...])
        var (left, right): ([Hash256], [Hash256]) = ([], [])
        while count > 1 {
            guard let hash = path.popLast() else { return nil }
            let split = MerkleTree.largestPowerOfTwo(below: count)
            if index - from < split {
                right.append(hash)
                count = split
            } else {
                left.append(hash)
                (from, count) = (from + split, count - split)
            }
        }
        return path.isEmpty ? left + right.reversed() : nil
    }

    /// Sequence of the last leaf's record.
    public var last: UInt64 { first - 1 + UInt64(leaves.count) }

    /// Whether these leaves stand at their place in the tree of that size and root.
    public func isIncluded(size: UInt64, root: Hash256) -> Bool {
        guard size >= 1, size <= MerkleTree.sizeMax, first >= 1, first <= size, !leaves.isEmpty,
            UInt64(leaves.count) <= size - (first - 1)
        else { return false }
        var unused = proof[...]
        return subtree(0..<size, &unused) == root && unused.isEmpty
    }

    /// Root of a part of the tree; nil when the proof is too short. Its depth is at most 63.
    private func subtree(_ part: Range<UInt64>, _ unused: inout ArraySlice<Hash256>) -> Hash256? {
        let own = first - 1..<first - 1 + UInt64(leaves.count)
        guard part.overlaps(own) else { return unused.popFirst() }
        let size = part.upperBound - part.lowerBound
        if size == 1 { return leaves[Int(part.lowerBound - own.lowerBound)] }
        let middle = part.lowerBound + MerkleTree.largestPowerOfTwo(below: size)
        guard let left = subtree(part.lowerBound..<middle, &unused),
            let right = subtree(middle..<part.upperBound, &unused)
        else { return nil }
        return MerkleHash.node(left, right)
    }

    /// The records `first` to `last` of a tree whose leaf hashes are all at hand.
    public init(first: UInt64, last: UInt64, of leaves: [Hash256]) {
        precondition(first >= 1 && last >= first && last <= UInt64(leaves.count), "a range of the tree")
        self.init(
            first: first, leaves: Array(leaves[Int(first - 1)..<Int(last)]), size: UInt64(leaves.count)
        ) { MerkleTree.root(leaves[Int($0.lowerBound)..<Int($0.upperBound)]) }
    }
}
