import Foundation
import History
import Proof
import Testing

@testable import Settlement

/// The history database beside what is published.
@Suite struct HistoryFollowerTests {
    @Test("every kept checkpoint is in the database once; one that was removed, and its line, are passed over")
    func checkpoints() throws {
        let venue = try SettledVenue([("history", "true"), ("checkpoint_records", "50")])
        let path = venue.state + "/history.sqlite"
        for round in 1...2 {
            try venue.startNode()
            try venue.startPlane().waitUntilReady()
            try venue.trade(200)
            try venue.stopNode()
            let size = UInt64(try PublishedLog(venue).leaves.count)
            try waitUntil("the checkpoint") { try PublishedLog(venue).latest()?.checkpoint.size == size }
            try venue.stopPlane()
            // The follower may have ended before the last one was kept: each start adds what is new.
            try waitUntil("every checkpoint") {
                try venue.startPlane().waitUntilReady()
                try venue.stopPlane()
                return try HistoryDatabase(path: path, venue: venue.id).lastCheckpoint() == size
            }
            let text = try HistoryDatabase(path: path, venue: venue.id).dump()
            let rows = text.split(separator: "\n").filter { $0.hasPrefix("checkpoints ") }
            let listed = try PublishedLog(venue).listed
            // Its first number is the sequence.
            let sizes = rows.map { row in row.split { !$0.isNumber }.first.flatMap { UInt64($0) } }
            #expect(sizes == listed && listed.count >= 4 * round)
        }
        // The database is made again: what is gone has no row.
        let removed = try PublishedLog(venue).listed[2]
        try FileManager.default.removeItem(atPath: PublishedLog.archive(venue, removed))
        for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
        let listed = try PublishedLog(venue).listed
        try waitUntil("every checkpoint again") {
            try venue.startPlane().waitUntilReady()
            try venue.stopPlane()
            return try HistoryDatabase(path: path, venue: venue.id).lastCheckpoint() == listed.last
        }
        let text = try HistoryDatabase(path: path, venue: venue.id).dump()
        #expect(text.split(separator: "\n").count { $0.hasPrefix("checkpoints ") } == listed.count - 1)
        #expect(try PublishedLog(venue).listed == listed)
    }
}
