import Foundation
import Proof
import Testing
import Wire

@testable import Settlement

/// A real node and a real settlement plane.
@Suite struct CheckpointTests {
    @Test("checkpoints appear while the venue trades, and hold; entries follow; the end comes with a last one")
    func appear() throws {
        let venue = try SettledVenue()
        try venue.startNode()
        let plane = try venue.startPlane()
        try plane.waitUntilReady()
        #expect(plane.value("log") == venue.logVerifier.description)
        try venue.trade(300)
        try waitUntil("a checkpoint of 300 records") {
            try PublishedLog.checkpoint(venue.published + "/checkpoint", venue)?.checkpoint.size ?? 0 >= 300
        }
        try venue.trade(20)
        try venue.stopNode()
        try venue.stopPlane()

        let log = try PublishedLog(venue)
        let latest = try #require(try log.latest())
        #expect(latest.checkpoint.size == UInt64(log.leaves.count))
        #expect(log.archived.count >= 2 && log.archived.last == latest.checkpoint.size)
        #expect(try log.faults() == [])
        let signed = try #require(try SignedHead.load(venue.state, origin: venue.origin))
        #expect(signed.size == latest.checkpoint.size && signed.root == latest.checkpoint.root)
    }

    @Test("entries are the records, bundle by bundle")
    func entries() throws {
        let venue = try SettledVenue()
        try venue.startNode()
        try venue.trade(600)
        try venue.startPlane().waitUntilReady()
        let log = try PublishedLog(venue)
        try waitUntil("entries") {
            guard let size = try log.latest()?.checkpoint.size, size > 512 else { return false }
            let files = TileReader(TileDirectory(venue.published), size: size)
            return try (0...(size - 1) >> 8).allSatisfy { bundle in
                guard let path = TileReader.path(.entries, index: bundle, size: size),
                    [path, path.full].contains(where: {
                        FileManager.default.fileExists(atPath: "\(venue.published)/\($0)")
                    })
                else { return false }
                // Each is held to its hash in the tiles.
                return try files.entries(bundle: bundle).count == path.width
            }
        }
    }

    @Test("records are published no sooner than publish_delay_ms behind their checkpoint; hashes never wait")
    func delay() throws {
        let venue = try SettledVenue([("publish_delay_ms", "3_600_000")])
        try venue.startNode()
        try venue.trade(300)
        try venue.stopNode()
        let size = UInt64(try PublishedLog(venue).leaves.count)
        try venue.startPlane().waitUntilReady()
        try waitUntil("the checkpoint") { try PublishedLog(venue).latest()?.checkpoint.size == size }
        try venue.stopPlane()
        let files = TileReader(TileDirectory(venue.published), size: size)
        #expect(try files.rootOfAllTiles() == PublishedLog(venue).root(size))
        #expect(!FileManager.default.fileExists(atPath: venue.published + "/tile/entries"), "an hour has not passed")

        // The head counts from when the process that publishes has it: no sooner than now.
        let delay = 2_000
        try venue.configure([("publish_delay_ms", "\(delay)")])
        let start = ContinuousClock.now
        try venue.startPlane().waitUntilReady()
        try waitUntil("entries") {
            guard FileManager.default.fileExists(atPath: venue.published + "/tile/entries") else { return false }
            #expect(ContinuousClock.now - start >= .milliseconds(delay))
            return try (0...(size - 1) >> 8).allSatisfy {
                try FileManager.default.fileExists(
                    atPath: "\(venue.published)/\(#require(TileReader.path(.entries, index: $0, size: size)))")
            }
        }
        try venue.stopPlane()
        #expect(try files.entries(bundle: 0).count == 256)
    }
}
