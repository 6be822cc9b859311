/// What a request is answered with.
public struct HTTPAnswer {
    /// What follows the head.
    public enum Body {
        case bytes([UInt8])
        case file(HTTPFile)
    }

    public static let text = "text/plain; charset=utf-8"
    public static let binary = "application/octet-stream"

    public let status: Int
    public let contentType: String
    /// Whether caches may keep it for ever.
    public let isImmutable: Bool
    public let body: Body
    /// The methods that there are, for 405.
    let allowed: String

    /// An answer of any status that caches ask again for.
    public init(status: Int, contentType: String, body: [UInt8]) {
        self.init(status: status, contentType: contentType, isImmutable: false, body: .bytes(body))
    }

    private init(
        status: Int, contentType: String, isImmutable: Bool, body: Body, allowed: String = "GET, HEAD"
    ) {
        self.status = status
        self.contentType = contentType
        self.isImmutable = isImmutable
        self.body = body
        self.allowed = allowed
    }

    /// What was asked for.
    public static func found(_ body: Body, _ contentType: String, isImmutable: Bool) -> HTTPAnswer {
        HTTPAnswer(status: 200, contentType: contentType, isImmutable: isImmutable, body: body)
    }

    /// An error, with a line that says what is wrong.
    public static func refused(_ status: Int, _ reason: String) -> HTTPAnswer {
        HTTPAnswer(status: status, contentType: text, body: line(reason))
    }

    /// 405 where only POST is taken.
    public static func onlyPost() -> HTTPAnswer {
        HTTPAnswer(status: 405, contentType: text, isImmutable: false, body: .bytes(line("only POST")), allowed: "POST")
    }

    /// The answer to what is no request that is taken.
    static func refused(_ refusal: HTTPRequest.Refusal) -> HTTPAnswer {
        switch refusal {
        case .malformed: refused(400, "the request is malformed, or its path is no name that is served")
        case .method: refused(405, "only GET and HEAD")
        case .length: refused(411, "a body needs its Content-Length")
        case .body: refused(413, "a request has no body here")
        case .bodyLength(let bytesMax): refused(413, "the body is longer than \(bytesMax) bytes")
        case .path: refused(414, "the path is longer than \(HTTPRequest.pathBytesMax) bytes")
        case .head: refused(431, "the head is longer than \(HTTPRequest.headBytesMax) bytes")
        case .coding: refused(501, "no transfer codings")
        case .version: refused(505, "only HTTP/1.1 and HTTP/1.0")
        }
    }

    private static func line(_ text: String) -> [UInt8] { Array((text + "\n").utf8) }

    /// Bytes of the body.
    var byteCount: Int {
        switch body {
        case .bytes(let bytes): bytes.count
        case .file(let file): file.byteCount
        }
    }

    /// Status line and headers.
    func head(keepsAlive: Bool) -> [UInt8] {
        var lines = "HTTP/1.1 \(status) \(Self.phrases[status] ?? "Answer")\r\n"
        lines += "Content-Type: \(contentType)\r\nContent-Length: \(byteCount)\r\n"
        lines += "Cache-Control: \(isImmutable ? "public, max-age=31536000, immutable" : "no-cache")\r\n"
        if status == 405 { lines += "Allow: \(allowed)\r\n" }
        lines += "X-Content-Type-Options: nosniff\r\nConnection: \(keepsAlive ? "keep-alive" : "close")\r\n\r\n"
        return Array(lines.utf8)
    }

    private static let phrases = [
        200: "OK", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
        408: "Request Timeout", 409: "Conflict", 411: "Length Required", 413: "Content Too Large", 414: "URI Too Long",
        422: "Unprocessable Content", 431: "Request Header Fields Too Large", 500: "Internal Server Error",
        501: "Not Implemented", 503: "Service Unavailable", 505: "HTTP Version Not Supported",
    ]
}
