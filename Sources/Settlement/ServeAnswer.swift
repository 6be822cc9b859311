import Glibc
import Platform

/// What a request is answered with.
struct ServeAnswer {
    /// What follows the head.
    enum Body {
        case bytes([UInt8])
        case file(ServedFile)
    }

    let status: Int
    let contentType: String
    /// Whether caches may keep it for ever.
    let isImmutable: Bool
    let body: Body

    static let text = "text/plain; charset=utf-8"
    static let binary = "application/octet-stream"

    /// A published file, or what was made of published files.
    static func found(_ body: Body, _ contentType: String, isImmutable: Bool) -> ServeAnswer {
        ServeAnswer(status: 200, contentType: contentType, isImmutable: isImmutable, body: body)
    }

    /// An error, with a line that says what is wrong.
    static func refused(_ status: Int, _ reason: String) -> ServeAnswer {
        ServeAnswer(status: status, contentType: text, isImmutable: false, body: .bytes(Array((reason + "\n").utf8)))
    }

    static func refused(_ refusal: ServeRequest.Refusal) -> ServeAnswer {
        let reason =
            switch refusal {
            case .malformed: "the request is malformed, or its path is no name of a published file"
            case .method: "only GET and HEAD"
            case .body: "a request has no body here"
            case .path: "the path is longer than \(ServeRequest.pathBytesMax) bytes"
            case .head: "the head is longer than \(ServeRequest.headBytesMax) bytes"
            case .version: "only HTTP/1.1 and HTTP/1.0"
            }
        return refused(refusal.rawValue, reason)
    }

    /// Bytes of the body.
    var byteCount: Int {
        switch body {
        case .bytes(let bytes): bytes.count
        case .file(let file): file.byteCount
        }
    }

    /// Status line and headers.
    func head(keepsAlive: Bool) -> [UInt8] {
        var lines = "HTTP/1.1 \(status) \(Self.phrases[status] ?? "Error")\r\n"
        lines += "Content-Type: \(contentType)\r\nContent-Length: \(byteCount)\r\n"
        lines += "Cache-Control: \(isImmutable ? "public, max-age=31536000, immutable" : "no-cache")\r\n"
        if status == 405 { lines += "Allow: GET, HEAD\r\n" }
        lines += "X-Content-Type-Options: nosniff\r\nConnection: \(keepsAlive ? "keep-alive" : "close")\r\n\r\n"
        return Array(lines.utf8)
    }

    private static let phrases = [
        200: "OK", 400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed", 408: "Request Timeout",
        413: "Content Too Large", 414: "URI Too Long", 431: "Request Header Fields Too Large",
        500: "Internal Server Error", 503: "Service Unavailable", 505: "HTTP Version Not Supported",
    ]
}

/// A regular file that is being sent: as many bytes as it had when it was opened.
final class ServedFile {
    private let descriptor: Descriptor
    let byteCount: Int

    /// - Returns: nil when there is no regular file of that name.
    init?(_ path: String) {
        let raw = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard raw >= 0 else { return nil }
        let descriptor = Descriptor(owning: raw)
        var status = stat()
        guard fstat(raw, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        byteCount = Int(status.st_size)
        self.descriptor = descriptor
    }

    /// Up to `limit` bytes from an offset; nil when they cannot be read.
    func read(at offset: Int, limit: Int) -> [UInt8]? {
        let count = min(limit, byteCount - offset)
        let raw = descriptor.raw
        var filled = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: max(count, 0)) { buffer, initialized in
            while filled < count {
                let step = pread(raw, buffer.baseAddress! + filled, count - filled, off_t(offset + filled))
                if step < 0, errno == EINTR { continue }
                guard step > 0 else { break }
                filled += step
            }
            initialized = filled
        }
        return filled == count ? bytes : nil
    }
}
