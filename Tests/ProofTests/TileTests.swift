import Cryptography
import Platform
import Testing

@testable import Proof

/// What the files of a log have to be, from the definition of tlog-tiles alone.
struct ExpectedTiles {
    /// By tile level: the hashes that tiles of that level are made of.
    private var levels: [[Hash256]]

    init(_ leaves: [Hash256]) {
        levels = [leaves]
        while let below = levels.last, below.count >= 256 {
            levels.append(
                (0..<(below.count / 256)).map { MerkleTree.root(Array(below[($0 * 256)..<($0 * 256 + 256)])) })
        }
    }

    /// Name and bytes of each tile of hashes that a tree of `size` has.
    func files(_ size: Int) -> [String: [UInt8]] {
        var (files, count, level) = ([String: [UInt8]](), size, 0)
        while count > 0 {
            for index in 0..<((count + 255) / 256) {
                let hashes = levels[level][(index * 256)..<min(count, index * 256 + 256)]
                let path = TilePath(.hashes(level: level), index: UInt64(index), width: hashes.count)
                files["\(path)"] = hashes.flatMap { Array($0) }
            }
            (count, level) = (count / 256, level + 1)
        }
        return files
    }
}

@Suite struct TileTests {
    static let leaves = LeafSource.numbers(70_000).leaves
    static let expected = ExpectedTiles(leaves)

    @Test("a log has the files of its size", arguments: [1, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, 70_000])
    func files(_ size: Int) throws {
        let directory = ScratchDirectory()
        var writer = try TileWriter(directory: directory.path)
        for leaf in Self.leaves[..<size] { writer.append(leaf) }
        try writer.publish()
        #expect(try directory.files() == Self.expected.files(size))
        #expect(writer.publishedSize == UInt64(size))

        let reader = TileReader(TileDirectory(directory.path), size: UInt64(size))
        let root = MerkleTree.root(Array(Self.leaves[..<size]))
        #expect(writer.root == root)
        #expect(try MerkleTree.root(size: UInt64(size), reader) == root)
        #expect(try reader.rootOfAllTiles() == root)
    }

    @Test("size 70,000 is the example of tlog-tiles")
    func specificationExample() {
        let names = Set(Self.expected.files(70_000).keys)
        #expect(names.count == 273 + 1 + 1 + 1 + 1)
        #expect(names.isSuperset(of: ["tile/0/272", "tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17"]))
        #expect(names.contains("tile/2/000.p/1"))
    }

    @Test("every size that was published can be read, also after full tiles took the place of partial ones")
    func growth() throws {
        let directory = ScratchDirectory()
        var writer = try TileWriter(directory: directory.path)
        var sizes: [UInt64] = []
        for step in [1, 1, 100, 153, 1, 1, 255, 1000, 256, 64_000, 1, 300] {
            for leaf in Self.leaves[Int(writer.size)...].prefix(step) { writer.append(leaf) }
            try writer.publish()
            sizes.append(writer.size)
        }
        for (old, size) in zip(sizes, sizes.dropFirst()) {
            let reader = TileReader(TileDirectory(directory.path), size: size)
            let roots = try [old, size].map { size in
                try MerkleTree.root(size: size, TileReader(TileDirectory(directory.path), size: size))
            }
            #expect(roots == [old, size].map { MerkleTree.root(Array(Self.leaves[..<Int($0)])) })
            let proof = try MerkleTree.consistencyProof(old: old, size: size, reader)
            #expect(
                MerkleTree.isConsistent(old: old, oldRoot: roots[0], size: size, root: roots[1], proof: proof))
            for index in [0, old - 1, old, size - 1] {
                let path = try MerkleTree.inclusionProof(index: index, size: size, reader)
                #expect(
                    MerkleTree.includes(
                        Self.leaves[Int(index)], index: index, size: size, proof: path, root: roots[1]))
            }
        }
        // Every tile that is full stands there whole, and none of its partial ones.
        let files = try directory.files()
        for (name, bytes) in Self.expected.files(Int(writer.size)) { #expect(files[name] == bytes) }
        for name in files.keys {
            let path = try #require(TilePath(name))
            #expect(path.isFull || files["\(path.full)"] == nil)
        }
    }

    @Test("a writer goes on at any size", arguments: [0, 1, 255, 256, 257, 600, 65_536, 65_800])
    func resume(_ size: Int) throws {
        let directory = ScratchDirectory()
        var first = try TileWriter(directory: directory.path)
        for leaf in Self.leaves[..<size] { first.append(leaf) }
        try first.publish()
        var second = try TileWriter(directory: directory.path, size: UInt64(size), root: first.root)
        for leaf in Self.leaves[size..<(size + 300)] { second.append(leaf) }
        try second.publish()
        let files = try directory.files()
        for (name, bytes) in Self.expected.files(size + 300) { #expect(files[name] == bytes) }
        #expect(second.root == MerkleTree.root(Array(Self.leaves[..<(size + 300)])))
    }

    @Test("a writer does not go on from tiles of another root")
    func otherRoot() throws {
        let directory = ScratchDirectory()
        var writer = try TileWriter(directory: directory.path)
        for leaf in Self.leaves[..<300] { writer.append(leaf) }
        try writer.publish()
        #expect(throws: LogError.mismatch("the tiles of \(directory.path) at size 300")) {
            _ = try TileWriter(directory: directory.path, size: 300, root: .zero)
        }
        #expect(throws: LogError.self) { _ = try TileWriter(directory: directory.path, size: 301, root: writer.root) }
    }

    @Test("a missing tile, one of the wrong width and a changed one are told apart")
    func damage() throws {
        for name in ["tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2"] {
            let directory = ScratchDirectory()
            var writer = try TileWriter(directory: directory.path)
            for leaf in Self.leaves[..<600] { writer.append(leaf) }
            try writer.publish()
            func fault() -> LogError? {
                do throws(LogError) {
                    let root = try TileReader(TileDirectory(directory.path), size: 600).rootOfAllTiles()
                    return root == writer.root ? nil : .mismatch("root")
                } catch { return error }
            }
            #expect(fault() == nil)
            let bytes = try #require(try directory.files()[name])
            let short: [[UInt8]] = [[], Array(bytes.dropLast()), Array(bytes.dropLast(32))]
            for bad in short + [bytes + [0], bytes + bytes] {
                try directory.put(name, bad)
                guard case .malformed = fault() else {
                    Issue.record("\(name) of \(bad.count) bytes: \(String(describing: fault()))")
                    continue
                }
            }
            for offset in stride(from: 0, to: bytes.count, by: 101) {
                var bad = bytes
                bad[offset] ^= 0x10
                try directory.put(name, bad)
                guard case .mismatch = fault() else {
                    Issue.record("\(name), byte \(offset): \(String(describing: fault()))")
                    continue
                }
            }
            try File.remove("\(directory.path)/\(name)")
            #expect(fault() == .missing("\(directory.path)/\(name)"))
            // A directory in its place is a fault of the system's, not a missing file.
            try FileDirectory.create("\(directory.path)/\(name)")
            guard case .system = fault() else { Issue.record("a directory was read"); continue }
        }
    }

    @Test("a full tile that is too short does not serve for a partial one")
    func shortFullTile() throws {
        let directory = ScratchDirectory()
        try directory.put("tile/0/000", Self.leaves[..<20].flatMap { Array($0) })
        let reader = TileReader(TileDirectory(directory.path), size: 10)
        #expect(throws: LogError.malformed("tile/0/000.p/10: 640 bytes", expected: "256 hashes of 32 bytes")) {
            _ = try reader.hash(level: 0, index: 0)
        }
    }

    @Test("subtrees that the tree does not have are missing")
    func outside() throws {
        let directory = ScratchDirectory()
        var writer = try TileWriter(directory: directory.path)
        for leaf in Self.leaves[..<300] { writer.append(leaf) }
        try writer.publish()
        let reader = TileReader(TileDirectory(directory.path), size: 300)
        for (level, index) in [(0, 300), (0, .max), (8, 1), (9, 0), (62, 0), (63, 0), (64, 0), (-1, 0), (8, 1 << 56)] {
            #expect(throws: LogError.self) { _ = try reader.hash(level: level, index: UInt64(index)) }
        }
        #expect(try reader.hash(level: 8, index: 0) == MerkleTree.root(Array(Self.leaves[..<256])))
        #expect(try reader.hash(level: 2, index: 74) == MerkleTree.root(Array(Self.leaves[296..<300])))
    }
}
