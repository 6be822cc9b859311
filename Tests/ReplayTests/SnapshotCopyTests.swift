import Cryptography
import Foundation
import Platform
import Replay
import Testing

/// Copies of snapshots, piece by piece.
@Suite struct SnapshotCopyTests {
    private let directory = NSTemporaryDirectory() + "/glassbook-copy-\(UUID().uuidString)"

    /// Bytes that end with the hash of those before, as the file of a snapshot does, under the name of one.
    private func write(_ count: Int, _ change: (inout [UInt8]) -> Void = { _ in }) throws -> [UInt8] {
        let body = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        var bytes = body + Blake2b256.hash(body).withUnsafeBytes { Array($0) }
        change(&bytes)
        try FileDirectory.create(directory)
        try File.replace("\(directory)/\(SnapshotDirectory.name(7))", with: bytes)
        return bytes
    }

    @Test(
        "a copy has the same bytes, wherever the pieces end",
        arguments: [0, 1, 31, 1 << 20, (1 << 20) - 32, (1 << 20) - 31, (1 << 20) - 1, (1 << 20) + 1, (2 << 20) - 16])
    func same(_ count: Int) throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let bytes = try write(count), target = directory + "/copy"
        try SnapshotDirectory(directory).copy(7, to: target)
        #expect(try File.readPrefix(target, limit: bytes.count + 1) == bytes)
        #expect(!File.exists(target + ".draft"))
    }

    @Test("what is damaged gets no name, and what had it before stays")
    func damaged() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let target = directory + "/copy"
        _ = try write(5)
        try File.replace(target, with: [1])
        for count in [0, 5, (1 << 20) + 3] {
            for place in [0, count / 2, count + 31] {
                _ = try write(count) { $0[place] ^= 4 }
                #expect(throws: SnapshotRefusal.damaged("its hash does not hold")) {
                    try SnapshotDirectory(directory).copy(7, to: target)
                }
            }
            _ = try write(count) { $0.removeLast() }
            #expect(throws: SnapshotRefusal.self) { try SnapshotDirectory(directory).copy(7, to: target) }
        }
        #expect(try File.readPrefix(target, limit: 9) == [1] && !File.exists(target + ".draft"))
        #expect(throws: SnapshotRefusal.self) { try SnapshotDirectory(directory).copy(8, to: target) }
    }

    @Test("a copy that cannot be made leaves nothing behind")
    func unreadable() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        // It opens, and cannot be read.
        try FileDirectory.create("\(directory)/\(SnapshotDirectory.name(9))")
        let target = directory + "/copy"
        #expect(throws: SnapshotRefusal.self) { try SnapshotDirectory(directory).copy(9, to: target) }
        #expect(!File.exists(target) && !File.exists(target + ".draft"))
    }

    @Test("a second name keeps a snapshot that goes")
    func linked() throws {
        defer { try? FileManager.default.removeItem(atPath: directory) }
        let bytes = try write(100), first = SnapshotDirectory(directory)
        let second = SnapshotDirectory(directory + "/waiting")
        try first.link(7, to: second)
        try first.link(7, to: second)
        try first.remove(7)
        #expect(first.sequences() == [] && second.sequences() == [7])
        #expect(try File.readPrefix("\(second.path)/\(SnapshotDirectory.name(7))", limit: 1_000) == bytes)
    }
}
