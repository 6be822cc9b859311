import Cryptography
import Foundation
import Platform
import Reference
import Testing
import Venue
import Wire

@testable import Journal
@testable import Replay

/// Snapshots: written, found, refused, and gone on from.
@Suite final class SnapshotTests {
    private let directory: String
    private let fixture: ReplayFixture

    init() throws {
        directory = NSTemporaryDirectory() + "/glassbook-snapshots-\(UUID().uuidString)"
        fixture = try ReplayFixture()
    }

    deinit { try? FileManager.default.removeItem(atPath: directory) }

    /// Replays the journal and takes snapshots on the way, of all records of `sequences` that end a command.
    private func snapshots(_ wanted: (UInt64) -> Bool) throws -> (snapshots: [StateSnapshot], genesis: [UInt8]) {
        var scan = try JournalScan(directory: fixture.directory)
        let first = try #require(try scan.next())
        let genesis = Array(UnsafeRawBufferPointer(start: first.command, count: GenesisMessage.size))
        var replayer = Replayer<Venue>(genesis: GenesisMessage(first.command))
        var record: RecordView? = first
        var snapshots: [StateSnapshot] = []
        while let current = record {
            try replayer.replay(current)
            if wanted(current.sequence), let snapshot = replayer.snapshot() { snapshots.append(snapshot) }
            record = try scan.next()
        }
        return (snapshots, genesis)
    }

    private func replayRest<V: RestorableVenue & ~Copyable>(_ type: V.Type, _ snapshot: StateSnapshot) throws -> Hash256
    {
        var replayer = try Replayer<V>(snapshot)
        var reader = try TailReader.open(
            directory: fixture.directory, from: .after(sequence: snapshot.sequence, hash: snapshot.chainHead))
        while let record = try reader.next() { try replayer.replay(record) }
        return StateHash.of(replayer.venue)
    }

    @Test func theRestOfTheJournalFollowsFromASnapshot() throws {
        let whole = try JournalReplay(fixture.directory, through: Venue.self)
        let (snapshots, genesis) = try snapshots { $0 % 97 == 0 || $0 > 612 }
        #expect(snapshots.count > 8)
        for snapshot in snapshots {
            let read = try StateSnapshot(snapshot.bytes, genesis: genesis)
            #expect(try replayRest(Venue.self, read) == whole.stateHash)
            #expect(try replayRest(Reference.self, read) == whole.stateHash)
        }
    }

    /// A large state is in memory once, in the bytes of its file: a start would need it twice else.
    @Test func theStateIsInTheBytesOfTheFile() throws {
        let (made, genesis) = try snapshots { $0 == 100 }
        let snapshot = try #require(made.first)
        let store = SnapshotDirectory(directory)
        try store.write(snapshot, kept: 1)
        let found = try #require(store.newest(genesis: genesis).snapshot)
        #expect(found.bytes == snapshot.bytes)
        for one in [snapshot, found] {
            let file = one.bytes.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) }
            #expect(one.state.withUnsafeBytes { UInt(bitPattern: $0.baseAddress) } == file + 144)
            #expect(one.bytes.count == 144 + one.state.count + 32)
        }
    }

    /// Room for all that the capacities allow makes no other bytes.
    @Test func roomFromTheStart() throws {
        var scan = try JournalScan(directory: fixture.directory)
        let first = try #require(try scan.next())
        let genesis = GenesisMessage(first.command)
        var replayer = Replayer<Venue>(genesis: genesis)
        let most = Int(clamping: StateSnapshot.bytesMax(genesis: genesis))
        try replayer.replay(first)
        for _ in 0..<200 { if let record = try scan.next() { try replayer.replay(record) } }
        let (roomy, grown) = (replayer.snapshot(capacity: most), replayer.snapshot())
        let snapshot = try #require(roomy)
        #expect(snapshot.bytes == grown?.bytes)
        #expect(snapshot.bytes.count <= most && snapshot.bytes.capacity >= most)
    }

    @Test func noSnapshotWhileACommandIsUnfinished() throws {
        let crossing = try #require(fixture.sequences[.crossing])
        #expect(try snapshots { $0 == crossing }.snapshots.isEmpty)
    }

    @Test func theNewestGoodOneIsFound() throws {
        let store = SnapshotDirectory(directory)
        let (made, genesis) = try snapshots { [100, 200, 300, 400].contains($0) }
        #expect(store.newest(genesis: genesis).snapshot == nil)
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let draft = directory + "/" + SnapshotDirectory.name(99) + ".draft"
        try Data([1]).write(to: URL(filePath: draft))
        for snapshot in made { try store.write(snapshot, kept: 3) }
        #expect(!FileManager.default.fileExists(atPath: draft))
        #expect(store.sequences() == [200, 300, 400])
        #expect(store.newest(genesis: genesis).snapshot?.sequence == 400)
        #expect(store.newest(genesis: genesis, through: 399).snapshot?.sequence == 300)
        let refusing = store.newest(genesis: genesis) { $0.sequence > 200 ? .journal("another record") : nil }
        #expect(refusing.snapshot?.sequence == 200 && refusing.refused.count == 2)
        // The newest is cut, the next one changed: what is left counts, then nothing does.
        try rewrite(400) { Array($0.dropLast(5)) }
        try rewrite(300) { bytes in
            var bytes = bytes
            bytes[500] ^= 1
            return bytes
        }
        let found = store.newest(genesis: genesis)
        #expect(found.snapshot?.sequence == 200 && found.refused.count == 2)
        try rewrite(200) { _ in [] }
        let none = store.newest(genesis: genesis)
        #expect(none.snapshot == nil && none.refused.count == 3)
    }

    private func rewrite(_ sequence: UInt64, _ change: ([UInt8]) -> [UInt8]) throws {
        let path = directory + "/" + SnapshotDirectory.name(sequence)
        let bytes = try Array(Data(contentsOf: URL(filePath: path)))
        try Data(change(bytes)).write(to: URL(filePath: path))
    }

    @Test func othersAreRefusedWithAReason() throws {
        let store = SnapshotDirectory(directory)
        let (made, genesis) = try snapshots { $0 == 100 }
        let snapshot = try #require(made.first)
        try store.write(snapshot, kept: 1)
        var another = genesis
        another[10] ^= 1
        #expect(throws: SnapshotRefusal.foreign) { try StateSnapshot(snapshot.bytes, genesis: another) }
        // The header of the message is not part of the venue id, but of the configuration.
        another = genesis
        another[6] ^= 1
        #expect(throws: SnapshotRefusal.configuration) { try StateSnapshot(snapshot.bytes, genesis: another) }
        var future = snapshot.bytes
        future[8] = 2
        #expect(throws: SnapshotRefusal.version(2)) { try StateSnapshot(future, genesis: genesis) }
        try FileManager.default.moveItem(
            atPath: directory + "/" + SnapshotDirectory.name(100), toPath: directory + "/" + SnapshotDirectory.name(101)
        )
        guard case .name(100) = store.newest(genesis: genesis).refused.first?.refusal else {
            Issue.record("a snapshot under another's name is taken")
            return
        }
    }

    @Test func anyBytesAreRefusedOrRead() throws {
        let (made, genesis) = try snapshots { $0 == 300 }
        let bytes = try #require(made.first).bytes
        for count in stride(from: 0, to: bytes.count, by: 7) {
            #expect(throws: SnapshotRefusal.self) { try StateSnapshot(Array(bytes[..<count]), genesis: genesis) }
        }
        for bit in stride(from: 0, to: bytes.count * 8, by: 61) {
            var changed = bytes
            changed[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: SnapshotRefusal.self) { try StateSnapshot(changed, genesis: genesis) }
        }
    }

    @Test func aStateThatCannotBeIsRefusedWhenItIsRestored() throws {
        let (made, genesis) = try snapshots { $0 == 300 }
        var bytes = try #require(made.first).bytes
        // Somebody who can write files gives an account more than there is, and makes the hash hold.
        let last = bytes.count - 32 - StateLayout.orderBytes * 4
        bytes[last] ^= 4
        let end = bytes.count - 32
        let hash = Blake2b256.hash(Array(bytes[..<end]))
        bytes.replaceSubrange(end..., with: hash.withUnsafeBytes { Array($0) })
        let snapshot = try StateSnapshot(bytes, genesis: genesis)
        #expect(throws: SnapshotRefusal.self) { _ = try Replayer<Venue>(snapshot).finish().feedGeneration }
        #expect(throws: SnapshotRefusal.self) { _ = try Replayer<Reference>(snapshot).finish().feedGeneration }
    }
}
