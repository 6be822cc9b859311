/// What a request asks to be done.
public enum HTTPMethod: String, Sendable {
    case get = "GET"
    /// GET without the body of its answer.
    case head = "HEAD"
    case post = "POST"
}

/// An HTTP/1.1 request, from bytes that nobody vouches for: GET and HEAD of plain paths, POST where a service takes it.
public struct HTTPRequest: Equatable, Sendable {
    /// Why a request is answered with an error, and the connection closed.
    public enum Refusal: Error, Equatable, Sendable {
        /// It is no request, its path has what no name has, or its length is none.
        case malformed
        /// Another method than GET and HEAD, where no other is taken.
        case method
        /// A POST without Content-Length.
        case length
        /// A body where none is taken.
        case body
        /// A body of more bytes than are taken.
        case bodyLength(bytesMax: Int)
        /// The path is longer than any name.
        case path
        /// The head does not end within `headBytesMax`.
        case head
        /// A transfer coding.
        case coding
        /// Another version than HTTP/1.0 and HTTP/1.1.
        case version
    }

    /// Longest head, bytes, its empty line included.
    public static let headBytesMax = 8_192
    /// Longest path, bytes.
    public static let pathBytesMax = 256

    public let method: HTTPMethod
    /// Components of the path: never empty, `.` or `..`, of letters, digits, `.`, `-` and `_` only.
    public let path: [String]
    /// Whether another request may follow.
    public let keepsAlive: Bool
    /// What a POST brings; empty for other methods.
    public internal(set) var body: [UInt8] = []

    /// Bytes of the body as announced.
    let bodyByteCount: Int
    /// Whether the other side waits for a word before it sends the body.
    let expectsContinue: Bool

    /// Bytes of the first head, its empty line included; nil while it is not whole.
    ///
    /// - Parameter from: bytes in which the head is known not to end.
    static func headLength(_ bytes: [UInt8], from: Int = 0) -> Int? {
        var index = max(from, 3)
        while index < bytes.count {
            if bytes[index] == 0x0A, bytes[index - 1] == 0x0D, bytes[index - 2] == 0x0A, bytes[index - 3] == 0x0D {
                return index + 1
            }
            index += 1
        }
        return nil
    }

    /// Reads a whole head.
    ///
    /// - Parameter bodyBytesMax: the longest body that a POST to a path may have; nil where none is taken.
    init(
        head: some Collection<UInt8>, bodyBytesMax: ([String]) -> Int? = { _ in nil }
    ) throws(Refusal) {
        guard head.allSatisfy({ $0 == 0x0D || $0 == 0x0A || $0 == 0x09 || (0x20...0x7E).contains($0) }) else {
            throw .malformed
        }
        let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: true)
        guard let first = lines.first, !lines.contains(where: { $0.utf8.contains(0x0D) || $0.utf8.contains(0x0A) })
        else { throw .malformed }
        let words = first.split(separator: " ", omittingEmptySubsequences: false)
        guard words.count == 3, !words[0].isEmpty, words[1].hasPrefix("/") else { throw .malformed }
        guard words[2] == "HTTP/1.1" || words[2] == "HTTP/1.0" else {
            throw words[2].hasPrefix("HTTP/") ? .version : .malformed
        }
        guard let method = HTTPMethod(rawValue: String(words[0])) else { throw .method }
        let path: [String], limit: Int?
        if method == .post {
            // What is no name is no name that takes a body either.
            guard let name = try? Self.components(words[1]), let taken = bodyBytesMax(name) else { throw .method }
            (path, limit) = (name, taken)
        } else {
            (path, limit) = (try Self.components(words[1]), nil)
        }
        let fields = try HTTPFields(lines.dropFirst())
        if let limit {
            bodyByteCount = try fields.bodyByteCount(bytesMax: limit)
        } else {
            guard !fields.hasBody else { throw .body }
            bodyByteCount = 0
        }
        self.path = path
        self.method = method
        keepsAlive = words[2] == "HTTP/1.1" && !fields.closes
        expectsContinue = words[2] == "HTTP/1.1" && fields.expectsContinue && bodyByteCount > 0
    }

    private static func components(_ target: Substring) throws(Refusal) -> [String] {
        guard target.utf8.count <= pathBytesMax else { throw .path }
        let parts = target.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        for part in parts {
            // Percent signs, queries and whatever else could mean another file than it says are no part of any name.
            guard !part.isEmpty, part.first != ".", part.utf8.allSatisfy(isNameByte) else { throw .malformed }
        }
        return parts.map(String.init)
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

/// What the fields of a head say of the body and of the connection; all others are held to their form and forgotten.
private struct HTTPFields {
    var lengths: [Substring] = []
    var codings: [String] = []
    var closes = false
    var expectsContinue = false

    init(_ lines: some Sequence<Substring>) throws(HTTPRequest.Refusal) {
        for line in lines {
            guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex else {
                throw .malformed
            }
            let name = line[..<colon].lowercased()
            let value = Self.trimmed(line[line.utf8.index(after: colon)...])
            // A name with a space in it would be another field to another reader.
            guard !name.utf8.contains(0x20), !name.utf8.contains(0x09) else { throw .malformed }
            switch name {
            case "content-length": lengths.append(value)
            case "transfer-encoding": codings.append(value.lowercased())
            case "connection":
                closes = closes || value.lowercased().split(separator: ",").contains { Self.trimmed($0) == "close" }
            case "expect": expectsContinue = value.lowercased() == "100-continue"
            default: break
            }
        }
    }

    /// Whether there is more than an empty body.
    var hasBody: Bool { !codings.isEmpty || lengths.contains { $0 != "0" } }

    /// Bytes of the body of a POST. Two lengths, or a length and a coding, are how one request is made to look like
    /// two to a proxy: never guessed at.
    func bodyByteCount(bytesMax: Int) throws(HTTPRequest.Refusal) -> Int {
        if !codings.isEmpty {
            guard lengths.isEmpty else { throw .malformed }
            throw codings == ["chunked"] ? .length : .coding
        }
        guard let text = lengths.first else { throw .length }
        let isNumber = !text.isEmpty && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
        guard isNumber, lengths.allSatisfy({ $0 == text }) else { throw .malformed }
        guard let count = Int(text), count <= bytesMax else { throw .bodyLength(bytesMax: bytesMax) }
        return count
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}
