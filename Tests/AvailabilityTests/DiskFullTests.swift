import Foundation
import Glibc
import Testing

@testable import Availability

@Suite("Publishing on a full disk", .enabled(if: geteuid() == 0, "a small file system can be mounted only by root"))
struct DiskFullTests {
    /// What is on the disk that is full.
    enum Place: CaseIterable { case blobs, certificates, position }

    /// A file system of 256 KiB; gone with its owner.
    private final class SmallDisk {
        let path: String

        init(_ path: String) throws {
            self.path = path
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
            try #require(mount("tmpfs", path, "tmpfs", 0, "size=262144") == 0, "mount: errno \(errno)")
        }

        deinit { umount2(path, Int32(MNT_DETACH)) }

        /// Takes all space that is left.
        func fill() throws {
            let file = open(path + "/filler", O_CREAT | O_WRONLY, 0o600)
            defer { close(file) }
            let bytes = [UInt8](repeating: 1, count: 4096)
            while write(file, bytes, bytes.count) > 0 {}
            try #require(errno == ENOSPC)
        }

        func free() throws { try FileManager.default.removeItem(atPath: path + "/filler") }
    }

    @Test("nothing counts as published; with space the same records follow", arguments: Place.allCases)
    func full(_ place: Place) throws {
        let scratch = Scratch()
        let journal = try makeJournal(scratch.journal, count: 20)
        let disk = try SmallDisk(scratch.path + "/disk")
        let blobs = place == .blobs ? disk.path : scratch.blobs
        let certificates = place == .certificates ? disk.path : scratch.certificates
        let position = place == .position ? disk.path + "/da.position" : scratch.position
        let layer = try DirectoryLayer(blobs)
        func published() -> Int { scratch.names(certificates).count { $0.count == 20 } }
        var publisher = try makePublisher(scratch, layer, position: position, certificates: certificates)
        _ = try publisher.step(durable: 10, now: later)
        #expect(published() == 1)

        try disk.fill()
        for _ in 0..<2 {
            if place == .blobs {
                guard case .failed(.unavailable, _) = try publisher.step(durable: 20, now: later) else {
                    Issue.record("a batch was published to a full disk")
                    return
                }
            } else {
                #expect(throws: (any Error).self) { try publisher.step(durable: 20, now: later) }
                publisher = try makePublisher(scratch, layer, position: position, certificates: certificates)
            }
            #expect(published() == 1, "nothing became available")
            #expect(try PublisherState(path: position).through == 10)
        }

        try disk.free()
        guard case .published(20, _) = try publisher.step(durable: 20, now: later) else {
            Issue.record("with space it is published")
            return
        }
        #expect(published() == 2)
        #expect(try walk(CertifiedBatches(certificates: certificates, layer: layer)) == journal)
    }
}
