import Availability
import Cryptography
import Foundation
import Proof
import Replay
import Testing
import Wire

@testable import Audit
@testable import Journal

/// Audits that begin behind a record, with a state that the log commits to.
@Suite struct SnapshotAuditTests {
    /// Some bundles; the second commitment stands in the last.
    private let fixture = AuditFixture()

    init() {
        fixture.restart()
        fixture.commit()
        fixture.restart()
    }

    private func publish(_ fixture: AuditFixture, batches: [Batch]? = nil) throws -> Published {
        let published = try Published()
        let count = fixture.records.count
        try published.writeJournal(fixture.records, venueId: fixture.venueId)
        try published.writeTiles(fixture.records, sizes: [3, 300, 512, count - 1, count], log: fixture.log)
        try published.writeBatches(batches ?? [fixture.batch(1...20)])
        return published
    }

    @Test("from every commitment on, and from every source, it comes to the same as an audit of all", arguments: 0..<3)
    func agrees(_ number: Int) throws {
        let published = try publish(fixture)
        let start = fixture.committed[number]
        try published.writeSnapshot(try fixture.snapshot(at: start).bytes)
        let server = try WebServer(directory: published.directory)
        let places: [(Audit.Source, String?, String)] = [
            (.tiles(published.tiles), nil, published.snapshot),
            (.tiles(server.url + "/published"), nil, server.url + "/snapshot"),
            (.journal(published.journal), published.tiles, published.snapshot),
        ]
        for (source, checkpoints, snapshot) in places {
            let whole = audit(source, fixture.anchors) { $0.published = checkpoints }
            let report = audit(source, fixture.anchors) { ($0.published, $0.snapshot) = (checkpoints, snapshot) }
            #expect(whole.exitStatus == 0 && report.exitStatus == 0, "\(report)")
            #expect(report.counts.records == UInt64(fixture.records.count) - start)
            #expect(report.startedBehind == start && report.startCommitment == start + 1)
            #expect(report.chainHead == whole.chainHead && report.logRoot == whole.logRoot)
            #expect(report.venueId == whole.venueId && report.checkpointSize == whole.checkpointSize)
            #expect(report.counts.commitments == UInt64(3 - number))
            let text = ReportPrinter.text(report)
            #expect(text.contains("records 1 to \(start) were not replayed"), "\(text)")
            #expect(text.contains("that record \(start + 1) commits to"), "\(text)")
            #expect(text.contains("checkpoints of fewer"), "\(text)")
            #expect(ReportPrinter.json(report).contains("\"startedBehind\":\(start),\"startCommitment\":\(start + 1)"))
        }
    }

    @Test("a journal without checkpoints has no tree, and the report says what that is worth")
    func withoutCheckpoints() throws {
        let published = try publish(fixture)
        let start = fixture.committed[1]
        try published.writeSnapshot(try fixture.snapshot(at: start).bytes)
        let report = audit(.journal(published.journal), fixture.anchors) {
            ($0.checksCheckpoints, $0.snapshot) = (false, published.snapshot)
        }
        #expect(report.exitStatus == 0 && report.logRoot == nil && report.startCommitment == start + 1, "\(report)")
        #expect(report.notes.contains { $0.contains("what the snapshot is worth") })
    }

    @Test("a commitment that no checkpoint holds bears out nothing")
    func behindCheckpoints() throws {
        let published = try Published()
        let start = fixture.committed[1]
        try published.writeJournal(fixture.records, venueId: fixture.venueId)
        try published.writeSnapshot(try fixture.snapshot(at: start).bytes)
        for size in [Int(start), Int(start) - 1, 5] {
            try? FileManager.default.removeItem(atPath: published.tiles)
            try published.writeTiles(fixture.records, sizes: [size], log: fixture.log)
            let report = audit(.journal(published.journal), fixture.anchors) {
                ($0.published, $0.snapshot) = (published.tiles, published.snapshot)
            }
            #expect(report.exitStatus == 2 && report.finding == nil, "\(size): \(report)")
            #expect(report.notChecked.contains { $0.contains("is in no checkpoint") }, "\(report)")
        }
        // In tiles there is nothing behind the record then.
        try published.writeTiles(fixture.records, sizes: [Int(start)], log: fixture.log)
        let report = audit(.tiles(published.tiles), fixture.anchors) { $0.snapshot = published.snapshot }
        #expect(report.exitStatus == 2 && report.notChecked.contains { $0.contains("no commitment in records") })
    }

    @Test("a state that no commitment speaks of is refused")
    func uncommitted() throws {
        let published = try publish(fixture)
        for sequence in [1, fixture.committed[0] + 1, fixture.committed[1] - 1, UInt64(fixture.records.count)] {
            try published.writeSnapshot(try fixture.snapshot(at: sequence).bytes)
            let report = audit(.tiles(published.tiles), fixture.anchors) { $0.snapshot = published.snapshot }
            #expect(report.exitStatus == 2 && report.finding == nil, "\(sequence): \(report)")
            #expect(report.notChecked.allSatisfy { $0.contains("give an older one, or none") }, "\(report)")
        }
    }

    /// A history with a start to audit behind, and a batch of all its records that a commitment behind that names.
    private static func fixtureWithBatch() -> (fixture: AuditFixture, start: UInt64, first: Batch) {
        let fixture = AuditFixture(orders: 300)
        let start = fixture.committed[1]
        let middle = UInt64(fixture.records.count)
        let first = fixture.batch(1...middle)
        fixture.commit(dataThrough: middle, digest: first.digest)
        fixture.restart()
        return (fixture, start, first)
    }

    @Test("batches are compared from the first that a commitment behind the start names")
    func batches() throws {
        let (fixture, start, first) = Self.fixtureWithBatch()
        let middle = first.last
        let end = UInt64(fixture.records.count)
        let second = fixture.batch((middle + 1)...end, previous: first.digest)
        fixture.commit(dataThrough: end, digest: second.digest)
        func report(_ batches: [Batch]) throws -> AuditReport {
            let published = try publish(fixture, batches: batches)
            try published.writeSnapshot(try fixture.snapshot(at: start).bytes)
            return audit(.tiles(published.tiles), fixture.anchors) { $0.snapshot = published.snapshot }
        }
        let honest = try report([first, second])
        #expect(honest.exitStatus == 0 && honest.counts.batches == 1, "\(honest)")
        #expect(honest.notes.contains { $0.contains("data of 2 commitments") }, "\(honest)")
        // A certificate that does not follow the batch that the commitment before names.
        let other = try report([first, fixture.batch((middle + 1)...end)])
        #expect(other.finding?.verdict == .data && other.finding?.sequence == middle + 1, "\(other)")
        #expect(try report([first]).exitStatus == 2)
    }

    @Test("two digests of the batch that the audit begins behind are one too many")
    func contradictingDigests() throws {
        let (fixture, start, first) = Self.fixtureWithBatch()
        let middle = first.last
        fixture.commit(dataThrough: middle, digest: Sha256.hash([1]))
        let published = try publish(fixture, batches: [first])
        try published.writeSnapshot(try fixture.snapshot(at: start).bytes)
        let whole = audit(.tiles(published.tiles), fixture.anchors)
        let report = audit(.tiles(published.tiles), fixture.anchors) { $0.snapshot = published.snapshot }
        #expect(whole.finding?.verdict == .commitmentData && whole.finding?.sequence == middle + 3, "\(whole)")
        #expect(report.finding?.verdict == .commitmentData && report.finding?.sequence == middle + 3, "\(report)")
    }

    @Test("what is false behind the start is found as in an audit of all", arguments: LyingHistoryTests.cases)
    func fraudBehind(_ test: LyingHistoryTests.Case) throws {
        let fixture = AuditFixture { step, draft in step == test.step ? test.change(&draft) : true }
        let honest = AuditFixture()
        let start = honest.committed[0]
        guard let place = honest.sequences[test.step], place > start + 1 else { return }
        let published = try publish(fixture)
        try published.writeSnapshot(try honest.snapshot(at: start).bytes)
        let whole = audit(.tiles(published.tiles), fixture.anchors)
        let report = audit(.tiles(published.tiles), fixture.anchors) { $0.snapshot = published.snapshot }
        #expect(whole.finding?.verdict == test.verdict, "\(whole)")
        #expect(report.finding == whole.finding && report.exitStatus == 1, "\(report)")
        let journal = audit(.journal(published.journal), fixture.anchors) {
            ($0.published, $0.snapshot) = (published.tiles, published.snapshot)
        }
        #expect(journal.finding?.sequence == whole.finding?.sequence && journal.exitStatus == 1, "\(journal)")
    }

    @Test("a commitment behind the start that lies is found")
    func commitmentBehind() throws {
        let honest = AuditFixture()
        let lying = AuditFixture { step, draft in
            if step == .secondCommitment {
                draft.set(UInt64(7), at: 40)
                let key = SigningKey(insecureDeterministic: 4)
                let prefix = Prefixes(venue: honest.venueId)[.commitment].withUnsafeBytes { Array($0) }
                let signature = (prefix + draft.message).withUnsafeBytes { key.sign($0) }
                draft.signature = withUnsafeBytes(of: signature) { Array($0) }
            }
            return true
        }
        let published = try publish(lying)
        try published.writeSnapshot(try honest.snapshot(at: honest.committed[0]).bytes)
        let report = audit(.tiles(published.tiles), lying.anchors) { $0.snapshot = published.snapshot }
        #expect(report.finding?.verdict == .stateRoot, "\(report)")
        #expect(report.finding?.sequence == lying.sequences[.secondCommitment])
        // It speaks of the very record of a snapshot: which of the two is wrong nobody can tell without the records.
        try published.writeSnapshot(try honest.snapshot(at: honest.committed[1]).bytes)
        let other = audit(.tiles(published.tiles), lying.anchors) { $0.snapshot = published.snapshot }
        #expect(other.exitStatus == 2 && other.finding == nil, "\(other)")
    }

    @Test("damage of the very commitment that is looked for is damage, wherever it is, and no missing commitment")
    func damagedCommitment() throws {
        let start = fixture.committed[1], count = fixture.records.count
        let record = fixture.records[Int(start)]
        for offset in [0, 8, 60, RecordLayout.body + 2, RecordLayout.body + 45, record.count - 40, record.count - 1] {
            let published = try publish(fixture)
            try published.writeSnapshot(try fixture.snapshot(at: start).bytes)
            for name in [
                "journal/\(JournalFiles.segment(1))",
                "published/\(TilePath(.entries, index: start / 256, width: count % 256))",
            ] {
                try published.change(name) { bytes in
                    let place = (0..<bytes.count).first { bytes[$0...].starts(with: record) }!
                    bytes[place + offset] ^= 1
                }
            }
            for source in [Audit.Source.tiles(published.tiles), .journal(published.journal)] {
                let whole = audit(source, fixture.anchors) { $0.published = published.tiles }
                let report = audit(source, fixture.anchors) {
                    ($0.published, $0.snapshot) = (published.tiles, published.snapshot)
                }
                #expect(whole.finding?.sequence == start + 1, "\(offset): \(whole)")
                #expect(report.finding == whole.finding && report.exitStatus == 1, "\(offset): \(report)")
            }
        }
    }

    @Test("progress counts what is replayed, and says how far of all it is")
    func progress() {
        let progress = AuditProgress(records: 1_200, total: 2_000, before: 1_000, seconds: 2)
        #expect(progress.rate == 100 && progress.secondsLeft == 8)
        #expect(AuditProgress(records: 10, total: 20, seconds: 1).secondsLeft == 1)
    }

    @Test("what is false before the start is not seen, and the report does not say that it was")
    func fraudBefore() throws {
        let lying = AuditFixture { step, draft in
            if step == .createAccount { draft.signature[5] ^= 1 }
            return true
        }
        let start = lying.committed[1]
        let published = try publish(lying)
        // The venue of the fixture went on as if nothing were wrong, and so does one that checks no signature.
        try published.writeSnapshot(try lying.snapshot(at: start).bytes)
        #expect(audit(.tiles(published.tiles), lying.anchors).finding?.verdict == .signature)
        let report = audit(.tiles(published.tiles), lying.anchors) { $0.snapshot = published.snapshot }
        #expect(report.exitStatus == 0 && report.startedBehind == start, "\(report)")
    }

    @Test("tiles that do not lead to the signed root are found, wherever they stand on the way")
    func tiles() throws {
        let start = fixture.committed[1], count = fixture.records.count
        for (name, source) in [
            ("tile/1/000.p/\(count / 256)", false), ("tile/0/00\(count / 256).p/\(count % 256)", false),
            ("tile/1/000.p/\(count / 256)", true), ("tile/0/00\(count / 256).p/\(count % 256)", true),
        ] {
            let published = try publish(fixture)
            try published.writeSnapshot(try fixture.snapshot(at: start).bytes)
            try published.change("published/\(name)") { $0[5] ^= 1 }
            let report = audit(source ? .journal(published.journal) : .tiles(published.tiles), fixture.anchors) {
                ($0.published, $0.snapshot) = (source ? published.tiles : nil, published.snapshot)
            }
            #expect(report.finding?.verdict == .tile && report.exitStatus == 1, "\(name): \(report)")
        }
    }
}
