import Cryptography

/// The tree over the receipt leaves of a range: the one of RFC 6962 (`MerkleTree`), small enough to be kept whole.
public enum ReceiptTree {
    /// Most hashes of a path: a range has at most `ReceiptBody.recordsMax` records.
    public static let pathMax = 14

    /// Path of leaf `index` among leaf hashes, from the leaf upwards.
    static func path(_ index: Int, _ hashes: [Hash256]) -> [Hash256] {
        precondition(hashes.indices.contains(index), "a leaf of the range")
        var level = hashes
        var index = index
        var path: [Hash256] = []
        while level.count > 1 {
            let sibling = index ^ 1
            if sibling < level.count { path.append(level[sibling]) }
            var next: [Hash256] = []
            next.reserveCapacity((level.count + 1) / 2)
            for left in stride(from: 0, to: level.count, by: 2) {
                // A node without a sibling goes up as it is, which makes RFC 6962's tree.
                next.append(left + 1 < level.count ? MerkleHash.node(level[left], level[left + 1]) : level[left])
            }
            level = next
            index /= 2
        }
        assert(path.count <= pathMax, "a range's tree")
        return path
    }
}
