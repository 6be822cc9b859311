import Cryptography
import Platform

/// Where the files of a log come from: a directory, or a web server.
public protocol TileStore {
    /// The file below the log's prefix.
    ///
    /// - Throws: `missing` when there is none; `malformed` when it is longer than `limit`.
    func file(_ path: String, limit: Int) throws(LogError) -> [UInt8]
}

/// The files of a log in a directory.
public struct TileDirectory: TileStore, Sendable {
    public let path: String

    public init(_ path: String) { self.path = path }

    public func file(_ name: String, limit: Int) throws(LogError) -> [UInt8] {
        let place = "\(path)/\(name)"
        guard File.exists(place) else { throw .missing(place) }
        let bytes: [UInt8]
        do { bytes = try File.readPrefix(place, limit: limit + 1) } catch { throw .system(error) }
        guard bytes.count <= limit else { throw .malformed(place, expected: "at most \(limit) bytes") }
        return bytes
    }
}

/// Reads the tiles of a log at one size, and remembers some. What it hands out has the right width and nothing more: hold
/// it to a signed root, by `root(size:)` or by a proof.
public final class TileReader: TreeSource {
    /// The tree's size: what lies beyond is not looked at.
    public let size: UInt64
    private let store: any TileStore
    private var tiles: [TilePath: [UInt8]] = [:]
    /// Tiles remembered at most; when there are more, all are forgotten.
    private let tilesMax: Int

    public init(_ store: any TileStore, size: UInt64, tilesMax: Int = 1024) {
        (self.store, self.size, self.tilesMax) = (store, size, tilesMax)
    }

    /// The name of a tile at this size; nil when the tree has no such tile.
    public static func path(_ kind: TilePath.Kind, index: UInt64, size: UInt64) -> TilePath? {
        let level = if case .hashes(let level) = kind { level } else { 0 }
        guard level <= TilePath.levelMax else { return nil }
        let count = size >> UInt64(8 * level)
        guard index <= (count - min(1, count)) >> 8, count > 0 else { return nil }
        return TilePath(kind, index: index, width: Int(min(256, count - index << 8)))
    }

    public func hash(level: Int, index: UInt64) throws(LogError) -> Hash256 {
        let (tileLevel, depth) = (level / 8, level % 8)
        let first = index << UInt64(depth)
        guard level < 62, let path = Self.path(.hashes(level: tileLevel), index: first >> 8, size: size),
            Int(first & 255) + 1 << depth <= path.width
        else { throw .missing("the subtree \(index) of level \(level) in a tree of \(size)") }
        let bytes = try tile(path)
        var hashes = (0..<(1 << depth)).map { offset in
            bytes.withUnsafeBytes { Hash256(loading: $0.baseAddress! + (Int(first & 255) + offset) * 32) }
        }
        while hashes.count > 1 {
            hashes = stride(from: 0, to: hashes.count, by: 2).map { MerkleHash.node(hashes[$0], hashes[$0 + 1]) }
        }
        return hashes[0]
    }

    /// The bytes of a tile of hashes; the full one serves where the partial one is gone.
    private func tile(_ path: TilePath) throws(LogError) -> [UInt8] {
        if let known = tiles[path] { return known }
        let bytes = try Self.read(path, from: store, limit: path.width * 32, fullLimit: 8192)
        guard bytes.count >= path.width * 32, bytes.count % 32 == 0 else {
            throw .malformed("\(path)", expected: "\(path.width) hashes of 32 bytes")
        }
        if tiles.count >= tilesMax { tiles.removeAll(keepingCapacity: true) }
        let used = Array(bytes.prefix(path.width * 32))
        tiles[path] = used
        return used
    }

    static func read(
        _ path: TilePath, from store: any TileStore, limit: Int, fullLimit: Int
    ) throws(LogError) -> [UInt8] {
        do throws(LogError) {
            return try store.file(path.description, limit: limit)
        } catch .missing(let name) {
            guard !path.isFull else { throw .missing(name) }
            return try store.file(path.full.description, limit: fullLimit)
        }
    }

    /// Entries of a bundle, each held to its leaf hash in the tiles.
    ///
    /// - Returns: the entries `index * 256 ..< index * 256 + width`, as many as the tree has.
    public func entries(bundle index: UInt64) throws(LogError) -> [[UInt8]] {
        guard let path = Self.path(.entries, index: index, size: size) else {
            throw .missing("the bundle \(index) in a tree of \(size)")
        }
        let limit = 256 * (2 + Int(UInt16.max))
        let bytes = try Self.read(path, from: store, limit: limit, fullLimit: limit)
        guard let entries = EntryBundle.entries(bytes, count: path.width) else {
            throw .malformed("\(path)", expected: "\(path.width) entries, each behind its length")
        }
        for (offset, entry) in entries.enumerated() {
            guard try MerkleHash.leaf(entry) == hash(level: 0, index: index << 8 + UInt64(offset)) else {
                throw .mismatch("entry \(index << 8 + UInt64(offset))")
            }
        }
        return entries
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

/// The entries of a bundle: each behind its length, u16 big-endian.
public enum EntryBundle {
    /// Adds an entry of at most 65,535 bytes.
    public static func append(_ entry: UnsafeRawBufferPointer, to bundle: inout [UInt8]) {
        precondition(entry.count <= Int(UInt16.max), "an entry of a bundle")
        bundle.append(UInt8(entry.count >> 8))
        bundle.append(UInt8(entry.count & 255))
        bundle.append(contentsOf: entry)
    }

    /// The first `count` entries; nil when the bytes are not at least as many entries, or not entries to their end.
    public static func entries(_ bundle: [UInt8], count: Int) -> [[UInt8]]? {
        var (entries, next) = ([[UInt8]](), 0)
        while next < bundle.count {
            guard next + 2 <= bundle.count else { return nil }
            let length = Int(bundle[next]) << 8 | Int(bundle[next + 1])
            guard next + 2 + length <= bundle.count, entries.count < 256 else { return nil }
            entries.append(Array(bundle[(next + 2)..<(next + 2 + length)]))
            next += 2 + length
        }
        guard entries.count >= count else { return nil }
        return Array(entries.prefix(count))
    }
}
