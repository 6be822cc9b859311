import Testing

@testable import HTTP

@Suite struct HTTPRequestReaderTests {
    private static let limit = 20_000

    private func next(_ reader: inout HTTPRequestReader) throws(HTTPRequest.Refusal) -> HTTPRequest? {
        try reader.next { $0 == ["post"] ? Self.limit : nil }
    }

    /// The requests of a stream that comes in pieces of so many bytes.
    private func requests(_ bytes: [UInt8], pieces: Int) throws -> [HTTPRequest] {
        var reader = HTTPRequestReader()
        var found: [HTTPRequest] = [], rest = bytes[...]
        while !rest.isEmpty {
            #expect(reader.room > 0)
            let count = min(pieces, reader.room, rest.count)
            reader.append(Array(rest.prefix(count)))
            rest.removeFirst(count)
            while let request = try next(&reader) { found.append(request) }
        }
        #expect(reader.isEmpty)
        return found
    }

    @Test(arguments: [1, 2, 3, 7, 64, 1_000, 1 << 20])
    func requestsAreTheSameHoweverTheyCome(pieces: Int) throws {
        let body = (0..<15_000).map { UInt8(truncatingIfNeeded: $0) }
        let stream =
            Array("GET /a HTTP/1.1\r\n\r\nHEAD /b/c HTTP/1.1\r\nHost: a\r\n\r\n".utf8)
            + Array("POST /post HTTP/1.1\r\nContent-Length: \(body.count)\r\n\r\n".utf8) + body
            + Array("POST /post HTTP/1.1\r\nContent-Length: 0\r\n\r\nGET /last HTTP/1.1\r\n\r\n".utf8)
        let found = try requests(stream, pieces: pieces)
        #expect(found.map(\.method) == [.get, .head, .post, .post, .get])
        #expect(found.map(\.path) == [["a"], ["b", "c"], ["post"], ["post"], ["last"]])
        #expect(found.map(\.body) == [[], [], body, [], []])
    }

    @Test func whatIsCutShortIsNoRequest() throws {
        let whole = Array("POST /post HTTP/1.1\r\nContent-Length: 9\r\n\r\n123456789".utf8)
        for count in 0..<whole.count {
            var reader = HTTPRequestReader()
            reader.append(Array(whole[..<count]))
            #expect(try next(&reader) == nil, "\(count)")
            #expect(reader.isEmpty == (count == 0))
        }
    }

    @Test func aHeadHasABound() throws {
        func head(_ count: Int) -> [UInt8] {
            let start = "GET /a HTTP/1.1\r\nA: "
            return Array((start + String(repeating: "a", count: count - start.utf8.count - 4) + "\r\n\r\n").utf8)
        }
        var reader = HTTPRequestReader()
        #expect(reader.room == HTTPRequest.headBytesMax)
        reader.append(head(HTTPRequest.headBytesMax))
        #expect(try next(&reader)?.path == ["a"])
        reader.append(Array(head(HTTPRequest.headBytesMax + 1).dropLast()))
        #expect(throws: HTTPRequest.Refusal.head) { try next(&reader) }
    }

    @Test func theWordToGoOnIsOwedOnce() throws {
        var reader = HTTPRequestReader()
        let head = "POST /post HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n"
        reader.append(Array(head.utf8))
        #expect(try next(&reader) == nil)
        let isOwed = [reader.takeContinue(), reader.takeContinue()]
        #expect(isOwed == [true, false])
        #expect(reader.room == 2)
        reader.append([1, 2])
        #expect(try next(&reader)?.body == [1, 2])
        // Who did not wait needs no word.
        reader.append(Array(head.utf8) + [3, 4])
        #expect(try next(&reader)?.body == [3, 4])
        let isOwedToo = reader.takeContinue()
        #expect(!isOwedToo)
    }
}
