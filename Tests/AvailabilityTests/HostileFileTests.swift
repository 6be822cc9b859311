import Cryptography
import Foundation
import Glibc
import Testing

@testable import Availability

/// Files of a layer are somebody else's: a pipe among them has no writer, and who opens it waits for ever.
@Suite("Files that are none")
struct HostileFileTests {
    private func pipe(_ scratch: Scratch, _ digest: Hash256) throws {
        try #require(mkfifo("\(scratch.blobs)/\(digest.hexadecimal)", 0o644) == 0)
    }

    @Test("a pipe beside the batches is passed over")
    func directory() throws {
        let scratch = Scratch()
        _ = try makeJournal(scratch.journal, count: 6)
        var publisher = try makePublisher(scratch, try DirectoryLayer(scratch.blobs), records: 6)
        _ = try publisher.step(durable: 6, now: later, isClosing: true)
        try pipe(scratch, Sha256.hash([1]))
        #expect(try walk(BatchDirectory(scratch.blobs)).count == 6)
    }

    @Test("a pipe in place of a batch, and of a certificate, is refused")
    func layer() throws {
        let scratch = Scratch(), digest = Sha256.hash([1])
        let layer = try DirectoryLayer(scratch.blobs)
        try pipe(scratch, digest)
        #expect(throws: LayerError.self) { try layer.fetch(digest.withUnsafeBytes { Array($0) }) }
        let name = BatchCertificate.name(first: 1)
        try #require(mkfifo("\(scratch.blobs)/\(name)", 0o644) == 0)
        var source = CertifiedBatches(certificates: scratch.blobs, layer: layer)
        #expect(try source.batch(first: 1) == nil)
    }
}
