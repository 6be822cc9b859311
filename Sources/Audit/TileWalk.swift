import Cryptography
import Proof

/// Hash tiles of a log (C2SP tlog-tiles), each checked against the root of a checkpoint before it is used: the tiles of
/// the right edge together give the root, and every other tile gives a hash of the tile above it. Memory: two tiles a
/// level.
struct TileWalk {
    private let files: PublishedFiles
    private let size: UInt64
    /// By level: the partial tile at the right edge; empty where there is none.
    private var edges: [[Hash256]] = []
    /// By level: the full tile that was read last.
    private var current: [(index: UInt64, hashes: [Hash256])?] = []

    /// Reads the right edge of a tree of `size` leaves, at least 1, whose root is `root`.
    init(_ files: PublishedFiles, size: UInt64, root: Hash256) throws(SourceError) {
        (self.files, self.size) = (files, size)
        var level = 0
        while level <= TilePath.levelMax, size >> (8 * UInt64(level)) > 0 {
            let width = Int(size >> (8 * UInt64(level)) & 255)
            edges.append(width == 0 ? [] : try read(level, index: edge(level), width: width))
            level += 1
        }
        current = Array(repeating: nil, count: edges.count)
        let found = Self.root(edges)
        guard found == root else {
            throw .finding(
                Finding(.tile, nil, expected: "hash tiles of root \(root) at size \(size)", found: "root \(found)"))
        }
    }

    /// The root that partial tiles at the right edge give: their perfect subtrees, folded from the smallest.
    private static func root(_ edges: [[Hash256]]) -> Hash256 {
        var root: Hash256?
        for edge in edges {
            var end = edge.count
            while end > 0 {
                let width = end & -end
                let subtree = perfect(edge[(end - width)..<end])
                root = root.map { LogTree.node(subtree, $0) } ?? subtree
                end -= width
            }
        }
        return root ?? Sha256.hash([])
    }

    /// Root over a power of two of hashes.
    private static func perfect(_ hashes: ArraySlice<Hash256>) -> Hash256 {
        var level = Array(hashes)
        while level.count > 1 {
            level = stride(from: 0, to: level.count, by: 2).map { LogTree.node(level[$0], level[$0 + 1]) }
        }
        return level[0]
    }

    /// Roots of the perfect subtrees of the first `count` leaves, at most `size`, largest first, and their leaves.
    mutating func subtrees(of count: UInt64) throws(SourceError) -> [(leaves: UInt64, hash: Hash256)] {
        precondition(count <= size, "the tree has these leaves")
        var subtrees: [(leaves: UInt64, hash: Hash256)] = []
        for bit in (0..<UInt64(62)).reversed() where count >> bit & 1 == 1 {
            let (level, width) = (Int(bit / 8), 1 << Int(bit % 8))
            // In hashes of that level of tiles.
            let first = (count >> bit - 1) << (bit % 8)
            let tile = try hashes(level: level, index: first / 256)
            let start = Int(first % 256)
            subtrees.append((1 << bit, Self.perfect(tile[start..<(start + width)])))
        }
        return subtrees
    }

    /// Index of the tile at the right edge.
    private func edge(_ level: Int) -> UInt64 { size >> (8 * UInt64(level) + 8) }

    /// The hashes of a tile of the tree, checked.
    mutating func hashes(level: Int, index: UInt64) throws(SourceError) -> [Hash256] {
        if index == edge(level) { return edges[level] }
        if let current = current[level], current.index == index { return current.hashes }
        let above = try hashes(level: level + 1, index: index / 256)
        let hashes = try read(level, index: index, width: 256)
        let (expected, found) = (above[Int(index % 256)], Self.perfect(hashes[...]))
        guard found == expected else {
            throw .finding(
                Finding(
                    .tile, Self.sequence(level, index),
                    expected: "tile \(TilePath(.hashes(level: level), index: index)) of root \(expected)",
                    found: "one of root \(found)"))
        }
        current[level] = (index, hashes)
        return hashes
    }

    /// Sequence of the first record that a tile covers.
    private static func sequence(_ level: Int, _ index: UInt64) -> UInt64 { (index << (8 * UInt64(level + 1))) + 1 }

    /// A tile as it stands there: the full one instead of a partial one that has been removed.
    private func read(_ level: Int, index: UInt64, width: Int) throws(SourceError) -> [Hash256] {
        let path = TilePath(.hashes(level: level), index: index, width: width)
        let full = 256 * Hash256.byteCount
        let bytes: [UInt8]
        do throws(PublishedFiles.Failure) {
            do throws(PublishedFiles.Failure) {
                bytes = try files.read("\(path)", limit: full)
            } catch {
                guard case .missing = error, width < 256 else { throw error }
                bytes = try files.read("\(path.full)", limit: full)
            }
        } catch { throw .unreadable("records from \(Self.sequence(level, index)): hash tile: \(error.text)") }
        guard bytes.count == width * Hash256.byteCount || bytes.count == full else {
            throw .finding(
                Finding(
                    .tile, Self.sequence(level, index), expected: "\(path) of \(width) hashes",
                    found: "\(bytes.count) bytes"))
        }
        return bytes.withUnsafeBytes { memory in
            (0..<width).map { Hash256(loading: memory.baseAddress! + $0 * Hash256.byteCount) }
        }
    }
}
