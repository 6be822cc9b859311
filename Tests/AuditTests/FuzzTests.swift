import Availability
import Foundation
import Proof
import Testing
import Wire

@testable import Audit
@testable import Journal

/// Bytes turned, cut and spliced, anywhere: never success, never a crash. Seeded, so that every run is the same.
@Suite struct FuzzTests {
    struct Random: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
    }

    /// Changes bytes in one of four ways; what comes out is not what went in.
    static func spoil(_ bytes: inout [UInt8], _ random: inout Random) {
        let before = bytes
        repeat {
            bytes = before
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: bytes.removeLast(bytes.count - place)
            case 2: bytes.insert(contentsOf: bytes[place..<min(place + 40, bytes.count)], at: place)
            default:
                let length = min(Int.random(in: 1..<64, using: &random), bytes.count - place)
                let from = Int.random(in: 0...(bytes.count - length), using: &random)
                bytes.replaceSubrange(place..<place + length, with: before[from..<from + length])
            }
        } while bytes == before
    }

    @Test(arguments: [
        "checkpoint", "checkpoints/00000000000000000028", "checkpoints/index", "tile/0/000.p/28",
        "tile/entries/000.p/28",
    ])
    func spoiledFileIsNeverSuccess(name: String) throws {
        let fixture = AuditFixture(orders: 5)
        let published = try Published()
        try published.writeTiles(Array(fixture.records.prefix(28)), log: fixture.log)
        #expect(audit(.tiles(published.tiles), fixture.anchors).exitStatus == 0)
        let url = URL(fileURLWithPath: "\(published.tiles)/\(name)")
        let whole = [UInt8](try Data(contentsOf: url))
        var random = Random(state: 11)
        for _ in 0..<40 {
            var bytes = whole
            Self.spoil(&bytes, &random)
            try Data(bytes).write(to: url)
            let report = audit(.tiles(published.tiles), fixture.anchors)
            #expect(report.exitStatus != 0, "\(report)")
        }
    }

    @Test func spoiledJournalIsNeverSuccess() throws {
        let fixture = AuditFixture(orders: 5)
        let published = try Published()
        try published.writeJournal(fixture.records, venueId: fixture.venueId)
        let url = URL(fileURLWithPath: "\(published.journal)/\(JournalFiles.segment(1))")
        let whole = [UInt8](try Data(contentsOf: url))
        let used = SegmentHeader.byteCount + fixture.records.reduce(0) { $0 + $1.count }
        var random = Random(state: 12)
        for _ in 0..<60 {
            var head = Array(whole[..<used])
            Self.spoil(&head, &random)
            head = Array((head + whole[used...]).prefix(whole.count))
            try Data(head + [UInt8](repeating: 0, count: whole.count - head.count)).write(to: url)
            let report = audit(.journal(published.journal), fixture.anchors) { $0.checksCheckpoints = false }
            #expect(report.exitStatus != 0 || report.counts.records < fixture.records.count, "\(report)")
        }
    }

    /// A batch, changed where it stands, and where it can still be read as one, also under the digest that it has now.
    @Test func spoiledBatchIsNeverSuccess() throws {
        let fixture = AuditFixture(orders: 5)
        let first = fixture.batch(1...20)
        let batches = [first, fixture.batch(21...UInt64(fixture.records.count), previous: first.digest)]
        let published = try Published()
        try published.writeTiles(fixture.records, log: fixture.log)
        func run() -> AuditReport {
            audit(.batches(published.data), fixture.anchors) { $0.published = published.tiles }
        }
        try published.writeBatches(batches)
        let whole = run()
        #expect(whole.exitStatus == 0, "\(whole)")
        var random = Random(state: 13)
        for round in 0..<60 {
            let batch = batches[round % 2]
            var bytes = batch.bytes
            Self.spoil(&bytes, &random)
            var digests = [batch.digest]
            if let read = try? Batch(bytes) { digests.append(read.digest) }
            for digest in digests {
                try FileManager.default.removeItem(atPath: published.data)
                try published.writeBatches(batches)
                try FileManager.default.removeItem(atPath: "\(published.data)/\(batch.digest.hexadecimal)")
                try Data(bytes).write(to: URL(fileURLWithPath: "\(published.data)/\(digest.hexadecimal)"))
                let report = run()
                #expect(report.exitStatus != 0, "round \(round): \(report)")
            }
        }
    }

    /// Records that are sealed anew after every change, so that everything behind the hash is reached.
    @Test func spoiledAndSealedRecordIsNeverSuccess() throws {
        for seed in UInt64(0)..<60 {
            var random = Random(state: seed)
            let target = Int.random(in: 1...28, using: &random)
            var count = 0
            let fixture = AuditFixture(orders: 5) { _, draft in
                count += 1
                guard count == target else { return true }
                switch Int.random(in: 0..<3, using: &random) {
                case 0: Self.spoil(&draft.message, &random)
                case 1 where !draft.signature.isEmpty: draft.signature[Int.random(in: 0..<64, using: &random)] ^= 1
                default:
                    let whole = draft.effects
                    if draft.effects.isEmpty { draft.effects = [UInt8](repeating: 1, count: 8) }
                    Self.spoil(&draft.effects, &random)
                    draft.effects.removeLast(draft.effects.count % 8)
                    if draft.effects == whole { draft.effects += [UInt8](repeating: 1, count: 8) }
                }
                return true
            }
            let published = try Published()
            try published.writeTiles(fixture.records, log: fixture.log)
            let report = audit(.tiles(published.tiles), fixture.anchors)
            #expect(report.exitStatus == 1, "seed \(seed): \(report)")
        }
    }
}
