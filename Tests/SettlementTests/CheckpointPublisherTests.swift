import Cryptography
import Foundation
import Logging
import Proof
import Testing

@testable import Settlement

/// What is kept of signed checkpoints when files cannot be written.
@Suite struct CheckpointPublisherTests {
    private func checkpoint(_ size: UInt64, _ signer: NoteSigner) -> LogCheckpoint {
        let root = Sha256.hash(Array("\(size)".utf8))
        let text = Checkpoint(origin: signer.verifierKey.name, size: size, root: root).text
        return LogCheckpoint(size: size, root: root, text: text, signature: signer.sign(text).line)
    }

    private struct Place {
        let fixture: ReceiptFixture
        let published: String
        let signer = NoteSigner(name: "log.test/1", key: SigningKey(insecureDeterministic: 9))!

        init() throws {
            fixture = try ReceiptFixture()
            published = fixture.settings.settlement.published
            try FileManager.default.createDirectory(
                atPath: published + "/checkpoints", withIntermediateDirectories: true)
        }

        func publisher() throws -> CheckpointPublisher {
            let context = FollowerContext(
                settings: fixture.settings, venue: fixture.identity, log: Logger(label: "test"),
                counters: fixture.counters)
            return try CheckpointPublisher(context, publishedSize: 0)
        }

        var list: String? { try? String(contentsOfFile: "\(published)/\(CheckpointFiles.index)", encoding: .utf8) }

        func isKept(_ size: UInt64) -> Bool {
            FileManager.default.fileExists(atPath: "\(published)/\(CheckpointFiles.path(size))")
        }
    }

    @Test("one that cannot be written, and all behind it, are written by the next attempt")
    func nothingIsLost() throws {
        let place = try Place()
        var publisher = try place.publisher()
        for size in [10, 20, 30] as [UInt64] { publisher.publish(checkpoint(size, place.signer)) }
        // A file where the directory was: nothing can be kept.
        let directory = place.published + "/checkpoints"
        try FileManager.default.moveItem(atPath: directory, toPath: directory + ".away")
        try Data().write(to: URL(fileURLWithPath: directory))
        for _ in 0..<2 {
            #expect(throws: SettlementError.self) { try publisher.writeNew() }
            #expect(!publisher.isIdle && !FileManager.default.fileExists(atPath: place.published + "/checkpoint"))
        }
        try FileManager.default.removeItem(atPath: directory)
        try FileManager.default.moveItem(atPath: directory + ".away", toPath: directory)
        try publisher.writeNew()
        #expect(publisher.isIdle && publisher.publishedSize == 30)
        #expect(place.list == "10\n20\n30\n")
        for size in [10, 20, 30] as [UInt64] { #expect(place.isKept(size)) }
    }

    @Test("a start lists what is there, and takes nothing out of the list")
    func listAtStart() throws {
        let place = try Place()
        var publisher = try place.publisher()
        publisher.publish(checkpoint(10, place.signer))
        try publisher.writeNew()
        let url = URL(fileURLWithPath: "\(place.published)/\(CheckpointFiles.index)")
        // Cut within a line; ahead of the files; not a list.
        for (text, expected) in [("1", "10\n"), ("10\n2", "10\n"), ("10\n40\n", "10\n40\n"), ("\n\n", "10\n")] {
            try Data(text.utf8).write(to: url)
            _ = try place.publisher()
            #expect(place.list == expected)
        }
        // What stands behind the lines when a line comes is written over.
        publisher = try place.publisher()
        try Data("10\n2000".utf8).write(to: url)
        publisher.publish(checkpoint(30, place.signer))
        try publisher.writeNew()
        #expect(place.list == "10\n30\n")
    }
}
