import Cryptography
import Foundation
import Proof
import Replay
import Testing
import Wire

@testable import Audit
@testable import Reference

/// Snapshots are somebody's bytes: whatever is wrong with them is no success, and no fraud of the venue.
@Suite struct HostileSnapshotTests {
    private let fixture = AuditFixture(orders: 40)
    private let published: Published
    private let start: UInt64
    private let good: [UInt8]

    init() throws {
        published = try Published()
        try published.writeTiles(fixture.records, log: fixture.log)
        try published.writeBatches([fixture.batch(1...20)])
        start = fixture.committed[1]
        good = try fixture.snapshot(at: start).bytes
    }

    private func report(_ bytes: [UInt8]) throws -> AuditReport {
        try published.writeSnapshot(bytes)
        return audit(.tiles(published.tiles), fixture.anchors) {
            ($0.snapshot, $0.saveSnapshot) = (published.snapshot, published.directory + "/saved")
        }
    }

    private func expectRefusal(_ bytes: [UInt8], _ text: String = "", _ place: String = "") throws {
        let report = try report(bytes)
        #expect(report.exitStatus == 2 && report.finding == nil, "\(place): \(report)")
        let isSaid = report.notChecked.contains { $0.hasPrefix("snapshot") && (text.isEmpty || $0.contains(text)) }
        #expect(isSaid, "\(place): \(report)")
        #expect(!FileManager.default.fileExists(atPath: published.directory + "/saved"))
    }

    @Test("the file as it was written passes")
    func honest() throws {
        let report = try report(good)
        #expect(report.exitStatus == 0 && report.startCommitment == start + 1, "\(report)")
    }

    @Test("a bit that is changed anywhere is refused, with the file's own hash and with one that was made again")
    func bits() throws {
        for offset in stride(from: 0, to: good.count, by: max(good.count / 150, 1)) {
            var bytes = good
            bytes[offset] ^= UInt8(1 << (offset % 8))
            try expectRefusal(bytes, "", "\(offset)")
            if offset < good.count - 32 { try expectRefusal(AuditFixture.resealed(bytes), "", "\(offset), resealed") }
        }
        // Every byte of the head.
        for offset in 0..<144 {
            var bytes = good
            bytes[offset] ^= 0x80
            try expectRefusal(AuditFixture.resealed(bytes), "", "\(offset), resealed")
        }
    }

    @Test("cut, lengthened, empty, too large, another file: refused")
    func sizes() throws {
        for count in [0, 1, 143, 144, 176, good.count / 2, good.count - 1] {
            try expectRefusal(Array(good.prefix(count)))
            if count >= 32 { try expectRefusal(AuditFixture.resealed(Array(good.prefix(count)))) }
        }
        try expectRefusal(good + [0])
        try expectRefusal(AuditFixture.resealed(good + [0]))
        try expectRefusal([UInt8](try Data(contentsOf: URL(fileURLWithPath: published.tiles + "/checkpoint"))))
        // A hole of a terabyte takes no memory.
        try published.writeSnapshot(good)
        #expect(truncate(published.snapshot, 1 << 40) == 0)
        let large = audit(.tiles(published.tiles), fixture.anchors) { $0.snapshot = published.snapshot }
        #expect(large.exitStatus == 2 && large.notChecked.contains { $0.contains("too large") }, "\(large)")
        for place in ["/nonexistent", published.directory, "/dev/zero", "http://127.0.0.1:1/snapshot"] {
            let report = audit(.tiles(published.tiles), fixture.anchors) { $0.snapshot = place }
            #expect(report.exitStatus == 2 && report.finding == nil && report.notChecked.count == 1, "\(report)")
        }
    }

    @Test("a snapshot of another venue is foreign; one with other anchors is not believed either")
    func foreign() throws {
        // As another venue's would be: its genesis differs, and all that follows from that is made again.
        var bytes = good
        bytes[144 + 4 + MessageHeader.size] ^= 1
        let genesis = Array(bytes[148..<(148 + GenesisMessage.size)])
        let id = Blake2b256.hash(Array(genesis.dropFirst(MessageHeader.size)))
        bytes.replaceSubrange(16..<48, with: id.withUnsafeBytes { Array($0) })
        bytes.replaceSubrange(104..<136, with: Sha256.hash(genesis).withUnsafeBytes { Array($0) })
        try expectRefusal(AuditFixture.resealed(bytes), "another venue")
        try published.writeSnapshot(good)
        let anchors = try Anchors(venue: Sha256.hash([9]), log: fixture.log.verifierKey)
        let report = audit(.tiles(published.tiles), anchors) { $0.snapshot = published.snapshot }
        #expect(report.finding?.verdict == .foreignVenue, "\(report)")
    }

    @Test("a state with money moved, a key exchanged, an order gone: not the one that the log commits to")
    func otherStates() throws {
        let changes: [(inout Reference) -> Void] = [
            {
                $0.addAvailable(3, 0, 5)
                $0.addAvailable(4, 0, -5)
            },
            { $0.accounts[4]!.keys[0]!.bytes = Bytes32(9) },
            { $0.accounts[4]!.keys[0]!.nonceMark += 1 },
            { $0.venueKeys[.settlement] = Bytes32(9) },
            { $0.references.insert(Bytes32(99)) },
            { $0.lastOrderId += 1 },
            { $0.state = .halted },
        ]
        for (number, change) in changes.enumerated() {
            try expectRefusal(try fixture.snapshot(at: start, change).bytes, "commits to", "\(number)")
        }
        try expectRefusal(try fixture.snapshot(at: start) { $0.addAvailable(3, 0, 5) }.bytes)
        #expect(try report(try fixture.snapshot(at: start) { _ in }.bytes).exitStatus == 0)
    }

    @Test("a state that was changed together with the entry that commits to it: the entry is found")
    func changedEntry() throws {
        let other = try fixture.snapshot(at: start) {
            $0.addAvailable(3, 0, 5)
            $0.addAvailable(4, 0, -5)
        }
        let root = try StateTree(canonical: other.state).root(through: start)
        let honest = try StateTree(canonical: try fixture.snapshot(at: start).state).root(through: start)
        let found = honest.withUnsafeBytes { Array($0) }
        let name = "published/tile/entries/000.p/\(fixture.records.count)"
        try published.change(name) { bytes in
            let places = (0..<(bytes.count - 32)).filter {
                bytes[$0] == found[0] && bytes[$0..<($0 + 32)] == found[...]
            }
            #expect(places.count == 1)
            bytes.replaceSubrange(places[0]..<(places[0] + 32), with: root.withUnsafeBytes { Array($0) })
        }
        let report = try report(other.bytes)
        #expect(report.finding?.verdict == .entries && report.finding?.sequence == start + 1, "\(report)")
    }

    @Test("bytes at random, in a file whose hash holds, never pass and never stop the process")
    func fuzz() throws {
        var random = SplitMix(seed: 3)
        for round in 0..<200 {
            var bytes = good
            for _ in 0..<(1 + random.next() % 6) {
                let place = Int(random.next() % UInt64(bytes.count - 40))
                switch random.next() % 4 {
                case 0: bytes[place] = UInt8(truncatingIfNeeded: random.next())
                case 1: for byte in place..<(place + 8) { bytes[byte] = 255 }
                case 2: bytes.remove(at: place)
                default: bytes.insert(0, at: place)
                }
            }
            if bytes == good { continue }
            let report = try report(AuditFixture.resealed(bytes))
            #expect(report.exitStatus == 2 && report.finding == nil, "\(round): \(report)")
        }
    }
}
