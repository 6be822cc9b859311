import Foundation
import Platform
import Testing

@testable import HTTP

/// The real server on a thread, over real sockets.
@Suite struct HTTPServerTests {
    private static let close = "Connection: close\r\n\r\n"

    private func post(_ body: String, _ fields: String = "") -> String {
        "POST /echo HTTP/1.1\r\nContent-Length: \(body.utf8.count)\r\n\(fields)\r\n\(body)"
    }

    @Test func requestsOfOneConnectionFollowEachOther() throws {
        let server = try RunningServer()
        let client = try RawClient(server.endpoint)
        for count in 0..<20 {
            try client.send("GET /a/\(count) HTTP/1.1\r\nHost: a\r\n\r\n")
            let answer = try client.readAnswer()
            #expect(answer.head.hasPrefix("HTTP/1.1 200 OK\r\n") && answer.head.contains("Connection: keep-alive\r\n"))
            #expect(answer.body == Array("name a/\(count)\n".utf8))
            try client.send(post("body \(count)"))
            #expect(try client.readAnswer().body == Array("body \(count)".utf8))
            try client.send("HEAD /a HTTP/1.1\r\n\r\n")
            #expect(try client.readAnswer(isHead: true).head.contains("Content-Length: 7\r\n"))
        }
    }

    @Test func whatComesTogetherIsAnsweredInOrder() throws {
        let server = try RunningServer()
        var stream = ""
        for count in 0..<500 { stream += count % 2 == 0 ? "GET /\(count) HTTP/1.1\r\n\r\n" : post("<\(count)>") }
        let text = try server.exchange(stream + "GET /end HTTP/1.1\r\n" + Self.close)
        let bodies = text.components(separatedBy: "\r\n\r\n").dropFirst().map {
            $0.components(separatedBy: "HTTP/1.1")[0]
        }
        let expected = (0..<500).map { $0 % 2 == 0 ? "name \($0)\n" : "<\($0)>" } + ["name end\n"]
        #expect(bodies == expected)
    }

    @Test func aByteAtATimeIsARequestToo() throws {
        let server = try RunningServer()
        let client = try RawClient(server.endpoint)
        for byte in Array(post("slowly").utf8) { try client.send([byte]) }
        #expect(try client.readAnswer().body == Array("slowly".utf8))
    }

    @Test func bodiesAreBounded() throws {
        let server = try RunningServer()
        let most = String(repeating: "b", count: EchoService.bytesMax)
        #expect(try server.exchange(post(most, "Connection: close\r\n")).hasSuffix("\r\n\r\n" + most))
        let refused = try server.exchange(post(most + "b"))
        #expect(refused.hasPrefix("HTTP/1.1 413 ") && refused.hasSuffix("longer than 100000 bytes\n"))
        // It is refused for what it says, before any of it comes.
        #expect(try server.exchange("POST /echo HTTP/1.1\r\nContent-Length: 100001\r\n\r\n").hasPrefix("HTTP/1.1 413 "))
        let get = try server.exchange("GET /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc")
        #expect(get.hasPrefix("HTTP/1.1 413 "))
    }

    @Test func whatCannotBeARequestIsRefusedWithItsStatus() throws {
        let server = try RunningServer()
        let head = "POST /echo HTTP/1.1\r\n", long = String(repeating: "a", count: 200_000)
        let expected = [
            (head + "Content-Length: -1\r\n\r\n", 400), (head + "Content-Length: 99999999999999999999\r\n\r\n", 413),
            (head + "Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", 400), (head + "\r\n", 411),
            (head + "Transfer-Encoding: chunked\r\n\r\n3\r\nold\r\n0\r\n\r\n", 411),
            (head + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nold", 400),
            (head + "Transfer-Encoding: gzip\r\n\r\n", 501), ("POST /a HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 405),
            ("GET /a HTTP/1.1\r\nA: " + long, 431), ("GET /\(long) HTTP/1.1\r\n\r\n", 431),
            ("GET /..%2f HTTP/1.1\r\n\r\n", 400),
            ("GET /\(long.prefix(300)) HTTP/1.1\r\n\r\n", 414), ("DELETE /a HTTP/1.1\r\n\r\n", 405),
            ("GET /a HTTP/3\r\n\r\n", 505), ("\u{0}\u{1}\r\n\r\n", 400), ("GET /echo HTTP/1.0\r\n\r\n", 405),
        ]
        for (request, status) in expected {
            let answer = try server.exchange(request)
            #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(request.prefix(100).debugDescription): \(answer)")
        }
        #expect(try server.exchange("GET /echo HTTP/1.0\r\n\r\n").contains("\r\nAllow: POST\r\n"))
        #expect(try server.exchange("POST /a HTTP/1.0\r\n\r\n").contains("\r\nAllow: GET, HEAD\r\n"))
    }

    @Test func whatIsCutShortIsNotAnswered() throws {
        let server = try RunningServer()
        for request in ["", "GET /a HTT", "POST /echo HTTP/1.1\r\nContent-Length: 9\r\n\r\n1234"] {
            let client = try RawClient(server.endpoint)
            try client.send(request)
            Sockets.endSending(client.socket.raw)
            #expect(client.readAll().isEmpty)
        }
    }

    @Test func whoWaitsForAWordBeforeItsBodyGetsIt() throws {
        let server = try RunningServer()
        let client = try RawClient(server.endpoint)
        try client.send("POST /echo HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
        let word = Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)
        var told: [UInt8] = []
        while told.count < word.count { told += try #require(client.read(word.count - told.count)) }
        #expect(told == word)
        try client.send("body")
        #expect(try client.readAnswer().body == Array("body".utf8))
    }

    @Test func manyConnectionsAtOnceAreAllAnswered() throws {
        let server = try RunningServer()
        var held: [RawClient] = []
        // As many as there are places, each with a request begun; the last one first.
        for _ in 0..<64 {
            let client = try RawClient(server.endpoint)
            try client.send("GET /a")
            held.append(client)
        }
        for client in held.reversed() {
            try client.send(" HTTP/1.1\r\n" + Self.close)
            #expect(client.readAll().hasSuffix("\r\n\r\nname a\n"))
        }
    }

    @Test func anAnswerUnderWayIsSentWhenItStops() throws {
        let file = NSTemporaryDirectory() + "glassbook-http-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: file) }
        let count = 24 << 20
        try File.replace(file, with: [UInt8](repeating: 7, count: count))
        let server = try RunningServer(EchoService(file: file))
        let client = try RawClient(server.endpoint)
        try client.send("GET /file HTTP/1.1\r\n\r\n")
        let first = try #require(client.read(1))
        server.askToStop()
        var received = first.count
        while let more = client.read(1 << 20) { received += more.count }
        #expect(received > count)
        server.stop()
    }
}
