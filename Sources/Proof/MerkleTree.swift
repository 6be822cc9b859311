import Cryptography

/// Where the hashes of complete subtrees are found.
public protocol TreeSource {
    /// The root of the leaves `index << level ..< (index + 1) << level`, all of which exist.
    func hash(level: Int, index: UInt64) throws(LogError) -> Hash256
}

/// The tree of RFC 6962, section 2.1: roots, and the making and checking of proofs. Sizes are below 2^63.
public enum MerkleTree {
    /// Hashes of a proof at most: the height of the largest tree.
    public static let proofHashesMax = 63
    /// Leaves of a tree at most.
    public static let sizeMax = UInt64(1) << 62

    /// The root of these leaf hashes.
    public static func root(_ leaves: some Sequence<Hash256>) -> Hash256 {
        var frontier = TreeFrontier()
        for leaf in leaves { frontier.append(leaf) }
        return frontier.root
    }

    /// The root of the first `size` leaves.
    public static func root(size: UInt64, _ source: some TreeSource) throws(LogError) -> Hash256 {
        size == 0 ? MerkleHash.empty : try root(from: 0, count: size, source)
    }

    /// The root of the leaves `from ..< from + count`, a range that the recursion of RFC 6962 meets.
    static func root(from: UInt64, count: UInt64, _ source: some TreeSource) throws(LogError) -> Hash256 {
        if count & (count - 1) == 0 && from % count == 0 {
            let level = count.trailingZeroBitCount
            return try source.hash(level: level, index: from >> UInt64(level))
        }
        let split = largestPowerOfTwo(below: count)
        return MerkleHash.node(
            try root(from: from, count: split, source), try root(from: from + split, count: count - split, source))
    }

    /// The largest power of two strictly below `count`, which is at least 2.
    static func largestPowerOfTwo(below count: UInt64) -> UInt64 { 1 << UInt64(63 - (count - 1).leadingZeroBitCount) }

    // MARK: Inclusion

    /// PATH(index, D[size]): from the leaf upwards. `index` is below `size`.
    public static func inclusionProof(
        index: UInt64, size: UInt64, _ source: some TreeSource
    ) throws(LogError) -> [Hash256] {
        precondition(index < size, "a leaf of the tree")
        var (from, count, path) = (UInt64(0), size, [Hash256]())
        while count > 1 {
            let split = largestPowerOfTwo(below: count)
            if index - from < split {
                path.append(try root(from: from + split, count: count - split, source))
                count = split
            } else {
                path.append(try root(from: from, count: split, source))
                from += split
                count -= split
            }
        }
        return path.reversed()
    }

    /// Whether the leaf hash stands at `index` of the tree of that size and root.
    public static func includes(
        _ leaf: Hash256, index: UInt64, size: UInt64, proof: [Hash256], root: Hash256
    ) -> Bool {
        guard index < size, size <= sizeMax, proof.count <= proofHashesMax else { return false }
        var (first, last, hash) = (index, size - 1, leaf)
        for sibling in proof {
            guard last != 0 else { return false }
            if first & 1 == 1 || first == last {
                hash = MerkleHash.node(sibling, hash)
                while first & 1 == 0 && first > 0 { (first, last) = (first >> 1, last >> 1) }
            } else {
                hash = MerkleHash.node(hash, sibling)
            }
            (first, last) = (first >> 1, last >> 1)
        }
        return last == 0 && hash == root
    }

    // MARK: Consistency

    /// PROOF(old, D[size]); empty when `old` is 0 or `size`. `old` is at most `size`.
    public static func consistencyProof(
        old: UInt64, size: UInt64, _ source: some TreeSource
    ) throws(LogError) -> [Hash256] {
        precondition(old <= size, "an earlier size")
        guard old > 0 && old < size else { return [] }
        var (from, count, part, isWhole, proof) = (UInt64(0), size, old, true, [Hash256]())
        while part != count {
            let split = largestPowerOfTwo(below: count)
            if part <= split {
                proof.append(try root(from: from + split, count: count - split, source))
                count = split
            } else {
                proof.append(try root(from: from, count: split, source))
                from += split
                part -= split
                count -= split
                isWhole = false
            }
        }
        if !isWhole { proof.append(try root(from: from, count: count, source)) }
        return proof.reversed()
    }

    /// Whether the tree of `size` and `root` continues the one of `old` and `oldRoot`.
    public static func isConsistent(
        old: UInt64, oldRoot: Hash256, size: UInt64, root: Hash256, proof: [Hash256]
    ) -> Bool {
        guard let roots = consistencyRoots(old: old, oldRoot: oldRoot, size: size, proof: proof) else { return false }
        if old == 0 { return proof.isEmpty && oldRoot == MerkleHash.empty && (size > 0 || root == oldRoot) }
        if old == size { return proof.isEmpty && oldRoot == root }
        return roots.old == oldRoot && roots.new == root
    }

    /// The two roots that a consistency proof yields, whatever roots are known; nil when it has not the shape of one.
    ///
    /// Where `old` is a power of two the proof does not carry the old root: `oldRoot` stands in for it. A proof that
    /// yields the newer root and another old root than a signed one is evidence of rewriting.
    public static func consistencyRoots(
        old: UInt64, oldRoot: Hash256, size: UInt64, proof: [Hash256]
    ) -> (old: Hash256, new: Hash256)? {
        guard old <= size, size <= sizeMax, proof.count <= proofHashesMax + 1 else { return nil }
        guard old > 0 && old < size else { return proof.isEmpty ? (oldRoot, oldRoot) : nil }
        var hashes = proof[...]
        if old & (old - 1) == 0 { hashes = [oldRoot] + proof }
        guard let start = hashes.popFirst() else { return nil }
        var (first, last) = (old - 1, size - 1)
        while first & 1 == 1 { (first, last) = (first >> 1, last >> 1) }
        var (older, newer) = (start, start)
        for hash in hashes {
            guard last != 0 else { return nil }
            if first & 1 == 1 || first == last {
                older = MerkleHash.node(hash, older)
                newer = MerkleHash.node(hash, newer)
                while first & 1 == 0 && first > 0 { (first, last) = (first >> 1, last >> 1) }
            } else {
                newer = MerkleHash.node(newer, hash)
            }
            (first, last) = (first >> 1, last >> 1)
        }
        return last == 0 ? (older, newer) : nil
    }
}
