import Cryptography
import Platform

/// Writes the tiles of a growing log into a directory.
///
/// Hashes are appended as records come; `publish` makes the files of the size that is reached, so that every one of
/// them is on the disk before a checkpoint of that size is signed. A full tile never changes; a partial one has a name
/// of its own for each size, and goes when the full one is there. Whatever a crash leaves behind is written again with
/// the same bytes: a file is whole or not there.
///
/// A writer that makes a published log again touches nothing that is published before `publish`: until then its files
/// wait in a directory beside it (`stage`), so that whoever finds that they are not what was signed can discard them.
///
/// Memory: 8 levels of 8 KiB, and the full tiles between two calls of `publish` or `stage` (8,224 bytes for every 256
/// records).
public struct TileWriter {
    /// The directory below which `tile/` stands.
    public let directory: String
    /// Whether files wait beside the published ones.
    public private(set) var isRebuilding = false
    /// The whole tree.
    public private(set) var frontier: TreeFrontier
    /// The size whose files are on the disk.
    public private(set) var publishedSize: UInt64
    /// The hashes of the last tile of each level, not yet full.
    private var edge: [[UInt8]]
    private var directories = DurableDirectories()
    /// Full tiles that are not written yet.
    private var waiting: [(path: TilePath, bytes: [UInt8])] = []

    /// Leaves that were appended.
    public var size: UInt64 { frontier.size }
    /// The root of what was appended.
    public var root: Hash256 { frontier.root }

    /// Goes on behind `size` leaves whose tiles are in the directory; 0 begins a log.
    ///
    /// - Throws: `missing`, `malformed`; `mismatch` when the tiles do not have the root.
    public init(directory: String, size: UInt64 = 0, root: Hash256 = MerkleHash.empty) throws(LogError) {
        self.directory = directory
        let reader = TileReader(TileDirectory(directory), size: size)
        frontier = try TreeFrontier(size: size, reader)
        guard frontier.root == root else { throw .mismatch("the tiles of \(directory) at size \(size)") }
        publishedSize = size
        edge = []
        for level in 0...TilePath.levelMax {
            let count = size >> UInt64(8 * level)
            var bytes: [UInt8] = []
            bytes.reserveCapacity(8192)
            for index in (count & ~255)..<count { bytes += Array(try reader.hash(level: 8 * level, index: index)) }
            edge.append(bytes)
        }
    }

    /// Makes the tiles of a directory again, from the first leaf on.
    public init(rebuilding directory: String) throws(LogError) {
        try self.init(directory: directory)
        try Self.discardRebuilt(directory)
        isRebuilding = true
    }

    /// Where rebuilt files wait.
    static func staging(_ directory: String) -> String { "\(directory)/tile\(File.draftSuffix)" }

    /// Removes what a writer that made the tiles again left without publishing it.
    public static func discardRebuilt(_ directory: String) throws(LogError) {
        do throws(PlatformError) {
            // It may have been killed while it moved them: what is in its place by then is taken as published.
            try TileFiles.synchronizeMoved(staging(directory), to: directory)
            try FileDirectory.removeAll(staging(directory))
        } catch { throw .system(error) }
    }

    /// Adds a leaf by its hash.
    public mutating func append(_ leaf: Hash256) {
        frontier.append(leaf)
        add(leaf, level: 0)
        // A tile is full: its root is an entry of the level above.
        var level = 0
        while edge[level].count == 8192 {
            let index = size >> UInt64(8 * (level + 1)) - 1
            waiting.append((TilePath(.hashes(level: level), index: index), edge[level]))
            edge[level].removeAll(keepingCapacity: true)
            level += 1
            guard level <= TilePath.levelMax else { return }
            add(frontier.subtree(level: 8 * level), level: level)
        }
    }

    private mutating func add(_ hash: Hash256, level: Int) {
        hash.withUnsafeBytes { edge[level].append(contentsOf: $0) }
    }

    /// Full tiles that are not on the disk yet.
    public var waitingCount: Int { waiting.count }

    /// Writes the files of the size that is reached, and returns when they are on the disk.
    public mutating func publish() throws(LogError) {
        guard size > publishedSize else { return }
        var files = waiting
        for level in 0...TilePath.levelMax where !edge[level].isEmpty {
            let index = size >> UInt64(8 * (level + 1))
            files.append((TilePath(.hashes(level: level), index: index, width: edge[level].count / 32), edge[level]))
        }
        if isRebuilding {
            try stage(files)
            try TileFiles.move(Self.staging(directory), to: directory)
            isRebuilding = false
        } else {
            try TileFiles.write(files, below: directory, &directories)
            TileFiles.removePartials(of: waiting.map(\.path), below: directory)
        }
        waiting.removeAll(keepingCapacity: true)
        publishedSize = size
    }

    /// Puts the full tiles to where rebuilt files wait, so that they take no memory.
    public mutating func stage() throws(LogError) {
        precondition(isRebuilding, "what is new goes to its place at once")
        try stage(waiting)
        waiting.removeAll(keepingCapacity: true)
    }

    /// Files that are published with the same bytes are not written again: a rebuilt log takes as much room beside the
    /// published one as is wrong or missing there.
    private mutating func stage(_ files: [(path: TilePath, bytes: [UInt8])]) throws(LogError) {
        let different = files.filter { file in
            let published = try? File.readPrefix("\(directory)/\(file.path)", limit: file.bytes.count + 1)
            return published != file.bytes
        }
        if !different.isEmpty { try TileFiles.write(different, below: Self.staging(directory), &directories) }
    }
}

/// Files of a log: each written beside its place, on the disk, then renamed; directories last.
enum TileFiles {
    static func write(
        _ files: [(path: TilePath, bytes: [UInt8])], below prefix: String, _ directories: inout DurableDirectories
    ) throws(LogError) {
        do throws(PlatformError) {
            for directory in Set(files.map(\.path.directory)) { try directories.create("\(prefix)/\(directory)") }
            try File.replace(files.map { ("\(prefix)/\($0.path)", $0.bytes) })
        } catch { throw .system(error) }
    }

    /// Moves files that are on the disk to the same names below another directory of the file system, and returns when
    /// they are there; the directory that they came from is gone then.
    static func move(_ source: String, to target: String) throws(LogError) {
        guard File.exists(source) else { return }
        do throws(PlatformError) { try moveTree(source, to: target) } catch { throw .system(error) }
    }

    private static func moveTree(_ source: String, to target: String) throws(PlatformError) {
        try FileDirectory.createDurably(target)
        for name in try FileDirectory.names(source) {
            let (from, to) = ("\(source)/\(name)", "\(target)/\(name)")
            if FileDirectory.exists(from) { try moveTree(from, to: to) } else { try File.rename(from, to: to) }
        }
        try FileDirectory.synchronize(target)
        try FileDirectory.remove(source)
    }

    /// Makes the names durable that a process gave which was killed inside `move`: the directory that files came from
    /// goes when they are, so whichever is left may have given some.
    static func synchronizeMoved(_ source: String, to target: String) throws(PlatformError) {
        guard FileDirectory.exists(source), File.exists(target) else { return }
        for name in try FileDirectory.names(source) {
            try synchronizeMoved("\(source)/\(name)", to: "\(target)/\(name)")
        }
        try FileDirectory.synchronize(target)
    }

    /// Partial tiles that a full one has taken the place of. What cannot be removed stays; it is not wrong.
    static func removePartials(of full: [TilePath], below prefix: String) {
        for path in full {
            let directory = "\(prefix)/\(path.partials)"
            guard File.exists(directory), let names = try? FileDirectory.names(directory) else { continue }
            for name in names { try? File.remove("\(directory)/\(name)") }
            try? FileDirectory.remove(directory)
        }
    }
}
