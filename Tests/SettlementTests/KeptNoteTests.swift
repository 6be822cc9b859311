import Cryptography
import Foundation
import Logging
import Proof
import Testing

@testable import Settlement

/// Checkpoint files that the log reads at a start.
@Suite struct KeptNoteTests {
    @Test("a checkpoint file counts with the log's signature; what is no file holds up nobody")
    func files() throws {
        let fixture = try ReceiptFixture()
        let settlement = fixture.settings.settlement
        try FileManager.default.createDirectory(atPath: settlement.keys, withIntermediateDirectories: true)
        let key = SigningKey(insecureDeterministic: 77)
        try KeyFile.create("\(settlement.keys)/log.key", key: key, role: .log)
        let context = FollowerContext(
            settings: fixture.settings, venue: fixture.identity, log: Logger(label: "test"), counters: fixture.counters)
        let keys = try LogKeys(context)
        let path = "\(fixture.directory)/note"
        #expect(keys.signed(at: path) == nil, "there is none")

        let text = Checkpoint(origin: fixture.identity.origin, size: 3, root: Sha256.hash([1])).text
        for (signer, size) in [(key, 3 as UInt64?), (SigningKey(insecureDeterministic: 78), nil)] {
            let line = try #require(NoteSigner(name: fixture.identity.origin, key: signer)).sign(text).line
            try Data((text + "\n" + line).utf8).write(to: URL(fileURLWithPath: path))
            #expect(keys.signed(at: path)?.checkpoint.size == size)
        }
        try Data("no note".utf8).write(to: URL(fileURLWithPath: path))
        #expect(keys.signed(at: path) == nil)

        // Nobody will ever write to it.
        try FileManager.default.removeItem(atPath: path)
        try #require(mkfifo(path, 0o644) == 0)
        #expect(keys.signed(at: path) == nil)
    }
}
