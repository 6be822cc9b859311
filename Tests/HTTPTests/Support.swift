import Foundation
import Platform
import Testing

@testable import HTTP

/// Says back what was posted, and serves a file.
struct EchoService: HTTPService {
    static let bytesMax = 100_000
    var file: String?

    func bodyBytesMax(_ path: [String]) -> Int? { path == ["echo"] ? Self.bytesMax : nil }

    func answer(_ request: HTTPRequest) -> HTTPAnswer {
        if request.method == .post {
            return HTTPAnswer(status: 200, contentType: HTTPAnswer.binary, body: request.body)
        }
        if request.path == ["echo"] { return .onlyPost() }
        if request.path == ["file"], let file, let served = HTTPFile(file) {
            return .found(.file(served), HTTPAnswer.binary, isImmutable: true)
        }
        return .found(
            .bytes(Array("name \(request.path.joined(separator: "/"))\n".utf8)), HTTPAnswer.text, isImmutable: false)
    }
}

/// A client that says exactly these bytes, and waits as long as it takes.
final class RawClient {
    let socket: Descriptor

    init(_ endpoint: IPv4Endpoint) throws {
        socket = try Sockets.connect(to: endpoint, timeoutMilliseconds: -1)
    }

    func send(_ text: String) throws { try send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try Sockets.sendAll(socket.raw, $0) } }

    /// Everything until the server ends.
    func readAll() -> String {
        var bytes: [UInt8] = []
        while let more = read(65_536) { bytes += more }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// One answer of the server, its head and its body.
    func readAnswer(isHead: Bool = false) throws -> (head: String, body: [UInt8]) {
        var bytes: [UInt8] = []
        while HTTPRequest.headLength(bytes) == nil { bytes += try #require(read(1), "the end of an answer") }
        let head = String(decoding: bytes, as: UTF8.self)
        let field = try #require(head.split(separator: "\r\n").first { $0.hasPrefix("Content-Length: ") })
        let count = isHead ? 0 : try #require(Int(field.dropFirst(16)))
        var body: [UInt8] = []
        while body.count < count { body += try #require(read(count - body.count), "the end of a body") }
        return (head, body)
    }

    /// At most so many bytes; nil at the end.
    func read(_ limit: Int) -> [UInt8]? {
        var count = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: limit) { buffer, initialized in
            count = Sockets.receive(socket.raw, into: UnsafeMutableRawBufferPointer(buffer))
            initialized = max(count, 0)
        }
        return count > 0 ? bytes : nil
    }
}

/// A server on a thread of its own. Its clock stands still: nothing is ever late.
final class RunningServer {
    let endpoint: IPv4Endpoint
    private let stopping = StopFlag()
    private var thread: PinnedThread?

    init(_ service: EchoService = EchoService(), connectionsMax: Int = 64) throws {
        let server = try HTTPServer(
            at: IPv4Endpoint(.loopback, port: 0), connectionsMax: connectionsMax, patienceMilliseconds: 1, clock: { 0 })
        endpoint = server.endpoint
        nonisolated(unsafe) let served = server
        thread = try PinnedThread(name: "http") { [stopping] in try? served.run(until: stopping, service) }
    }

    deinit { stop() }

    /// Only asks; `stop` waits too.
    func askToStop() { stopping.stop() }

    func stop() {
        stopping.stop()
        thread = nil
    }

    /// Sends all of it, and reads until the server ends.
    func exchange(_ request: String) throws -> String {
        let client = try RawClient(endpoint)
        try client.send(request)
        return client.readAll()
    }
}

/// A server that goes on a turn at a time, at a time of the test's choice.
final class TurnedServer {
    static let patience: UInt64 = 1_000
    let server: HTTPServer
    let service: EchoService
    private let time: Time

    private final class Time { var now: UInt64 = 1 }

    init(_ service: EchoService = EchoService(), connectionsMax: Int = 64) throws {
        let time = Time()
        self.time = time
        self.service = service
        server = try HTTPServer(
            at: IPv4Endpoint(.loopback, port: 0), connectionsMax: connectionsMax, patienceMilliseconds: Self.patience,
            clock: { time.now })
    }

    func pass(_ milliseconds: UInt64) { time.now += milliseconds * 1_000_000 }

    func turn() throws { try server.turn(service) }

    /// A connection that the server has taken.
    func connect() throws -> RawClient {
        let client = try RawClient(server.endpoint)
        let known = server.connections.map { ObjectIdentifier($0) }
        while server.connections.allSatisfy({ known.contains(ObjectIdentifier($0)) }) { try turn() }
        return client
    }

    /// Waits until the server could read from its newest connection.
    func waitReadable() throws {
        _ = try poll(try #require(server.connections.last).socket.raw, for: .readable, timeoutMilliseconds: -1)
    }
}
