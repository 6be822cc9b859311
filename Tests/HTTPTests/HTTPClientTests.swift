import Foundation
import Platform
import Testing

@testable import HTTP

/// The client against the module's own server, and against servers that say anything at all.
@Suite struct HTTPClientTests {
    /// Answers every connection with the same bytes once a request's head has come, and ends; or never says anything.
    private final class ScriptedServer {
        let endpoint: IPv4Endpoint
        private let stopping = StopFlag()
        private var thread: PinnedThread?

        /// - Parameter answer: nil: it is silent as long as it is.
        init(_ answer: [UInt8]?) throws {
            let (listener, endpoint) = try Self.listen()
            self.endpoint = endpoint
            thread = try PinnedThread(name: "scripted") { [stopping] in
                ScriptedServer.serve(listener, answer, until: stopping)
            }
        }

        private static func listen() throws -> (Int32, IPv4Endpoint) {
            let listener = try Sockets.listen(at: IPv4Endpoint(.loopback, port: 0))
            let endpoint = try Sockets.localEndpoint(of: listener.raw)
            return (listener.release(), endpoint)
        }

        private static func serve(_ listener: Int32, _ answer: [UInt8]?, until stop: StopFlag) {
            var held: [Int32] = []
            while !stop.isStopped {
                let events = try? poll(listener, for: .readable, timeoutMilliseconds: 20)
                guard events?.isEmpty == false, case let socket = accept(listener, nil, nil), socket >= 0 else {
                    continue
                }
                guard let answer else {
                    held.append(socket)
                    continue
                }
                readHead(socket)
                _ = try? answer.withUnsafeBytes { try Sockets.sendAll(socket, $0) }
                close(socket)
            }
            for socket in held + [listener] { close(socket) }
        }

        convenience init(_ answer: String) throws { try self.init(Array(answer.utf8)) }

        deinit {
            stopping.stop()
            thread = nil
        }

        var url: URL { URL(string: "http://\(endpoint)/a")! }

        private static func readHead(_ socket: Int32) {
            var bytes: [UInt8] = [], chunk = [UInt8](repeating: 0, count: 4_096)
            while HTTPRequest.headLength(bytes) == nil {
                let count = chunk.withUnsafeMutableBytes { Sockets.receive(socket, into: $0) }
                guard count > 0 else { return }
                bytes += chunk[..<count]
            }
        }
    }

    private struct Unexpected: Error {
        let what: String
        init(_ what: String) { self.what = what }
    }

    /// Longer than any machine takes for an exchange on loopback.
    private static let patient = 600_000

    private func url(_ server: RunningServer, _ path: String) -> URL {
        URL(string: "http://\(server.endpoint)\(path)")!
    }

    private func get(_ answer: String, limit: Int = 100, followsRedirects: Bool = false) throws -> HTTPClient.Outcome {
        let server = try ScriptedServer(answer)
        let client = HTTPClient(timeoutMilliseconds: Self.patient, followsRedirects: followsRedirects)
        return client.get(server.url, limit: limit)
    }

    @Test(arguments: [HTTPClient.Connections.single, .kept])
    func asksAndPosts(connections: HTTPClient.Connections) throws {
        let server = try RunningServer()
        let client = HTTPClient(timeoutMilliseconds: Self.patient, connections: connections)
        for count in 0..<5 {
            #expect(
                client.get(url(server, "/n/\(count)"), limit: 100) == .answered(200, Array("name n/\(count)\n".utf8)))
            let body = [UInt8](repeating: UInt8(count), count: 30_000)
            let posted = client.post(url(server, "/echo"), body, contentType: HTTPAnswer.binary, limit: body.count)
            #expect(posted == .answered(200, body))
            #expect(client.get(url(server, "/echo"), limit: 100) == .answered(405, Array("only POST\n".utf8)))
        }
    }

    @Test func requestsAtOnceDoNotMixUpTheirAnswers() async throws {
        let server = try RunningServer()
        let client = HTTPClient(timeoutMilliseconds: Self.patient, connections: .kept)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for count in 0..<8 {
                let address = url(server, "/n/\(count)")
                group.addTask {
                    #expect(client.get(address, limit: 100) == .answered(200, Array("name n/\(count)\n".utf8)))
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func answersAreBounded() throws {
        let body = String(repeating: "b", count: 1_000)
        let head = "HTTP/1.1 200 OK\r\nConnection: close\r\n"
        #expect(try get(head + "Content-Length: 1000\r\n\r\n" + body, limit: 1_000) == .answered(200, Array(body.utf8)))
        #expect(try get(head + "Content-Length: 1000\r\n\r\n" + body, limit: 999) == .tooLong)
        // However it is said, and though it is not.
        #expect(try get(head + "\r\n" + body, limit: 999) == .tooLong)
        #expect(
            try get(head + "Transfer-Encoding: chunked\r\n\r\n3E8\r\n" + body + "\r\n0\r\n\r\n", limit: 999) == .tooLong
        )
        #expect(try get(head + "\r\n" + String(repeating: body, count: 5_000), limit: 999) == .tooLong)
    }

    @Test func whoSaysNothingIsLate() throws {
        let server = try ScriptedServer([UInt8]?.none)
        for milliseconds in [1, 300, 1_100] {
            let client = HTTPClient(timeoutMilliseconds: milliseconds)
            let start = ContinuousClock.now
            #expect(client.get(server.url, limit: 100) == .late)
            #expect(ContinuousClock.now - start >= .milliseconds(milliseconds))
        }
    }

    @Test func whatIsCutShortIsNoAnswer() throws {
        let text = "HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\nshort"
        guard case .failed(_, status: 404) = try get(text) else { throw Unexpected("a body that is cut short") }
        guard case .failed(_, status: nil) = try get("") else { throw Unexpected("no answer at all") }
    }

    @Test func redirectionsAreFollowedByWhoAsksForIt() throws {
        let other = try RunningServer()
        let head = "HTTP/1.1 302 Found\r\nLocation: \(url(other, "/there"))\r\n"
        let text = head + "Content-Length: 4\r\nConnection: close\r\n\r\nhere"
        guard case .answered(302, _) = try get(text) else { throw Unexpected("a redirection that is not followed") }
        #expect(try get(text, followsRedirects: true) == .answered(200, Array("name there\n".utf8)))
    }

    /// What a stranger's server says must not end the process.
    @Test(arguments: [
        "\r\n\r\n", "nonsense", "HTTP/1.1\r\n\r\n", "HTTP/1.1 \r\n\r\n", "HTTP/1.1 abc def\r\n\r\n",
        "HTTP/1.1 99999999999 OK\r\n\r\n", "HTTP/1.1 -1 OK\r\n\r\n", "HTTP/9.9 200 OK\r\n\r\n", "ICY 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\nbody", "HTTP/1.1 200 OK\r\n: no name\r\n\r\nbody",
        "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nbody", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\nbody",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nbody",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\nbody",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nbody",
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nthis is no gzip",
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 101 Switching Protocols\r\n\r\n",
        "HTTP/1.1 302 Found\r\n\r\n", "HTTP/1.1 302 Found\r\nLocation: \r\n\r\n",
        "HTTP/1.1 302 Found\r\nLocation: http://[::1\r\n\r\n",
        "HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\n\r\n",
        "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\n\r\n",
        "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest nonsense\r\n\r\n", "HTTP/1.1 204 No Content\r\n\r\nbody",
        "HTTP/1.1 200 OK\r\nSet-Cookie: a=b; expires=never\r\nContent-Type: ;;;\r\nLast-Modified: x\r\n\r\nbody",
    ])
    func whateverIsSaidIsAnOutcome(text: String) throws {
        for followsRedirects in [false, true] {
            let outcome = try get(text, followsRedirects: followsRedirects)
            if case .answered(_, let body) = outcome { #expect(body.count < 100) }
            #expect(outcome != .late)
        }
    }
}
