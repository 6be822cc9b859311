import Testing

@testable import HTTP

@Suite struct HTTPRequestTests {
    private func parse(_ text: String) throws(HTTPRequest.Refusal) -> HTTPRequest {
        try HTTPRequest(head: Array(text.utf8)) { $0 == ["post"] ? 100 : nil }
    }

    @Test func plainRequestsAreRead() throws {
        let request = try parse("GET /tile/0/x001/234.p/5 HTTP/1.1\r\nHost: a\r\nAccept:\t*/*\r\n\r\n")
        #expect(request.path == ["tile", "0", "x001", "234.p", "5"])
        #expect(request.keepsAlive && request.method == .get)
        #expect(try parse("HEAD /checkpoint HTTP/1.1\r\n\r\n").method == .head)
        #expect(try !parse("GET /checkpoint HTTP/1.0\r\n\r\n").keepsAlive)
        #expect(try !parse("GET /checkpoint HTTP/1.1\r\nCONNECTION: Keep-Alive, Close\r\n\r\n").keepsAlive)
        #expect(try parse("GET /checkpoint HTTP/1.1\r\nContent-Length: 0\r\n\r\n").path == ["checkpoint"])
    }

    @Test(arguments: [
        "/../journal/genesis", "/tile/../../journal/genesis", "/./checkpoint", "//checkpoint", "/checkpoint/",
        "/", "/%2e%2e/journal", "/..%2fjournal", "/checkpoint?x=1", "/checkpoint#a", "/.hidden", "/tile/.p/1", "/a\\b",
        "/a%00b", "/\u{e9}", "/checkpoint;a",
    ])
    func pathsThatCouldMeanAnotherFileAreRefused(path: String) {
        #expect(throws: HTTPRequest.Refusal.malformed) { try parse("GET \(path) HTTP/1.1\r\n\r\n") }
    }

    @Test func otherRequestsAreRefusedWithTheirStatus() {
        #expect(throws: HTTPRequest.Refusal.method) { try parse("POST /checkpoint HTTP/1.1\r\n\r\n") }
        #expect(throws: HTTPRequest.Refusal.method) { try parse("get /checkpoint HTTP/1.1\r\n\r\n") }
        #expect(throws: HTTPRequest.Refusal.version) { try parse("GET /checkpoint HTTP/2\r\n\r\n") }
        #expect(throws: HTTPRequest.Refusal.body) {
            try parse("GET /checkpoint HTTP/1.1\r\nContent-Length: 5\r\n\r\n")
        }
        #expect(throws: HTTPRequest.Refusal.body) {
            try parse("GET /checkpoint HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
        }
        let long = String(repeating: "a", count: HTTPRequest.pathBytesMax)
        #expect(throws: HTTPRequest.Refusal.path) { try parse("GET /\(long) HTTP/1.1\r\n\r\n") }
        for text in [
            "GET /checkpoint\r\n\r\n", "GET  /checkpoint HTTP/1.1\r\n\r\n", "\r\n\r\n", "GET /a b HTTP/1.1\r\n\r\n",
            "GET /a HTTP/1.1\nHost: b\r\n\r\n", "GET /a HTTP/1.1\r\nHost\r\n\r\n", "GET /a HTTP/1.1\r\n: b\r\n\r\n",
            "GET /a HTTP/1.1\r\nContent-Length : 5\r\n\r\n", "GET http://a/b HTTP/1.1\r\n\r\n", "SSH-2.0-a\r\n\r\n",
            "GET /a HTTP/1.1\r\nA: \u{7}\r\n\r\n", "GET /a HTTP/1.1\r\n folded: 1\r\n\r\n",
        ] {
            #expect(throws: HTTPRequest.Refusal.malformed, "\(text.debugDescription)") { try parse(text) }
        }
    }

    @Test func aPostSaysHowLongItsBodyIs() throws {
        func post(_ fields: String) throws(HTTPRequest.Refusal) -> Int {
            try parse("POST /post HTTP/1.1\r\nHost: a\r\n\(fields)\r\n").bodyByteCount
        }
        #expect(try post("Content-Length: 0\r\n") == 0)
        #expect(try post("content-length:\t100 \r\n") == 100)
        #expect(try post("Content-Length: 7\r\nContent-Length: 7\r\n") == 7)
        for length in ["101", "9223372036854775807", "9223372036854775808", "99999999999999999999999999"] {
            #expect(throws: HTTPRequest.Refusal.bodyLength(bytesMax: 100), "\(length)") {
                try post("Content-Length: \(length)\r\n")
            }
        }
        for length in ["-1", "+1", "", "1 0", "0x10", "1e1", "5, 5", "5,6", "\"5\""] {
            #expect(throws: HTTPRequest.Refusal.malformed, "\(length)") { try post("Content-Length: \(length)\r\n") }
        }
        #expect(throws: HTTPRequest.Refusal.malformed) { try post("Content-Length: 5\r\nContent-Length: 6\r\n") }
        #expect(throws: HTTPRequest.Refusal.malformed) {
            try post("Content-Length: 5\r\nTransfer-Encoding: chunked\r\n")
        }
        #expect(throws: HTTPRequest.Refusal.length) { try post("Transfer-Encoding: chunked\r\n") }
        #expect(throws: HTTPRequest.Refusal.coding) { try post("Transfer-Encoding: gzip, chunked\r\n") }
        #expect(throws: HTTPRequest.Refusal.length) { try post("") }
        // Where nothing is posted, and where nothing can be.
        for path in ["/other", "/post/", "/./post", "/%70ost", "/post?a"] {
            #expect(throws: HTTPRequest.Refusal.method, "\(path)") {
                try parse("POST \(path) HTTP/1.1\r\nContent-Length: 1\r\n\r\n")
            }
        }
    }

    @Test func aBodyIsWaitedForWithAWordWhereThatWasAskedFor() throws {
        let head = "POST /post HTTP/1.1\r\nExpect: 100-Continue\r\n"
        #expect(try parse(head + "Content-Length: 1\r\n\r\n").expectsContinue)
        #expect(try !parse(head + "Content-Length: 0\r\n\r\n").expectsContinue)
        #expect(try !parse("GET /a HTTP/1.1\r\nExpect: 100-continue\r\n\r\n").expectsContinue)
    }

    @Test func damagedRequestsNeverTrap() {
        var state: UInt64 = 7
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let good = [
            Array("GET /tile/0/001 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8),
            Array("POST /post HTTP/1.1\r\nContent-Length: 12\r\nExpect: 100-continue\r\n\r\n".utf8),
        ]
        for count in 0..<20_000 {
            var bytes = good[count % 2]
            for _ in 0...random(3) { bytes[random(bytes.count)] = UInt8(random(256)) }
            bytes.removeLast(random(bytes.count))
            _ = HTTPRequest.headLength(bytes)
            guard let request = try? HTTPRequest(head: bytes, bodyBytesMax: { _ in 1_000 }) else { continue }
            #expect(!request.path.contains { $0.isEmpty || $0.hasPrefix(".") || $0.contains("/") })
        }
    }
}
