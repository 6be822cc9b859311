import Foundation
import Glibc
import Proof
import Testing

@testable import Settlement

/// Published files that are damaged, and a disk without room.
@Suite struct DamageTests {
    private func venue(records: Int = 600) throws -> SettledVenue {
        let venue = try SettledVenue()
        try venue.startNode()
        try venue.trade(records)
        try venue.stopNode()
        try run(venue)
        return venue
    }

    /// Runs the plane until what is published holds, with entries.
    private func run(_ venue: SettledVenue) throws {
        let plane = try venue.startPlane()
        try plane.waitUntilReady()
        let log = try PublishedLog(venue)
        let size = UInt64(log.leaves.count)
        try waitUntil("checkpoint and entries; \(plane.errorText)") {
            guard try log.latest()?.checkpoint.size == size else { return false }
            let files = TileReader(TileDirectory(venue.published), size: size)
            guard (try? files.rootOfAllTiles()) == log.root(size) else { return false }
            return (0...(size - 1) >> 8).allSatisfy { (try? files.entries(bundle: $0)) != nil }
        }
        try venue.stopPlane()
        #expect(try log.faults() == [])
    }

    enum Harm: String, CaseIterable {
        case missingFull = "tile/0/000", missingPartial = "tile/0/002.p", missingTop = "tile/1/000.p"
        case bundle = "tile/entries/000"
    }

    @Test("a missing tile or bundle is made again from the journal", arguments: Harm.allCases)
    func missing(_ harm: Harm) throws {
        let venue = try venue()
        try FileManager.default.removeItem(atPath: "\(venue.published)/\(harm.rawValue)")
        try run(venue)
    }

    @Test("a tile with another hash, or of the wrong width, is made again from the journal", arguments: [true, false])
    func corrupted(_ isShort: Bool) throws {
        let venue = try venue()
        let path = "\(venue.published)/tile/0/001"
        var bytes = try #require(FileManager.default.contents(atPath: path))
        if isShort { bytes.removeLast(32) } else { bytes[1_000] ^= 1 }
        try bytes.write(to: URL(fileURLWithPath: path))
        try run(venue)
    }

    @Test(
        "a full disk: nothing is signed whose tiles are not there; with space it goes on",
        .enabled(if: geteuid() == 0, "a file system of a few KiB can be mounted only by root"))
    func diskFull() throws {
        let venue = try SettledVenue(mountedBytes: 16 << 10)
        try venue.startNode()
        try venue.trade(900)
        let plane = try venue.startPlane()
        try plane.waitUntilReady()
        try waitUntil("a refusal") { plane.errorText.contains("no checkpoint") }
        let signed = try SignedHead.load(venue.state, origin: venue.origin)?.size ?? 0
        let latest = try PublishedLog(venue).latest()?.checkpoint.size ?? 0
        #expect(signed == latest)
        #expect(try PublishedLog(venue).faults() == [])
        try venue.remount(bytes: 64 << 20)
        try waitUntil("a checkpoint; \(plane.errorText)") {
            try PublishedLog(venue).latest()?.checkpoint.size ?? 0 > 900
        }
        try venue.stopPlane()
        try venue.stopNode()
        #expect(try PublishedLog(venue).faults() == [])
    }

    @Test("a failed fsync is never tried again: the process ends; the next one goes on")
    func failedSync() throws {
        try #require(Strace.isInstalled)
        let venue = try venue(records: 100)
        try venue.startNode()
        try venue.trade(30)
        try venue.stopNode()
        let plane = try venue.startPlane(tracer: Strace.failing("fsync", "EIO", at: 1))
        #expect(plane.wait() == 8, "\(plane.errorText)")
        try run(venue)
    }
}
