import Foundation
import HTTP
import Platform
import Testing

@testable import Settlement

/// What a settlement plane says of its memory when it starts, held to what it takes.
@Suite struct MemoryTests {
    @Test("a plane with everything that it can run takes no more than it prints, and no venue of it is left out")
    func printed() throws {
        let venue = try SettledVenue([
            ("history", "true"), ("checkpoint_records", "1_024"), ("batch_bytes", "1_048_576"),
            ("levels_max", "20_971_520"),
        ])
        try venue.startNode()
        let plane = try venue.startPlane(isServing: true)
        try plane.waitUntilReady()
        let text = plane.readyLine
        let port = try #require(plane.value("http")?.split(separator: ":").last.flatMap { UInt16($0) }, "\(text)")
        let plan = MemoryPlan(venue.settings, try VenueIdentity(venue.settings), isServing: true)
        try waitUntil("the line") { plane.errorText.contains(plan.line) }
        var most = 0
        func look() throws { most = max(most, try Self.anonymousBytes(plane.identifier)) }
        for _ in 0..<3 {
            try venue.trade(1_000)
            try look()
        }
        // The prover of balances begins with the first question.
        try waitUntil("a balance proof and the history; \(plane.errorText)") {
            try look()
            return try Self.status(port, "/balance/1/0") == 200 && CommitmentTests.isCommitted(venue)
        }
        // So does the one for past states.
        let first = try #require(try CommitmentTests.commitments(venue.settings.journalDirectory).first).through
        try waitUntil("a past balance; \(plane.errorText)") {
            try look()
            return try Self.status(port, "/balance/0/0/\(first)") == 200
        }
        let venueBytes = try #require(plan.parts.first { $0.name == "venue" }).bytes
        // Each of the four makes its venue when it comes to it.
        try? waitUntil("all of them") {
            _ = try Self.status(port, "/balance/0/0/\(first)")
            try look()
            return most > plan.bytes - venueBytes
        }
        #expect(most <= plan.bytes, "\(most) of \(plan.line)")
        #expect(plan.parts.count { $0.name.hasSuffix("venue") && $0.bytes == venueBytes } == 4)
        // Without any one of the four venues the figure would be too small: it says something.
        #expect(most > plan.bytes - venueBytes, "\(most) of \(plan.line)")
        try venue.stopPlane()
        try venue.stopNode()
    }

    private static func anonymousBytes(_ process: Int32) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("RssAnon:") })
        return try #require(Int(line.split(separator: " ")[1])) << 10
    }

    /// The status of the answer to a GET.
    private static func status(_ port: UInt16, _ path: String) throws -> Int {
        let socket = try Sockets.connect(to: IPv4Endpoint(.loopback, port: port))
        let request = Array("GET \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8)
        try request.withUnsafeBytes { try Sockets.sendAll(socket.raw, $0) }
        let answer = String(decoding: try PublishedServerTests.Served.readAll(socket), as: UTF8.self)
        return Int(answer.split(separator: " ").dropFirst().first ?? "") ?? 0
    }
}
