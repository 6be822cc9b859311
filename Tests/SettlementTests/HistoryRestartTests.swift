import Cryptography
import Foundation
import History
import Journal
import Platform
import Replay
import Testing
import Wire

@testable import Settlement

/// The history of a real venue: the same rows wherever its follower begins.
@Suite struct HistoryRestartTests {
    private static func path(_ venue: SettledVenue) -> String { venue.state + "/history.sqlite" }

    /// Everything but checkpoints, which are as many as there were published.
    private static func rows(_ venue: SettledVenue) throws -> [String] {
        try HistoryDatabase(path: path(venue), venue: venue.id).dump().split(separator: "\n").map(String.init)
            .filter { !$0.hasPrefix("checkpoints ") }
    }

    private static func wipe(_ venue: SettledVenue) {
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path(venue) + suffix) }
    }

    private static func mark(_ venue: SettledVenue) throws -> HistoryDatabase.Mark {
        try HistoryDatabase(path: path(venue), venue: venue.id).mark
    }

    /// Runs a plane until it has ended in order, which is behind the last record. Returns what it said.
    private static func follow(_ venue: SettledVenue) throws -> String {
        let plane = try venue.startPlane()
        try plane.waitUntilReady()
        try venue.stopPlane()
        return plane.errorText
    }

    @Test("behind a snapshot, killed on the way, or wiped and filled again: the rows are the same")
    func sameRows() throws {
        let venue = try SettledVenue([("history", "true"), ("snapshot_records", "50"), ("snapshots_kept", "100")])
        let snapshots = SnapshotDirectory(venue.settings.snapshotDirectory)
        try venue.startNode()
        try venue.startPlane().waitUntilReady()
        for count in [70, 60] {
            try venue.trade(count) { $0 % 3 > 0 }
            try waitUntil("a commitment") { try CommitmentTests.isCommitted(venue) }
        }
        try venue.stopPlane()
        let before = try Self.mark(venue).sequence
        let snapshot = try #require(snapshots.sequences().last { $0 <= before })
        // Killed while it writes what came behind that, several times.
        for round in 0..<4 {
            try venue.trade(20)
            let plane = try venue.startPlane()
            if round > 0 { try plane.waitUntilReady() }
            if round > 1 {
                let last = UInt64(try PublishedLog(venue).leaves.count)
                try waitUntil("the history; \(plane.errorText)") {
                    try CounterReader(path: venue.state + "/counters").counter("history.sequence") ?? 0 >= last
                }
                #expect(plane.errorText.contains("history: state from the snapshot of record "))
            }
            try venue.trade(20)
            plane.killNow()
        }
        try venue.startPlane().waitUntilReady()
        try waitUntil("a commitment") { try CommitmentTests.isCommitted(venue) }
        try venue.stopPlane()
        try venue.stopNode()
        let said = try Self.follow(venue)
        let last = UInt64(try PublishedLog(venue).leaves.count)
        #expect(try Self.mark(venue).sequence == last)
        let near = try #require(snapshots.sequences().last { $0 <= last })
        #expect(near > snapshot && said.contains("history: state from the snapshot of record \(near)"), "\(said)")
        let rows = try Self.rows(venue)
        #expect(rows.contains { $0.hasPrefix("balances ") } && rows.contains { $0.hasPrefix("orders ") })

        Self.wipe(venue)
        #expect(try !Self.follow(venue).contains("history: state from"))
        #expect(try Self.rows(venue) == rows)
        #expect(try Self.mark(venue).sequence == last)

        // Behind each snapshot, and behind records that follow it: what is before is as the first filling left it.
        let followed = snapshots.sequences().filter { $0 + 3 <= last }
        #expect(followed.count >= 2)
        for snapshot in followed.prefix(4) {
            for mark in [snapshot, snapshot + 3] {
                Self.wipe(venue)
                try Self.fill(venue, through: mark)
                let said = try Self.follow(venue)
                #expect(said.contains("history: state from the snapshot of record \(snapshot)"), "\(mark): \(said)")
                #expect(try Self.rows(venue) == rows, "behind record \(mark)")
            }
        }

        // A snapshot with another state, which the records behind it tell: an older one is taken.
        let sequences = followed
        try PastBalanceTests.lie(venue, sequences[1], stateOf: sequences[1] - 25)
        Self.wipe(venue)
        try Self.fill(venue, through: sequences[1] + 3)
        let lines = LogLines()
        let counters = try SettlementCounters(path: venue.directory + "/counters")
        let context = FollowerContext(
            settings: venue.settings, venue: try VenueIdentity(venue.settings), log: lines.logger, counters: counters)
        let stop = StopFlag()
        stop.stop()
        var follower = try HistoryFollower(context)
        try follower.run(until: stop)
        #expect(lines.text.contains("history: behind the snapshot of record \(sequences[1]): "), "\(lines.text)")
        #expect(lines.text.contains("history: state from the snapshot of record \(sequences[0])"), "\(lines.text)")
        #expect(try Self.rows(venue) == rows)
    }

    /// Fills a database up to a record, from the first one on.
    private static func fill(_ venue: SettledVenue, through last: UInt64) throws {
        // The rows of a replay are those of the journal: a venue that ends there gives them.
        let database = try HistoryDatabase(path: path(venue), venue: venue.id)
        try HistoryFill.rows(venue, through: last) { rows, mark in try database.add(rows, upTo: mark) }
    }

    @Test("another record at the mark is found behind a snapshot too, before it and at it")
    func contradiction() throws {
        let venue = try SettledVenue([("history", "true"), ("snapshot_records", "50"), ("snapshots_kept", "100")])
        try venue.startNode()
        let plane = try venue.startPlane()
        try plane.waitUntilReady()
        try venue.trade(130)
        try waitUntil("a commitment") { try CommitmentTests.isCommitted(venue) }
        try venue.stopPlane()
        try venue.stopNode()
        let snapshot = try #require(SnapshotDirectory(venue.settings.snapshotDirectory).sequences().last)
        for mark in [snapshot, snapshot + 1] {
            Self.wipe(venue)
            try HistoryDatabase(path: Self.path(venue), venue: venue.id)
                .add([], upTo: .init(sequence: mark, hash: Sha256.hash([1])))
            let plane = try venue.startPlane()
            try plane.waitUntilReady()
            try waitUntil("what it says; \(plane.errorText)") {
                plane.errorText.contains("was filled from a journal with another record \(mark)")
            }
            #expect(plane.errorText.contains("history: state from the snapshot of record \(snapshot)"))
            try venue.stopPlane()
            #expect(try Self.mark(venue) == .init(sequence: mark, hash: Sha256.hash([1])))
            #expect(try Self.rows(venue) == [])
        }
    }
}

/// The rows of a journal, made from its first record on.
enum HistoryFill {
    static func rows(
        _ venue: SettledVenue, through last: UInt64, _ add: ([HistoryRow], HistoryDatabase.Mark) throws -> Void
    ) throws {
        var start = try ReplayStart.genesis(venue.settings, VenueIdentity(venue.settings))
        var changes = BalanceChanges()
        var rows: [HistoryRow] = []
        while let record = try start.reader.next(), record.sequence <= last {
            try start.replayer.replay(record)
            rows += HistoryRow.rows(record)
            // Every account, whether a record touches it or not.
            rows += changes.rows(
                sequence: record.sequence, accounts: start.replayer.venue.accountIds(), of: start.replayer.venue)
            guard record.sequence == last else { continue }
            try add(rows, .init(sequence: last, hash: Hash256(record.hash)))
        }
    }
}
