import Foundation
import Platform
import Testing

@testable import HTTP

/// Who is late and who is not: a turn at a time, at times of the test's choice.
@Suite struct HTTPPatienceTests {
    private let late = TurnedServer.patience + 1

    @Test func whoIsSlowIsToldSo() throws {
        let served = try TurnedServer()
        let client = try served.connect()
        try client.send("GET /checkpo")
        try served.waitReadable()
        try served.turn()
        served.pass(late - 2)
        try served.turn()
        #expect(served.server.connections.first?.wait == .request)
        served.pass(late)
        try served.turn()
        #expect(try client.readAnswer().head.hasPrefix("HTTP/1.1 408 "))
    }

    @Test func whoSaysNothingIsClosed() throws {
        let served = try TurnedServer()
        let client = try served.connect()
        served.pass(late)
        try served.turn()
        #expect(served.server.connections.isEmpty)
        #expect(client.readAll().isEmpty)
    }

    @Test func whatCameWhileTheServerWasNotRunIsNotLate() throws {
        let served = try TurnedServer()
        let client = try served.connect()
        try client.send("POST /echo HTTP/1.1\r\nContent-Length: 30000\r\n\r\n")
        try served.waitReadable()
        try served.turn()
        // All of the body arrives; the server's thread gets its turn an hour later.
        let body = [UInt8](repeating: 3, count: 30_000)
        let raw = client.socket.raw
        let sender = try PinnedThread(name: "sender") {
            try? body.withUnsafeBytes { try Sockets.sendAll(raw, $0) }
        }
        try served.waitReadable()
        while let taken = served.server.connections.first, taken.wait == .request, !taken.isIdle {
            served.pass(3_600_000)
            try served.waitReadable()
            try served.turn()
        }
        sender.join()
        #expect(try client.readAnswer().body == body)
    }

    @Test func whoSendsAByteNowAndThenIsLateAllTheSame() throws {
        let served = try TurnedServer()
        let client = try served.connect()
        var turns: UInt64 = 0
        while served.server.connections.first?.wait == .request {
            try client.send("A")
            try served.waitReadable()
            try served.turn()
            served.pass(TurnedServer.patience / 10)
            turns += 1
        }
        #expect(turns < 15)
        #expect(client.readAll().hasPrefix("HTTP/1.1 408 "))
    }

    @Test func whoNeverReadsIsClosedAndHoldsUpNobody() throws {
        let path = NSTemporaryDirectory() + "glassbook-http-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        // More than the buffers of two sockets ever take.
        try File.replace(path, with: [])
        try FileHandle(forWritingTo: URL(fileURLWithPath: path)).truncate(atOffset: 1 << 30)
        let served = try TurnedServer(EchoService(file: path))
        let mute = try served.connect()
        try mute.send("GET /file HTTP/1.1\r\n\r\n")
        try served.waitReadable()
        let stuck = served.server.connections[0]
        try served.turn()
        #expect(stuck.wait == .room)
        let other = try served.connect()
        try other.send("GET /other HTTP/1.1\r\n\r\n")
        try served.waitReadable()
        try served.turn()
        #expect(try other.readAnswer().body == Array("name other\n".utf8))
        while stuck.wait == .room {
            served.pass(late)
            try served.turn()
        }
        #expect(stuck.wait == .nothing)
    }

    @Test func whoReadsSlowlyKeepsNoFileThatWasRemoved() throws {
        let path = NSTemporaryDirectory() + "glassbook-http-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try File.replace(path, with: [])
        try FileHandle(forWritingTo: URL(fileURLWithPath: path)).truncate(atOffset: 1 << 30)
        let served = try TurnedServer(EchoService(file: path))
        let slow = try served.connect()
        try slow.send("GET /file HTTP/1.1\r\n\r\n")
        try served.waitReadable()
        let connection = try #require(served.server.connections.first)
        try served.turn()
        /// Reads until the server can go on, half a patience later than the time before.
        func read() throws {
            while try poll(connection.socket.raw, for: .writable, timeoutMilliseconds: 0).isEmpty {
                // What the server has sent may still be on its way, and so may be the word that there is room.
                if try poll(slow.socket.raw, for: .readable, timeoutMilliseconds: 10).isEmpty { continue }
                _ = try #require(slow.read(1 << 20))
            }
            served.pass(TurnedServer.patience / 2)
            try served.turn()
        }
        for _ in 0..<40 { try read() }
        #expect(connection.wait == .room)
        try FileManager.default.removeItem(atPath: path)
        for _ in 0..<4 where connection.wait == .room { try read() }
        #expect(connection.wait == .nothing)
    }

    @Test func oneTooManyClosesTheLongestIdleOrIsToldToComeAgain() throws {
        let served = try TurnedServer(connectionsMax: 4)
        let first = try served.connect()
        served.pass(1)
        let second = try served.connect()
        served.pass(1)
        // The first says something: the second has been idle for longest from then on.
        try first.send("GET /a HTTP/1.1\r\n\r\n")
        _ = try poll(served.server.connections[0].socket.raw, for: .readable, timeoutMilliseconds: -1)
        try served.turn()
        _ = try first.readAnswer()
        let third = try served.connect(), fourth = try served.connect(), fifth = try served.connect()
        #expect(second.readAll().isEmpty)
        // Requests have begun on all of them; they are not even read yet.
        let begun = [first, third, fourth, fifth]
        for client in begun { try client.send("GET /b") }
        for connection in served.server.connections {
            _ = try poll(connection.socket.raw, for: .readable, timeoutMilliseconds: -1)
        }
        let sixth = try served.connect()
        #expect(try sixth.readAnswer().head.hasPrefix("HTTP/1.1 503 "))
        for client in begun { try client.send(" HTTP/1.1\r\n\r\n") }
        // What was sent may still be on its way to the server: a turn waits for some of it.
        while served.server.connections.contains(where: { $0.wait == .request && !$0.isIdle }) { try served.turn() }
        for client in begun { #expect(try client.readAnswer().body == Array("name b\n".utf8)) }
    }

    @Test func endedConnectionsAreBounded() throws {
        let served = try TurnedServer()
        var held: [RawClient] = []
        for _ in 0..<(HTTPServer.endedMax + 10) {
            let client = try served.connect()
            try client.send("NONSENSE\r\n\r\n")
            try served.waitReadable()
            try served.turn()
            held.append(client)
        }
        #expect(served.server.connections.count == HTTPServer.endedMax)
        #expect(served.server.connections.allSatisfy { $0.wait == .end })
        served.pass(late)
        try served.turn()
        #expect(served.server.connections.isEmpty)
    }
}
