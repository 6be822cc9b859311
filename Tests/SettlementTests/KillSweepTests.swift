import Foundation
import Glibc
import Testing

@testable import Settlement

/// kill -9 at every system call of checkpoints that changes or reads a file, then a restart: whatever was signed is in
/// the journal, there is one head for each size, what is published is whole, and it goes on to the end.
///
/// GLASSBOOK_SWEEP_STEP is how many calls are passed over each time; 1 sweeps them all.
@Suite(.serialized, .enabled(if: Strace.isInstalled)) struct KillSweepTests {
    static let step = ProcessInfo.processInfo.environment["GLASSBOOK_SWEEP_STEP"].flatMap { Int($0) } ?? 5

    @Test(arguments: ["write", "fsync", "rename", "openat", "mkdir", "unlink"])
    func killedAt(_ call: String) throws {
        let venue = try SettledVenue([
            ("checkpoint_records", "60"), ("checkpoint_interval_ms", "600_000"), ("promise_seconds", "3_600"),
        ])
        try venue.startNode()
        try venue.trade(290)
        try venue.stopNode()
        let size = UInt64(try PublishedLog(venue).leaves.count)
        #expect(size > 256, "the tiles have two levels")
        var kills = 0
        var number = 1
        while true {
            try Self.wipe(venue)
            let plane = try venue.startPlane(tracer: Strace.killing(call, at: number))
            let isDone = try Self.isDone(plane, venue, size)
            if isDone { plane.stop() }
            if plane.wait() != 128 + SIGKILL { break }
            kills += 1
            try Self.check(venue, "killed at \(call) \(number)")
            // The next one goes on where that one was, and ends in order.
            try venue.startPlane().waitUntilReady()
            try waitUntil("all checkpoints after \(call) \(number)") { try Self.latest(venue) ?? 0 >= size / 60 * 60 }
            try venue.stopPlane()
            try Self.check(venue, "restarted after \(call) \(number)")
            #expect(try Self.latest(venue) == size, "\(call) \(number)")
            // Whatever was signed is kept, and listed.
            let log = try PublishedLog(venue)
            let signed = Set(stride(from: 60, through: size, by: 60)).union([size]).sorted()
            #expect(try log.archived == signed && log.listed == signed, "\(call) \(number)")
            number += Self.step
        }
        #expect(kills > 0)
    }

    /// Waits until the traced process was killed, or has made every checkpoint that is due.
    private static func isDone(_ plane: RunningProcess, _ venue: SettledVenue, _ size: UInt64) throws -> Bool {
        var isDone = false
        try waitUntil("an end") {
            isDone = try plane.isRunning && Self.latest(venue) ?? 0 >= size / 60 * 60
            return isDone || !plane.isRunning
        }
        return isDone
    }

    private static func latest(_ venue: SettledVenue) throws -> UInt64? {
        try PublishedLog.checkpoint(venue.published + "/checkpoint", venue)?.checkpoint.size
    }

    private static func wipe(_ venue: SettledVenue) throws {
        for path in [venue.published, venue.state, venue.directory + "/da"] {
            try? FileManager.default.removeItem(atPath: path)
        }
    }

    /// What holds at every moment.
    private static func check(_ venue: SettledVenue, _ moment: String) throws {
        let log = try PublishedLog(venue)
        #expect(try log.faults() == [], "\(moment)")
        let signed = try SignedHead.load(venue.state, origin: venue.origin)
        let latest = try log.latest()?.checkpoint.size ?? 0
        #expect(signed?.size ?? 0 >= max(latest, log.archived.last ?? 0), "\(moment): signed before it was on disk")
        if let signed { #expect(signed.root == log.root(signed.size), "\(moment)") }
    }
}
