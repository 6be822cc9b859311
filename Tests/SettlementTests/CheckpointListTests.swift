import Foundation
import Platform
import Proof
import Testing

@testable import Settlement

/// The list of kept checkpoints, which nobody holds in memory.
@Suite struct CheckpointListTests {
    /// A directory of what is published.
    private final class Place {
        let published = FileManager.default.temporaryDirectory.path + "/glassbook-" + UUID().uuidString

        init(kept: [UInt64], list: String?) throws {
            try FileManager.default.createDirectory(
                atPath: "\(published)/\(CheckpointFiles.directory)", withIntermediateDirectories: true)
            for size in kept {
                try Data([1]).write(to: URL(fileURLWithPath: "\(published)/\(CheckpointFiles.path(size))"))
            }
            if let list { try write(list) }
        }

        deinit { try? FileManager.default.removeItem(atPath: published) }

        var list: String? { try? String(contentsOfFile: "\(published)/\(CheckpointFiles.index)", encoding: .utf8) }

        func write(_ list: String) throws {
            try Data(list.utf8).write(to: URL(fileURLWithPath: "\(published)/\(CheckpointFiles.index)"))
        }

        /// Writes behind what is there.
        func append(_ text: String) throws {
            let file = try #require(FileHandle(forWritingAtPath: "\(published)/\(CheckpointFiles.index)"))
            try file.seekToEnd()
            try file.write(contentsOf: Data(text.utf8))
            try file.close()
        }
    }

    private static func lines(_ sizes: [UInt64]) -> String { sizes.map { "\($0)\n" }.joined() }

    @Test("kept sizes come in order, however few fit the memory", arguments: [1, 7, 100, 1_000])
    func kept(_ limit: Int) throws {
        let sizes = (1...100).map { UInt64($0 * $0) }
        let place = try Place(kept: sizes, list: nil)
        for isDescending in [false, true] {
            var kept = KeptSizes(place.published, isDescending: isDescending, limit: limit)
            var found: [UInt64] = []
            while let size = try kept.next() { found.append(size) }
            #expect(found == (isDescending ? sizes.reversed() : sizes))
        }
        var behind = KeptSizes(place.published, after: 9_800, limit: limit)
        #expect(try (behind.next(), behind.next(), behind.next()) == (9_801, 10_000, nil))
    }

    @Test("a start adds what the list lacks, wherever that is, and takes nothing out", arguments: [1, 7, 1_000])
    func union(_ limit: Int) throws {
        let kept = (1...60).map { UInt64($0 * 3) }
        let removed = [4, 50, 179] as [UInt64]
        let all = (kept + removed).sorted()
        for list in [
            nil, "", Self.lines(all), Self.lines(all.filter { $0 > 10 }), Self.lines(all.filter { $0 % 9 != 0 }),
            Self.lines(all.dropLast()) + "1", Self.lines(all) + "1999", Self.lines([4, 50, 179]),
        ] {
            let place = try Place(kept: kept, list: list)
            _ = try CheckpointArchive(place.published, limit: limit)
            // A list that says nothing of the removed ones says nothing now.
            let said = list.map { $0.split(separator: "\n").compactMap { UInt64($0) } } ?? []
            let expected = Set(kept).union(said.filter(removed.contains)).sorted()
            #expect(place.list == Self.lines(expected), "\(list ?? "none")")
            // A second start has nothing to do.
            let before = try FileManager.default.attributesOfItem(atPath: "\(place.published)/\(CheckpointFiles.index)")
            _ = try CheckpointArchive(place.published, limit: limit)
            let after = try FileManager.default.attributesOfItem(atPath: "\(place.published)/\(CheckpointFiles.index)")
            #expect(before[.systemFileNumber] as? UInt64 == after[.systemFileNumber] as? UInt64)
        }
        // What is no list counts for nothing.
        for list in ["\n", "3\n2\n", "03\n", "x\n", String(repeating: "7", count: 70_000), Self.lines([6, 6])] {
            let place = try Place(kept: kept, list: list)
            _ = try CheckpointArchive(place.published, limit: limit)
            #expect(place.list == Self.lines(kept))
        }
    }

    @Test("a reader goes on where it stopped, over torn lines, longer lists, and a list in its place")
    func reader() throws {
        let place = try Place(kept: [], list: nil)
        var reader = CheckpointListReader(place.published, after: 5)
        #expect(try reader.next() == nil)
        try place.write("3\n5\n8\n1")
        #expect(try (reader.next(), reader.next()) == (8, nil))
        #expect(reader.hasRest && reader.byteCount == 6)
        try place.append("2\n")
        #expect(try (reader.next(), reader.next()) == (12, nil))
        let many = (13...40_000).map { UInt64($0) }
        try place.append(Self.lines(many))
        for size in many { #expect(try reader.next() == size) }
        #expect(try reader.next() == nil && !reader.hasRest)
        // Another file takes the name, with a size that was not there.
        let path = "\(place.published)/\(CheckpointFiles.index)"
        try File.replace(path, with: Array(Self.lines([4, 12, 39_999, 50_000]).utf8))
        #expect(try (reader.next(), reader.next()) == (50_000, nil))
        try place.append("7\n")
        #expect(throws: SettlementError.self) { try reader.next() }
    }
}
