import Foundation
import Testing
import Wire

@testable import Audit

/// The program itself, and files behind a web server.
@Suite struct ProgramTests {
    /// Runs `verifier` and waits. Returns its exit status and what it printed.
    private func run(_ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
            .deletingLastPathComponent().appendingPathComponent("verifier")
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = Pipe()
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: text, as: UTF8.self))
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
        #expect(try run(["audit", "--tiles", published.tiles, "--anchors", none]).status == 64)
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

    /// Any static web server: Python's.
    private final class WebServer {
        let url: String
        private let process = Process()

        init(directory: String) throws {
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = [
                "python3", "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", directory,
            ]
            let output = Pipe()
            process.standardOutput = output
            process.standardError = FileHandle.nullDevice
            try process.run()
            // "Serving HTTP on 127.0.0.1 port 43210 (http://127.0.0.1:43210/) ..."
            var line = ""
            while !line.contains("\n") {
                let data = output.fileHandleForReading.availableData
                try #require(!data.isEmpty, "the server ended")
                line += String(decoding: data, as: UTF8.self)
            }
            let start = try #require(line.range(of: "(http")), end = try #require(line.range(of: "/)"))
            url = String(line[line.index(after: start.lowerBound)..<end.upperBound].dropLast())
        }

        deinit {
            // Not by SIGTERM: the threads of tests block it, and a child inherits that.
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
    }
}
