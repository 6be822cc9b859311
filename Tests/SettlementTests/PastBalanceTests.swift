import Audit
import Cryptography
import Foundation
import GlassbookClient
import HTTP
import Journal
import Platform
import Proof
import Replay
import Settings
import Testing
import Venue
import Wire

@testable import Settlement

/// Balances at every commitment of a real journal, with the files that were published of it.
@Suite struct PastBalanceTests {
    /// A venue whose node and plane have ended in order, with some commitments and snapshots.
    private struct Settled {
        let venue: SettledVenue
        let commitments: [CommitmentTests.Journaled]
        let anchors: Anchors

        init(_ changing: [(String, String)] = []) throws {
            let venue = try SettledVenue([("snapshot_records", "50"), ("snapshots_kept", "100")] + changing)
            self.venue = venue
            try venue.startNode()
            let plane = try venue.startPlane()
            try plane.waitUntilReady()
            for count in [60, 3, 70, 60] {
                try venue.tradeAtOnce(count)
                try waitUntil("a commitment; \(plane.errorText)") { try CommitmentTests.isCommitted(venue) }
            }
            let all = try CommitmentTests.commitments(venue.settings.journalDirectory)
            let last = try #require(all.last).sequence
            try waitUntil("a checkpoint of the last commitment") {
                try PublishedLog(venue).latest()?.checkpoint.size ?? 0 >= last
            }
            try venue.stopPlane()
            try venue.stopNode()
            #expect(all.count >= 4)
            commitments = all
            anchors = try Anchors(venue: venue.id, log: venue.logVerifier)
        }

        var snapshots: SnapshotDirectory { SnapshotDirectory(venue.settings.snapshotDirectory) }

        /// The commitment that is to be taken for a record.
        func expected(_ record: UInt64) -> CommitmentTests.Journaled? { commitments.last { $0.through <= record } }

        /// The settings with other values.
        func settings(_ change: (inout NodeSettings) -> Void) -> NodeSettings {
            var settings = venue.settings
            change(&settings)
            return settings
        }

        func file(_ desk: BalanceDesk, _ account: UInt32 = WellKnownAccount.firstCreated) throws -> BalanceFile {
            while try desk.step(17) {}
            return try desk.proof(account: account, asset: 0)
        }

        func file(at record: UInt64?, _ lines: LogLines = LogLines()) throws -> BalanceFile {
            try file(BalanceDesk(venue.settings, at: record, lines.logger))
        }

        func expectHolds(_ file: BalanceFile, _ account: UInt32 = WellKnownAccount.firstCreated) {
            let check = ProofCheck(file.encoded, anchors, expecting: .init(account: account, asset: 0))
            #expect(check.exitStatus == 0, "\(check.outcome)")
        }
    }

    private static func refusal(_ body: () throws -> Void) -> ProofMissing? {
        do { try body() } catch { return error as? ProofMissing }
        return nil
    }

    @Test("a balance is proven at every commitment, and for every record at the last one at or before it")
    func everyCommitment() throws {
        let settled = try Settled()
        let newest = try settled.file(at: nil)
        settled.expectHolds(newest)
        let last = try #require(settled.commitments.last)
        #expect(newest.balance.header.through == last.through)
        let newestOfFees = try settled.file(.init(settled.venue.settings), WellKnownAccount.fees)
        // The first commitments are of a venue in which nobody has an account yet.
        for commitment in settled.commitments {
            let desk = try BalanceDesk(settled.venue.settings, at: commitment.through)
            let file = try settled.file(desk, WellKnownAccount.fees)
            settled.expectHolds(file, WellKnownAccount.fees)
            #expect(file.balance.header.through == commitment.through)
            #expect(file.inclusion.index + 1 == commitment.sequence)
            #expect((file.balance == newestOfFees.balance) == (commitment.through == last.through))
            #expect(desk.answers(commitment.through) && !desk.answers(commitment.through - 1))
        }
        // The account was given its funds before the next one was: what all are owed was less.
        let owned = try #require(
            try settled.commitments.first {
                let file = try? settled.file(at: $0.through)
                return try file.map { try BalanceFile($0.encoded).balance.amount > 0 } ?? false
            })
        let old = try settled.file(at: owned.through)
        settled.expectHolds(old)
        #expect(old.balance.amount == 1 << 40 && old.balance.total < newest.balance.total)
        // One desk for all, and one that looks from a place that is too near: the same answers.
        let (first, desk) = (settled.commitments[0], try BalanceDesk(settled.venue.settings, at: 0, window: 1))
        for record in [owned.through, last.through - 1, first.through + 1, last.through, owned.through + 2] {
            desk.aim(at: record)
            while try desk.step(5) {}
            #expect(desk.answers(record) && desk.through == settled.expected(record)?.through, "\(record)")
            settled.expectHolds(try desk.proof(account: 0, asset: 0), 0)
        }
        // In between it is the one before, and the desk knows how far that goes.
        for (one, next) in zip(settled.commitments, settled.commitments.dropFirst()) {
            desk.aim(at: next.through - 1)
            while try desk.step() {}
            #expect(desk.through == settled.expected(next.through - 1)?.through)
            #expect(desk.answers(next.through - 1) && !desk.answers(next.through))
            #expect(desk.answers(one.through) == (one.through == desk.through))
        }
    }

    @Test("what no commitment that may be shown speaks of is refused, and says why")
    func notYet() throws {
        let settled = try Settled()
        let (first, last) = (settled.commitments[0].through, settled.commitments.last!.through)
        for (record, text) in [
            (0, "the first commitment speaks of record \(first)"),
            (first - 1, "the first commitment speaks of record \(first)"),
            (last + 1, "speaks of record \(last + 1) or a later one yet"),
            (1 << 40, "is in no checkpoint yet"), (UInt64.max, "is in no checkpoint yet"),
        ] as [(UInt64, String)] {
            let refusal = Self.refusal { _ = try settled.file(at: record) }
            guard case .absent(let why) = refusal else {
                Issue.record("record \(record): \(String(describing: refusal))")
                continue
            }
            #expect(why.contains(text), "\(why)")
        }
        // Where records are shown an hour later, so is every balance.
        let late = settled.settings { $0.settlement.publishDelayMilliseconds = 3_600_000 }
        for record in [nil, first, last] as [UInt64?] {
            let refusal = Self.refusal {
                let desk = try BalanceDesk(late, at: record)
                while try desk.step() {}
                _ = try desk.proof(account: 0, asset: 0)
            }
            guard case .absent = refusal else {
                Issue.record("\(String(describing: refusal))")
                continue
            }
        }
    }

    @Test("a scan goes on from the commitment that was too young, and finds what is old enough at each time")
    func young() throws {
        let settled = try Settled()
        let size = try PublishedLog(settled.venue).latest()!.checkpoint.size
        var times: [UInt64: UInt64] = [:]
        var reader = try TailReader.open(directory: settled.venue.settings.journalDirectory)
        while let record = try reader.next() { times[record.sequence] = record.time }
        for window in [1, 20, CommitmentScan.firstWindow] {
            var following = CommitmentScan(settled.venue.settings, target: nil, window: window)
            func found(_ scan: inout CommitmentScan, _ now: UInt64) throws -> UInt64? {
                while true {
                    switch try scan.step(size: size, budget: 3, isShown: { $0 <= now }) {
                    case .more: continue
                    case .found(let found): return found.commitment.sequence
                    case .absent: return nil
                    }
                }
            }
            #expect(try found(&following, 0) == nil)
            for commitment in settled.commitments {
                let now = try #require(times[commitment.sequence])
                #expect(try found(&following, now) == commitment.sequence)
                // One that begins then, and those that ask for a record.
                var fresh = CommitmentScan(settled.venue.settings, target: nil, window: window)
                #expect(try found(&fresh, now) == commitment.sequence)
                var exact = CommitmentScan(settled.venue.settings, target: commitment.through, window: window)
                #expect(try found(&exact, now - 1) == nil)
                #expect(try found(&exact, now) == commitment.sequence)
                var later = CommitmentScan(settled.venue.settings, target: commitment.through + 1, window: window)
                #expect(try found(&later, now) == nil)
            }
        }
    }

    @Test("a proof begins behind the newest snapshot that is good; one that is damaged or lies makes no other proof")
    func snapshots() throws {
        let settled = try Settled()
        let last = try #require(settled.commitments.last).through
        let sequences = settled.snapshots.sequences().filter { $0 <= last }
        #expect(sequences.count >= 3)
        let lines = LogLines()
        let file = try settled.file(at: last, lines)
        #expect(lines.text.contains("snapshot of record \(sequences.last!)"), "\(lines.text)")
        // An older state begins behind an older one.
        let before = LogLines()
        _ = try settled.file(.init(settled.venue.settings, at: sequences[1] - 1, before.logger), 0)
        #expect(before.text.contains("snapshot of record \(sequences[0])"), "\(before.text)")

        // The newest is damaged, the one before it lies: whole, of a record of the journal, with the state of another.
        let path = "\(settled.snapshots.path)/\(SnapshotDirectory.name(sequences.last!))"
        var bytes = try File.readPrefix(path, limit: 1 << 24)
        bytes[bytes.count / 2] ^= 1
        try File.replace(path, with: bytes)
        let lying = sequences[sequences.count - 2]
        for distance in [1, 25] as [UInt64] {
            try Self.lie(settled.venue, lying, stateOf: lying - distance)
            let lines = LogLines()
            #expect(try settled.file(at: last, lines) == file)
            #expect(lines.text.contains("its hash does not hold"), "\(lines.text)")
            #expect(lines.text.contains("the snapshot of record \(lying) is not used"), "\(lines.text)")
            #expect(lines.text.contains("state from the snapshot of record \(sequences[sequences.count - 3])"))
        }
        // All of them lie.
        for sequence in settled.snapshots.sequences() { try Self.lie(settled.venue, sequence, stateOf: sequence - 1) }
        #expect(try settled.file(at: last) == file)
        #expect(try settled.file(at: nil) == file)
        // There is none.
        try FileManager.default.removeItem(atPath: settled.snapshots.path)
        #expect(try settled.file(at: last) == file)
    }

    /// Writes a snapshot that says it is of a record and has the state of an earlier one.
    static func lie(_ venue: SettledVenue, _ sequence: UInt64, stateOf earlier: UInt64) throws {
        var reader = try TailReader.open(directory: venue.settings.journalDirectory)
        var replayer = try VenueIdentity(venue.settings).withGenesis { Replayer<Venue>(genesis: $0) }
        while let record = try reader.next() {
            if record.sequence <= earlier { try replayer.replay(record) }
            guard record.sequence == sequence else { continue }
            var (effects, feed) = (record.effects, record.feedSequence)
            while let effect = effects.read() { feed += UInt64(effect.feedMessages) }
            let lie = StateSnapshot(of: replayer.venue, after: record, nextFeedSequence: feed)
            return try SnapshotDirectory(venue.settings.snapshotDirectory).write(lie, kept: 100)
        }
    }

    @Test("a commitment that is not to the state of replay proves nothing")
    func falseCommitment() throws {
        let settled = try Settled()
        let record = settled.commitments[1]
        let root = Hash256(record.stateRoot)
        let state = try CommittedState(
            settled.venue.settings, VenueIdentity(settled.venue.settings), snapshotsThrough: 0, nil)
        #expect(state.begin == 0)
        var bytes = try settled.file(.init(settled.venue.settings, at: record.through), 0).record
        let place = try #require(
            bytes.indices.first { index in root.withUnsafeBytes { bytes[index...].starts(with: $0) } })
        bytes[place] ^= 1
        let lie = try #require(StateCommitmentRecord(bytes))
        #expect(throws: SettlementError.self) { while try !state.advance(to: lie, budget: 10) {} }
    }

    @Test("over HTTP and as a file: the record is part of the name")
    func served() throws {
        let served = try ReceiptTests.Served()
        let venue = served.venue
        let account = WellKnownAccount.firstCreated
        try waitUntil("a commitment to the trades") { try CommitmentTests.isCommitted(venue) }
        let old = try #require(try CommitmentTests.commitments(venue.settings.journalDirectory).last).through
        try venue.trade(20)
        try waitUntil("a commitment to the later ones") { try CommitmentTests.isCommitted(venue) }
        let new = try #require(try CommitmentTests.commitments(venue.settings.journalDirectory).last).through
        #expect(old < new)
        let newest = try BalanceFile(try served.wait(for: "/balance/\(account)/0/\(new)"))
        #expect(newest.balance.header.through == new)
        let file = try BalanceFile(try served.wait(for: "/balance/\(account)/0/\(old)"))
        #expect(file.balance.header.through == old && file.balance.total < newest.balance.total)
        #expect(try served.verify(file.encoded, ["--account", "\(account)", "--asset", "0"]) == 0)
        // Another account of the same state, and one that was made later.
        #expect(try served.answer("/balance/0/0/\(old)").status == 200)
        #expect(try served.answer("/balance/\(account + 1)/0/\(old)").status == 404)
        try waitUntil("the newest, beside it") { try served.get("/balance/\(account + 1)/0").status == 200 }
        let names = ["x", "01", "-1", "\(UInt64.max)", "18446744073709551616", "1/2", "\(old)/", "\(new + 100_000)"]
        for path in names + ["%31"] {
            let status = try served.answer("/balance/\(account)/0/\(path)").status
            #expect([400, 404].contains(status), "\(path): \(status)")
        }
        // Before the first commitment there is none, in its turn.
        try waitUntil("no balance") { try served.get("/balance/0/0/0").status == 404 }

        let output = venue.directory + "/file"
        let arguments = ["--config", venue.directory + "/config.toml", "--output", output, "--account", "\(account)"]
        func balance(_ through: UInt64) throws -> Int32 {
            try served.run("settlement-plane", ["balance", "--asset", "0", "--through", "\(through)"] + arguments)
        }
        #expect(try balance(old) == 0)
        let errors = try String(contentsOfFile: venue.directory + "/settlement-plane.log", encoding: .utf8)
        #expect(errors.contains("the balance after record \(old), by the commitment in record "), "\(errors)")
        let bytes = try File.readPrefix(output, limit: BalanceFile.byteCountMax)
        #expect(try served.verify(bytes) == 0)
        #expect(try BalanceFile(bytes).balance == file.balance)
        #expect(try balance(0) == 1 && balance(1 << 50) == 1)
    }

    @Test("the desk for past states is asked by one at a time, and stays with what it has for a while")
    func turns() {
        let keeping = PastTurn.keeping
        var turn = PastTurn()
        func refused(_ action: PastTurn.Action) -> Int? {
            if case .refuse(let why) = action { why.status } else { nil }
        }
        #expect(turn.begins == nil && turn.underWay == nil)
        #expect(refused(turn.ask(7, isHere: false, 100)) == 503 && turn.begins == 7)
        // Another record does not take its place, neither before the work begins nor while it lasts.
        #expect(turn.ask(8, isHere: false, 1 << 60) == .refuse(PastTurn.busy) && turn.begins == 7)
        turn.begin()
        #expect(turn.begins == nil && turn.underWay == 7)
        #expect(turn.ask(8, isHere: false, 1 << 60) == .refuse(PastTurn.busy))
        #expect(refused(turn.ask(7, isHere: false, 1 << 60)) == 503 && turn.underWay == 7)
        turn.end(nil, 1_000)
        #expect(turn.underWay == nil)
        // Who asks for what is there is answered at any time, and does not hold it.
        #expect(turn.ask(7, isHere: true, 1_000 + keeping - 1) == .answer)
        #expect(turn.ask(6, isHere: true, 1_000 + 9 * keeping) == .answer)
        #expect(turn.ask(8, isHere: false, 1_000 + keeping - 1) == .refuse(PastTurn.busy) && turn.begins == nil)
        #expect(refused(turn.ask(8, isHere: false, 1_000 + keeping)) == 503 && turn.begins == 8)
        turn.begin()
        // What came of it is said for as long.
        turn.end(.absent("no"), 2_000 + keeping)
        #expect(turn.ask(8, isHere: false, 2_001 + keeping) == .refuse(.absent("no")))
        #expect(turn.ask(7, isHere: true, 2_001 + keeping) == .refuse(PastTurn.busy))
        #expect(refused(turn.ask(8, isHere: false, 2_000 + 2 * keeping)) == 503 && turn.begins == 8)
    }
}
