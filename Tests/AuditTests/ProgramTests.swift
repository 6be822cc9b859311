import Availability
import Cryptography
import Foundation
import Testing
import Wire

@testable import Audit

/// The program itself, and files behind a web server.
@Suite struct ProgramTests {
    private func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
        try Executables.run("verifier", arguments)
    }

    private func publish(_ fixture: AuditFixture) throws -> (Published, anchors: String) {
        let published = try Published()
        try published.writeTiles(fixture.records, log: fixture.log)
        try published.writeBatches([fixture.batch(1...20)])
        try published.writeJournal(fixture.records, venueId: fixture.venueId)
        let anchors = published.directory + "/anchors"
        try Data(fixture.anchors.text.utf8).write(to: URL(fileURLWithPath: anchors))
        return (published, anchors)
    }

    @Test func exitStatusSaysWhatWasFound() throws {
        let fixture = AuditFixture(orders: 30)
        let (published, anchors) = try publish(fixture)
        let whole = try run(["audit", "--tiles", published.tiles, "--anchors", anchors])
        #expect(whole.status == 0 && whole.output.contains("all that was asked for holds"), "\(whole)")
        #expect(try run(["audit", "--journal", published.journal, "--anchors", anchors]).status == 2)
        #expect(try run(["audit", "--anchors", anchors]).status == 64)
        let none = published.tiles + "/checkpoint"
        #expect(try run(["audit", "--tiles", published.tiles, "--anchors", none]).status == 2)
        #expect(try run(["audit", "--tiles", published.tiles, "--anchors", "/nonexistent"]).status == 2)
        #expect(try run(["bisect", published.tiles, published.journal]).status == 0)
        try published.change("published/tile/entries/000.p/\(fixture.records.count)") { $0[300] ^= 1 }
        let changed = try run(["audit", "--tiles", published.tiles, "--anchors", anchors, "--json"])
        #expect(changed.status == 1)
        let object = try JSONSerialization.jsonObject(with: Data(changed.output.utf8)) as? [String: Any]
        #expect(object?["verdict"] as? String == "entries" && object?["exit"] as? Int == 1, "\(changed.output)")
    }

    @Test func tilesBehindAWebServerAreTheSame() throws {
        let fixture = AuditFixture(orders: 300)
        let (published, _) = try publish(fixture)
        let server = try WebServer(directory: published.tiles)
        let report = audit(.tiles(server.url), fixture.anchors)
        #expect(report.exitStatus == 0 && report.counts.records == UInt64(fixture.records.count), "\(report)")
        #expect(report.counts.commitments == 2 && report.counts.batches == 1)
        // An answer that is larger than it may be is cut off.
        try Data(repeating: 65, count: 1 << 20).write(to: URL(fileURLWithPath: published.tiles + "/checkpoint"))
        let large = audit(.tiles(server.url), fixture.anchors)
        #expect(large.exitStatus == 2 && large.notChecked.contains { $0.contains("too large") }, "\(large)")
    }

    @Test("batches of a proxy are found by certificates behind a web server")
    func batchesOfAProxy() throws {
        let fixture = AuditFixture(orders: 30)
        let published = try Published()
        try published.writeTiles(fixture.records, log: fixture.log)
        let first = fixture.batch(1...20)
        let second = fixture.batch(21...UInt64(fixture.records.count), previous: first.digest)
        try published.writeBatches([first, second])
        // What a proxy answers to a GET is static: the bytes of a commitment.
        let directory = published.directory + "/proxy"
        try FileManager.default.createDirectory(atPath: directory + "/get", withIntermediateDirectories: true)
        for batch in [first, second] {
            let name = "\(published.tiles)/da/\(BatchCertificate.name(first: batch.first))"
            let certificate = try BatchCertificate([UInt8](try Data(contentsOf: URL(fileURLWithPath: name))))
            let commitment = certificate.commitment.withUnsafeBytes { Hexadecimal.encode($0) }
            try Data(batch.bytes).write(to: URL(fileURLWithPath: "\(directory)/get/0x\(commitment)"))
        }
        let (proxy, web) = (try WebServer(directory: directory), try WebServer(directory: published.tiles))
        for place in [web.url, published.tiles] {
            let report = audit(.batches(proxy.url), fixture.anchors) { $0.published = place }
            #expect(report.exitStatus == 0 && report.counts.batches == 2, "\(report)")
            #expect(report.counts.records == UInt64(fixture.records.count))
        }
        // Nobody answers: that is no end of the batches.
        let report = audit(.batches(proxy.url), fixture.anchors) { $0.published = "http://127.0.0.1:1/" }
        #expect(report.exitStatus == 2 && report.notChecked.contains { $0.contains("127.0.0.1:1") }, "\(report)")
    }
}
