import Cryptography

/// Reads the tiles of a log at one size, and remembers some. What it hands out comes from a file of the right width and
/// is not checked further: hold it to a signed root, by `root(size:)` or by a proof.
public final class TileReader: TreeSource {
    /// The tree's size: what lies beyond is not looked at.
    public let size: UInt64
    private let store: any TileStore
    private var tiles: [TilePath: [UInt8]] = [:]
    /// Tiles remembered at most unless whoever reads says otherwise, 8 KiB each.
    public static let tilesMax = 1024
    /// Tiles remembered at most; when there are more, all are forgotten.
    private let tilesMax: Int

    public init(_ store: any TileStore, size: UInt64, tilesMax: Int = TileReader.tilesMax) {
        (self.store, self.size, self.tilesMax) = (store, size, tilesMax)
    }

    /// The name of a tile at this size; nil when the tree has no such tile.
    public static func path(_ kind: TilePath.Kind, index: UInt64, size: UInt64) -> TilePath? {
        let level = if case .hashes(let level) = kind { level } else { 0 }
        guard (0...TilePath.levelMax).contains(level), size <= MerkleTree.sizeMax else { return nil }
        let count = size >> UInt64(8 * level)
        guard count > 0, index <= (count - 1) >> 8 else { return nil }
        return TilePath(kind, index: index, width: Int(min(256, count - index << 8)))
    }

    public func hash(level: Int, index: UInt64) throws(LogError) -> Hash256 {
        guard (0..<62).contains(level), index < size >> UInt64(level) else {
            throw .missing("the subtree \(index) of level \(level) in a tree of \(size)")
        }
        let (tileLevel, depth) = (level / 8, level % 8)
        let first = index << UInt64(depth)
        guard let path = Self.path(.hashes(level: tileLevel), index: first >> 8, size: size) else {
            throw .missing("the subtree \(index) of level \(level) in a tree of \(size)")
        }
        let bytes = try tile(path)
        var hashes = bytes.withUnsafeBytes { bytes in
            (0..<(1 << depth)).map { Hash256(loading: bytes.baseAddress! + (Int(first & 255) + $0) * 32) }
        }
        while hashes.count > 1 {
            hashes = stride(from: 0, to: hashes.count, by: 2).map { MerkleHash.node(hashes[$0], hashes[$0 + 1]) }
        }
        return hashes[0]
    }

    /// The hashes of a tile that this tree has.
    private func tile(_ path: TilePath) throws(LogError) -> [UInt8] {
        if let known = tiles[path] { return known }
        let (bytes, width) = try read(path, limit: TilePath.widthMax * Hash256.byteCount)
        guard bytes.count == width * Hash256.byteCount else {
            throw .malformed("\(path): \(bytes.count) bytes", expected: "\(width) hashes of 32 bytes")
        }
        if tiles.count >= tilesMax { tiles.removeAll(keepingCapacity: true) }
        let used = width == path.width ? bytes : Array(bytes.prefix(path.width * Hash256.byteCount))
        tiles[path] = used
        return used
    }

    /// A file and the width that its name gives it: the full one serves where the partial one is gone.
    private func read(_ path: TilePath, limit: Int) throws(LogError) -> (bytes: [UInt8], width: Int) {
        do throws(LogError) {
            return (try store.file(path.description, limit: limit), path.width)
        } catch .missing(let name) {
            guard !path.isFull else { throw .missing(name) }
            do throws(LogError) {
                return (try store.file(path.full.description, limit: limit), TilePath.widthMax)
            } catch .missing { throw .missing(name) }
        }
    }

    /// Entries of a bundle, each held to its leaf hash in the tiles.
    ///
    /// - Returns: the entries from `index * 256` on, as many as the tree has, at most 256.
    public func entries(bundle index: UInt64) throws(LogError) -> [[UInt8]] {
        guard let path = Self.path(.entries, index: index, size: size) else {
            throw .missing("the bundle \(index) in a tree of \(size)")
        }
        let (bytes, width) = try read(path, limit: EntryBundle.bytesMax)
        guard let entries = EntryBundle.entries(bytes, count: width)?.prefix(path.width) else {
            throw .malformed("\(path)", expected: "\(width) entries, each behind its length")
        }
        for (offset, entry) in entries.enumerated() {
            guard try MerkleHash.leaf(entry) == hash(level: 0, index: index << 8 + UInt64(offset)) else {
                throw .mismatch("entry \(index << 8 + UInt64(offset))")
            }
        }
        return Array(entries)
    }

    /// The root of this size, computed from the level-0 tiles up: every tile of every level is read and held to the
    /// ones below it.
    public func rootOfAllTiles() throws(LogError) -> Hash256 {
        var frontier = TreeFrontier()
        for index in 0..<size {
            frontier.append(try hash(level: 0, index: index))
            guard (index + 1) & 255 == 0 else { continue }
            for level in 1...TilePath.levelMax where (index + 1) & (1 << UInt64(8 * level) - 1) == 0 {
                let number = index >> UInt64(8 * level)
                guard frontier.subtree(level: 8 * level) == (try hash(level: 8 * level, index: number)) else {
                    throw .mismatch("hash \(number) of tile level \(level)")
                }
            }
        }
        return frontier.root
    }
}
