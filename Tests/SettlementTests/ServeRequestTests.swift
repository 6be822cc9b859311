import Testing

@testable import Settlement

@Suite struct ServeRequestTests {
    private func parse(_ text: String) throws(ServeRequest.Refusal) -> ServeRequest {
        try ServeRequest(Array(text.utf8))
    }

    @Test func plainRequestsAreRead() throws {
        let request = try parse("GET /tile/0/x001/234.p/5 HTTP/1.1\r\nHost: a\r\nAccept:\t*/*\r\n\r\n")
        #expect(request.path == ["tile", "0", "x001", "234.p", "5"])
        #expect(request.keepsAlive && !request.isHead)
        #expect(try parse("HEAD /checkpoint HTTP/1.1\r\n\r\n").isHead)
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
        #expect(throws: ServeRequest.Refusal.malformed) { try parse("GET \(path) HTTP/1.1\r\n\r\n") }
    }

    @Test func otherRequestsAreRefusedWithTheirStatus() {
        #expect(throws: ServeRequest.Refusal.method) { try parse("POST /checkpoint HTTP/1.1\r\n\r\n") }
        #expect(throws: ServeRequest.Refusal.method) { try parse("get /checkpoint HTTP/1.1\r\n\r\n") }
        #expect(throws: ServeRequest.Refusal.version) { try parse("GET /checkpoint HTTP/2\r\n\r\n") }
        #expect(throws: ServeRequest.Refusal.body) {
            try parse("GET /checkpoint HTTP/1.1\r\nContent-Length: 5\r\n\r\n")
        }
        #expect(throws: ServeRequest.Refusal.body) {
            try parse("GET /checkpoint HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n")
        }
        let long = String(repeating: "a", count: ServeRequest.pathBytesMax)
        #expect(throws: ServeRequest.Refusal.path) { try parse("GET /\(long) HTTP/1.1\r\n\r\n") }
        for text in [
            "GET /checkpoint\r\n\r\n", "GET  /checkpoint HTTP/1.1\r\n\r\n", "\r\n\r\n", "GET /a b HTTP/1.1\r\n\r\n",
            "GET /a HTTP/1.1\nHost: b\r\n\r\n", "GET /a HTTP/1.1\r\nHost\r\n\r\n", "GET /a HTTP/1.1\r\n: b\r\n\r\n",
            "GET /a HTTP/1.1\r\nContent-Length : 5\r\n\r\n", "GET http://a/b HTTP/1.1\r\n\r\n", "SSH-2.0-a\r\n\r\n",
            "GET /a HTTP/1.1\r\nA: \u{7}\r\n\r\n", "GET /a HTTP/1.1\r\n folded: 1\r\n\r\n",
        ] {
            #expect(throws: ServeRequest.Refusal.malformed, "\(text.debugDescription)") { try parse(text) }
        }
    }

    @Test func damagedRequestsNeverTrap() {
        var state: UInt64 = 7
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        let good = Array("GET /tile/0/001 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8)
        for _ in 0..<20_000 {
            var bytes = good
            for _ in 0...random(3) { bytes[random(bytes.count)] = UInt8(random(256)) }
            bytes.removeLast(random(bytes.count))
            _ = ServeRequest.headLength(bytes)
            guard let request = try? ServeRequest(bytes) else { continue }
            #expect(!request.path.contains { $0.isEmpty || $0.hasPrefix(".") || $0.contains("/") })
        }
    }

    @Test func onlyNamesOfPublishedFilesAreFiles() {
        let number = "00000000000000000001"
        for path in [
            ["checkpoint"], ["checkpoints", number], ["tile", "0", "000"], ["tile", "entries", "x001", "000.p", "7"],
            ["receipts", number], ["receipts", "keys"], ["da", number],
        ] {
            #expect(PublishedFile(path)?.name == path.joined(separator: "/"))
        }
        for path in [
            ["checkpoint", "1"], ["checkpoints", "1"], ["tile"], ["receipts", "keys.draft"], ["journal", "genesis"],
            ["receipts", number + "0"], ["da"], [],
        ] {
            #expect(PublishedFile(path) == nil)
        }
        #expect(PublishedFile(["checkpoint"])?.contentType == "text/plain; charset=utf-8")
        #expect(PublishedFile(["tile", "0", "000"])?.contentType == "application/octet-stream")
        #expect(PublishedFile(["tile", "0", "000"])?.isImmutable == true)
        #expect(PublishedFile(["checkpoint"])?.isImmutable == false)
    }
}
