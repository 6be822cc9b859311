import Platform

/// Fetches one file over HTTP/1.1: a GET on a connection of its own, with bounds on time and bytes.
enum WebFile {
    /// Longest head of an answer, bytes.
    private static let headBytesMax = 16_384

    /// Status and body of a file.
    ///
    /// - Parameters:
    ///   - path: from the slash on; printable ASCII without spaces.
    ///   - limit: longest body, bytes.
    ///   - deadline: monotonic ns.
    /// - Throws: `timedOut`, `connectionLost`, `system`; `badAnswer` for what is no HTTP answer, or has too many bytes.
    static func get(
        _ path: String, from endpoint: IPv4Endpoint, limit: Int, deadline: UInt64
    ) throws(ClientError) -> (status: Int, body: [UInt8]) {
        guard path.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .invalidState("the path \(path), expected printable ASCII")
        }
        let socket = try connect(endpoint, deadline)
        let request = Array("GET \(path) HTTP/1.1\r\nHost: \(endpoint)\r\nConnection: close\r\n\r\n".utf8)
        // A request is smaller than any socket's buffer.
        let sent = request.withUnsafeBytes { Sockets.send(socket.raw, $0, blocking: false) }
        guard sent == request.count else { throw .connectionLost }
        return try read(socket, limit: limit, deadline: deadline)
    }

    private static func connect(_ endpoint: IPv4Endpoint, _ deadline: UInt64) throws(ClientError) -> Descriptor {
        do {
            let socket = try Sockets.connect(to: endpoint, timeoutMilliseconds: try remaining(deadline))
            try socket.setNonblocking()
            return socket
        } catch {
            if case .systemCall(_, _, .timedOut) = error { throw .timedOut }
            throw .system(error)
        }
    }

    private static func remaining(_ deadline: UInt64) throws(PlatformError) -> Int32 {
        let now = SystemClock.monotonicNanoseconds()
        guard now < deadline else { throw .systemCall("connect", subject: "", .timedOut) }
        return Int32(min((deadline - now + 999_999) / 1_000_000, 1_000_000))
    }

    private static func read(
        _ socket: borrowing Descriptor, limit: Int, deadline: UInt64
    ) throws(ClientError) -> (status: Int, body: [UInt8]) {
        var bytes: [UInt8] = []
        var answer: HTTPAnswerHead?
        var chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            if answer == nil, let head = try HTTPAnswerHead(bytes, limit: limit) {
                answer = head
                bytes.removeFirst(head.byteCount)
            }
            if let answer, bytes.count >= answer.contentLength {
                return (answer.status, Array(bytes[..<answer.contentLength]))
            }
            guard answer != nil || bytes.count < headBytesMax else { throw .badAnswer("a head without an end") }
            let count = try receive(socket, &chunk, deadline)
            guard count > 0 else { throw .connectionLost }
            bytes += chunk[..<count]
        }
    }

    private static func receive(
        _ socket: borrowing Descriptor, _ chunk: inout [UInt8], _ deadline: UInt64
    ) throws(ClientError) -> Int {
        while true {
            let count = chunk.withUnsafeMutableBytes { Sockets.receive(socket.raw, into: $0, blocking: false) }
            if count >= 0 { return count }
            let error = Errno(rawValue: Int32(-count))
            if error == .interrupted { continue }
            guard error == .wouldBlock else {
                throw error == .connectionReset ? .connectionLost : .system(.systemCall("recv", subject: "", error))
            }
            do throws(PlatformError) {
                _ = try poll(socket.raw, for: .readable, timeoutMilliseconds: try remaining(deadline))
            } catch {
                if case .systemCall(_, _, .timedOut) = error { throw .timedOut }
                throw .system(error)
            }
        }
    }
}

/// The head of an HTTP/1.1 answer with a body of known length, from bytes that nobody vouches for.
struct HTTPAnswerHead: Equatable {
    let status: Int
    let contentLength: Int
    /// Bytes of the head, its empty line included.
    let byteCount: Int

    /// Nil while the head is not whole.
    ///
    /// - Throws: `badAnswer`.
    init?(_ bytes: [UInt8], limit: Int) throws(ClientError) {
        guard let end = Self.end(bytes) else { return nil }
        byteCount = end
        guard bytes[..<end].allSatisfy({ $0 < 0x80 }) else { throw .badAnswer("a head that is not ASCII") }
        let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n")
        let words = (lines.first ?? "").split(separator: " ", maxSplits: 2)
        guard words.count >= 2, words[0] == "HTTP/1.1" || words[0] == "HTTP/1.0", words[1].utf8.count == 3,
            let status = Int(words[1]), (100...599).contains(status)
        else { throw .badAnswer("no status line") }
        self.status = status
        var length: Int?
        for line in lines.dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2 else { continue }
            let value = parts[1].filter { $0 != " " && $0 != "\t" }
            switch parts[0].lowercased() {
            case "content-length":
                guard length == nil, let number = Int(value), number >= 0, number <= limit else {
                    throw .badAnswer("a body of \(value.prefix(20)) bytes, expected at most \(limit)")
                }
                length = number
            case "transfer-encoding": throw .badAnswer("transfer encoding \(value.prefix(20))")
            default: break
            }
        }
        guard let length else { throw .badAnswer("a body of unknown length") }
        contentLength = length
    }

    private static func end(_ bytes: [UInt8]) -> Int? {
        var index = 3
        while index < bytes.count {
            if bytes[index] == 0x0A, bytes[index - 1] == 0x0D, bytes[index - 2] == 0x0A, bytes[index - 3] == 0x0D {
                return index + 1
            }
            index += 1
        }
        return nil
    }
}
