import Testing

@testable import Proof

@Suite struct TilePathTests {
    @Test(
        "names are those of tlog-tiles",
        arguments: [
            (TilePath(.hashes(level: 0), index: 1_234_067), "tile/0/x001/x234/067"),
            (TilePath(.hashes(level: 0), index: 0), "tile/0/000"),
            (TilePath(.hashes(level: 0), index: 273, width: 112), "tile/0/273.p/112"),
            (TilePath(.hashes(level: 2), index: 0, width: 1), "tile/2/000.p/1"),
            (TilePath(.hashes(level: 1), index: 1000, width: 255), "tile/1/x001/000.p/255"),
            (TilePath(.entries, index: 999), "tile/entries/999"),
            (TilePath(.entries, index: 999_999, width: 7), "tile/entries/x999/999.p/7"),
        ])
    func names(_ path: TilePath, _ text: String) throws {
        #expect(path.description == text)
        #expect(TilePath(text) == path)
    }

    @Test(
        "other spellings are refused",
        arguments: [
            "", "/", "tile", "tile/", "tile/0", "tile/0/", "tile/0/0", "tile/0/00", "tile/0/0000", "tile/00/000",
            "tile/64/000", "tile/-1/000", "tile/0/000.p", "tile/0/000.p/", "tile/0/000.p/0", "tile/0/000.p/256",
            "tile/0/000.p/01", "tile/0/x000/000", "tile/0/001/000", "tile/0/x001", "tile/0/x001/", "tile/0/000/",
            "tile/0/000.p/1/", "tile/0/x1/000", "tile/0/x0001/000", "tile/0/y001/000", "tile/entry/000",
            "tile/entries/000.q/1", "tile/0/00a", "tile/0/٠٠٠", "Tile/0/000", " tile/0/000", "tile/0/000 ",
            "tile/0/../checkpoint", "tile/0/x999/x999/x999/x999/x999/x999/x999/x999/x999/999",
        ])
    func refused(_ text: String) {
        #expect(TilePath(text) == nil)
    }

    @Test("a name that is read is the one that is written")
    func roundTrip() {
        var numbers = SeededNumbers(3)
        for _ in 0..<2000 {
            let index = numbers.next() >> UInt64.random(in: 14...63, using: &numbers)
            let kind = Bool.random(using: &numbers) ? TilePath.Kind.entries : .hashes(level: Int(numbers.next() % 8))
            let path = TilePath(kind, index: index, width: Int(numbers.next() % 256) + 1)
            #expect(TilePath(path.description) == path)
            #expect(TilePath(path.full.description)?.isFull == true)
        }
    }

    @Test("damaged names never trap")
    func damage() {
        let name = Array("tile/0/x001/x234/067.p/112".utf8)
        for variant in Damage.variants(of: name, other: Array("tile/entries/x999/999.p/255".utf8)) {
            let text = String(decoding: variant, as: UTF8.self)
            if let path = TilePath(text) { #expect(path.description == text) }
        }
    }

    @Test("a tree has the tiles of its size and no others")
    func widths() {
        func width(_ level: Int, _ index: UInt64, _ size: UInt64) -> Int? {
            TileReader.path(.hashes(level: level), index: index, size: size)?.width
        }
        #expect(width(0, 0, 0) == nil)
        #expect(width(0, 0, 1) == 1)
        #expect(width(0, 0, 256) == 256)
        #expect(width(0, 1, 256) == nil)
        #expect(width(0, 273, 70_000) == 112)
        #expect(width(0, 274, 70_000) == nil)
        #expect(width(1, 0, 70_000) == 256)
        #expect(width(1, 1, 70_000) == 17)
        #expect(width(2, 0, 70_000) == 1)
        #expect(width(3, 0, 70_000) == nil)
        #expect(width(7, 0, MerkleTree.sizeMax) == 64)
        #expect(width(8, 0, MerkleTree.sizeMax) == nil)
        #expect(width(-1, 0, 1) == nil)
        #expect(width(0, .max, 1) == nil)
        #expect(width(0, 0, .max) == nil)
    }
}
