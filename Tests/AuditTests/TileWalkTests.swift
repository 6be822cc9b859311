import Cryptography
import Proof
import Testing

@testable import Audit

/// Trees of three levels of tiles, walked against a root that was made without tiles.
@Suite struct TileWalkTests {
    @Test func everyTileOfALargeTreeIsItsLeaves() throws {
        let published = try Published()
        var writer = try TileWriter(directory: published.tiles)
        var tree = LogTree()
        var leaves: [Hash256] = []
        for size in [UInt64(255), 256, 65_535, 65_536, 65_537, 65_793, 70_000] {
            while tree.size < size {
                let leaf = withUnsafeBytes(of: tree.size) { Sha256.hash($0) }
                leaves.append(leaf)
                tree.append(leaf)
                writer.append(leaf)
            }
            try writer.publish()
            var walk = try TileWalk(PublishedFiles(published.tiles), size: size, root: tree.root)
            // All of them once; of large trees the edges are what differs.
            let tiles = (size + 255) / 256
            for tile in 0..<tiles where size == 70_000 || tile < 2 || tile + 3 > tiles {
                let end = min(Int(tile + 1) * 256, Int(size))
                #expect(try walk.hashes(level: 0, index: tile) == Array(leaves[Int(tile) * 256..<end]))
            }
        }
        #expect(throws: SourceError.self) {
            try TileWalk(PublishedFiles(published.tiles), size: 70_000, root: leaves[0])
        }
    }
}
