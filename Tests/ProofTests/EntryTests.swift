import Cryptography
import Platform
import Testing

@testable import Proof

@Suite struct EntryTests {
    /// A log with its entries in a directory.
    private func log(_ size: Int, entries: Int? = nil) throws -> ScratchDirectory {
        let directory = ScratchDirectory()
        var tiles = try TileWriter(directory: directory.path)
        for index in 0..<UInt64(size) { tiles.append(MerkleHash.leaf(LogFixture.entry(index))) }
        try tiles.publish()
        var writer = EntryWriter(directory: directory.path, size: 0)
        for index in 0..<UInt64(entries ?? size) {
            try LogFixture.entry(index).withUnsafeBytes { try writer.append($0) }
        }
        try writer.publish()
        return directory
    }

    @Test("entries are held to the hashes", arguments: [1, 255, 256, 257, 600])
    func entries(_ size: Int) throws {
        let directory = try log(size)
        let reader = TileReader(TileDirectory(directory.path), size: UInt64(size))
        var entries: [[UInt8]] = []
        for bundle in 0..<UInt64((size + 255) / 256) { entries += try reader.entries(bundle: bundle) }
        #expect(entries == (0..<UInt64(size)).map(LogFixture.entry))
        #expect(throws: LogError.self) { _ = try reader.entries(bundle: UInt64((size + 255) / 256)) }
    }

    @Test("bundles may lag behind hashes, and a full bundle serves an earlier size")
    func lag() throws {
        let directory = try log(600, entries: 300)
        let reader = TileReader(TileDirectory(directory.path), size: 600)
        #expect(try reader.entries(bundle: 0).count == 256)
        #expect(throws: LogError.missing("\(directory.path)/tile/entries/001")) { try reader.entries(bundle: 1) }
        #expect(try TileReader(TileDirectory(directory.path), size: 300).entries(bundle: 1).count == 44)
        #expect(try TileReader(TileDirectory(directory.path), size: 100).entries(bundle: 0).count == 100)
    }

    @Test("a writer goes on behind any size and makes the same files", arguments: [0, 1, 255, 256, 300])
    func resume(_ size: Int) throws {
        let directory = try log(600, entries: size)
        var writer = EntryWriter(directory: directory.path, size: UInt64(size))
        #expect(writer.nextIndex == UInt64(size & ~255))
        while writer.nextIndex < 600 {
            let entry = LogFixture.entry(writer.nextIndex)
            try entry.withUnsafeBytes { try writer.append($0) }
            if writer.nextIndex % 90 == 0 { try writer.publish() }
        }
        try writer.publish()
        #expect(writer.publishedSize == 600)
        let files = try directory.files(), whole = try log(600).files()
        for (name, bytes) in whole { #expect(files[name] == bytes) }
    }

    @Test("a bundle is its entries, each behind its length, and nothing else")
    func bundles() {
        let entries: [[UInt8]] = [[], [1], Array(repeating: 7, count: 300), Array(repeating: 9, count: 65_535)]
        var bundle: [UInt8] = []
        for entry in entries { entry.withUnsafeBytes { EntryBundle.append($0, to: &bundle) } }
        #expect(bundle.prefix(8) == [0, 0, 0, 1, 1, 1, 44, 7])
        #expect(EntryBundle.entries(bundle, count: 4) == entries)
        #expect(EntryBundle.entries(bundle, count: 3) == nil)
        #expect(EntryBundle.entries(bundle, count: 5) == nil)
        #expect(EntryBundle.entries(bundle + [0], count: 4) == nil)
        #expect(EntryBundle.entries([], count: 0) == [])
        for end in 1..<400 { #expect(EntryBundle.entries(Array(bundle[..<end]), count: 4) == nil) }
    }

    @Test("changed, shortened and spliced bundles are refused")
    func damage() throws {
        let directory = try log(300)
        let name = "tile/entries/001.p/44"
        let files = try directory.files()
        let bytes = try #require(files[name]), other = try #require(files["tile/entries/000"])
        for variant in Damage.variants(of: bytes, other: other, splices: 200) {
            try directory.put(name, variant)
            #expect(throws: LogError.self) {
                try TileReader(TileDirectory(directory.path), size: 300).entries(bundle: 1)
            }
        }
    }
}
