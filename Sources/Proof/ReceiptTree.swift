import Cryptography

/// The RFC 6962 tree over the receipt leaves of a range: its root, and the path of a leaf.
///
/// Nodes are SHA-256(`01` ‖ left ‖ right). A path goes from the leaf upwards (RFC 6962, 2.1.1).
public enum ReceiptTree {
    /// Most hashes of a path: a range has at most `ReceiptBody.recordsMax` records.
    public static let pathMax = 14

    /// Root over leaf hashes; `leaves` is not empty and is overwritten.
    static func root(_ leaves: inout [Hash256]) -> Hash256 {
        precondition(!leaves.isEmpty, "a range has records")
        var count = leaves.count
        while count > 1 {
            for index in 0..<count / 2 { leaves[index] = node(leaves[2 * index], leaves[2 * index + 1]) }
            // A node without a sibling goes up as it is, which is RFC 6962's tree.
            if count % 2 == 1 { leaves[count / 2] = leaves[count - 1] }
            count = (count + 1) / 2
        }
        return leaves[0]
    }

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
                next.append(left + 1 < level.count ? node(level[left], level[left + 1]) : level[left])
            }
            level = next
            index /= 2
        }
        return path
    }

    /// The root that a path leads to from leaf `index` of `count`; nil when a path of another length belongs there.
    static func root(from leaf: Hash256, index: UInt64, count: UInt64, path: [Hash256]) -> Hash256? {
        guard index < count else { return nil }
        var first = index, last = count - 1, root = leaf
        var steps = path.makeIterator()
        while last > 0 {
            if first & 1 == 1 {
                guard let left = steps.next() else { return nil }
                root = node(left, root)
            } else if first < last {
                guard let right = steps.next() else { return nil }
                root = node(root, right)
            }
            first >>= 1
            last >>= 1
        }
        return steps.next() == nil ? root : nil
    }

    private static func node(_ left: Hash256, _ right: Hash256) -> Hash256 {
        withUnsafeTemporaryAllocation(byteCount: 65, alignment: 8) { buffer in
            let base = buffer.baseAddress!
            base.storeBytes(of: 1, as: UInt8.self)
            left.store(to: base + 1)
            right.store(to: base + 33)
            return Sha256.hash(UnsafeRawPointer(base), count: 65)
        }
    }
}
