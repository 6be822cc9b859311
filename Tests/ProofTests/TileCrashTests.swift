import Cryptography
import Platform
import Testing

@testable import Proof

/// The states in which a crash may leave a directory while a size is published, each put together from the steps that
/// were taken: drafts, renames, removal of partial tiles.
@Suite struct TileCrashTests {
    private static let leaves = LeafSource.numbers(70_000).leaves

    /// Files before and behind a call of `publish`.
    private struct Step {
        let old: Int, size: Int
        let before: [String: [UInt8]], after: [String: [UInt8]]

        init(_ old: Int, _ size: Int) throws {
            (self.old, self.size) = (old, size)
            let directory = ScratchDirectory()
            var writer = try TileWriter(directory: directory.path)
            for leaf in leaves[..<old] { writer.append(leaf) }
            try writer.publish()
            before = try directory.files()
            for leaf in leaves[old..<size] { writer.append(leaf) }
            try writer.publish()
            after = try directory.files()
        }

        /// What stands there after each number of steps.
        func states() -> [[String: [UInt8]]] {
            var state = before
            var states = [state]
            func step(_ change: (inout [String: [UInt8]]) -> Void) {
                change(&state)
                states.append(state)
            }
            let written = after.filter { before[$0.key] == nil }.sorted { $0.key < $1.key }
            for (name, bytes) in written {
                for count in [0, bytes.count / 2, bytes.count] {
                    step { $0[name + File.draftSuffix] = Array(bytes.prefix(count)) }
                }
            }
            for (name, bytes) in written {
                step {
                    $0[name + File.draftSuffix] = nil
                    $0[name] = bytes
                }
            }
            for name in before.keys.sorted() where after[name] == nil { step { $0[name] = nil } }
            return states
        }
    }

    @Test(
        "a crash at any step loses nothing that was signed, and writing again gives the same files",
        arguments: [(0, 1), (1, 2), (100, 255), (200, 256), (255, 257), (300, 900), (65_300, 65_537)])
    func crash(_ old: Int, _ size: Int) throws {
        let step = try Step(old, size)
        let root = MerkleTree.root(Array(Self.leaves[..<old]))
        for state in step.states() {
            let directory = ScratchDirectory()
            for (name, bytes) in state { try directory.put(name, bytes) }
            // The signed size is whole, whatever else stands there.
            let reader = TileReader(TileDirectory(directory.path), size: UInt64(old))
            #expect(try MerkleTree.root(size: UInt64(old), reader) == root)

            var writer = try TileWriter(directory: directory.path, size: UInt64(old), root: root)
            for leaf in Self.leaves[old..<size] { writer.append(leaf) }
            try writer.publish()
            let files = try directory.files()
            #expect(files.filter { !$0.key.hasSuffix(File.draftSuffix) } == step.after)
            #expect(files.keys.allSatisfy { !$0.hasSuffix(File.draftSuffix) })
        }
    }

    @Test("a crash and another number of records behind it do no harm")
    func otherSize() throws {
        let step = try Step(300, 500)
        let root = MerkleTree.root(Array(Self.leaves[..<300]))
        for state in step.states() {
            let directory = ScratchDirectory()
            for (name, bytes) in state { try directory.put(name, bytes) }
            var writer = try TileWriter(directory: directory.path, size: 300, root: root)
            for leaf in Self.leaves[300..<520] { writer.append(leaf) }
            try writer.publish()
            #expect(writer.root == MerkleTree.root(Array(Self.leaves[..<520])))
            let reader = TileReader(TileDirectory(directory.path), size: 520)
            #expect(try reader.rootOfAllTiles() == writer.root)
        }
    }

    @Test("a disk that refuses changes no file")
    func refused() throws {
        let directory = ScratchDirectory()
        var writer = try TileWriter(directory: directory.path)
        for leaf in Self.leaves[..<300] { writer.append(leaf) }
        try writer.publish()
        let before = try directory.files()
        // A directory stands where a draft has to: the second file of the next size cannot be written.
        try FileDirectory.create("\(directory.path)/tile/1/000.p/2.draft/in-the-way")
        for leaf in Self.leaves[300..<600] { writer.append(leaf) }
        #expect(throws: LogError.self) { try writer.publish() }
        #expect(writer.publishedSize == 300)
        let files = try directory.files()
        for (name, bytes) in before { #expect(files[name] == bytes) }
        #expect(Set(files.keys.filter { !$0.hasSuffix(File.draftSuffix) }) == Set(before.keys))
        // It is free again: the same call makes up for it.
        try FileDirectory.remove("\(directory.path)/tile/1/000.p/2.draft/in-the-way")
        try FileDirectory.remove("\(directory.path)/tile/1/000.p/2.draft")
        try writer.publish()
        #expect(try TileReader(TileDirectory(directory.path), size: 600).rootOfAllTiles() == writer.root)
    }

    @Test("tiles that are made again touch nothing before they are published; then what was wrong or missing is right")
    func rebuilt() throws {
        let directory = ScratchDirectory()
        var writer = try TileWriter(directory: directory.path)
        for leaf in Self.leaves[..<70_000] { writer.append(leaf) }
        try writer.publish()
        let good = try directory.files()
        try File.remove("\(directory.path)/tile/0/007")
        try File.replace("\(directory.path)/tile/1/000", with: [1, 2, 3])
        let before = try directory.files()
        // Other leaves, which nobody publishes: they are discarded.
        var other = try TileWriter(rebuilding: directory.path)
        for leaf in Self.leaves[..<70_000].reversed() { other.append(leaf) }
        try other.stage()
        try TileWriter.discardRebuilt(directory.path)
        #expect(try directory.files() == before)
        // The same, left by a process that was killed: whoever makes them again begins anew.
        other = try TileWriter(rebuilding: directory.path)
        for leaf in Self.leaves[..<70_000].reversed() { other.append(leaf) }
        try other.stage()
        var rebuilt = try TileWriter(rebuilding: directory.path)
        for (index, leaf) in Self.leaves[..<70_000].enumerated() {
            rebuilt.append(leaf)
            if index % 10_000 == 0 { try rebuilt.stage() }
            if index == 69_999 { #expect(try directory.files().filter { before[$0.key] != nil } == before) }
        }
        try rebuilt.publish()
        #expect(try directory.files() == good)
    }
}
