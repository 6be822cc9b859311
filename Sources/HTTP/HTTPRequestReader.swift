/// Makes requests of the bytes of a connection, in memory that does not grow past one request.
struct HTTPRequestReader {
    private var bytes: [UInt8] = []
    /// Bytes in which no head ends.
    private var searched = 0
    /// A request whose body has not come whole.
    private var begun: HTTPRequest?
    private var owesContinue = false

    /// Whether it is between two requests.
    var isEmpty: Bool { bytes.isEmpty && begun == nil }

    /// Bytes that it takes: no more than the head, or the body, that it waits for. Never 0 after `next` returned nil.
    var room: Int { (begun?.bodyByteCount ?? HTTPRequest.headBytesMax) - bytes.count }

    /// Takes what came, at most `room` bytes.
    mutating func append(_ received: [UInt8]) {
        precondition(received.count <= room, "more bytes than there is room for")
        bytes += received
    }

    /// The next request; nil while it is not whole.
    ///
    /// - Parameter bodyBytesMax: the longest body that a POST to a path may have; nil where none is taken.
    mutating func next(_ bodyBytesMax: ([String]) -> Int?) throws(HTTPRequest.Refusal) -> HTTPRequest? {
        if begun == nil { try readHead(bodyBytesMax) }
        guard var request = begun, bytes.count >= request.bodyByteCount else { return nil }
        request.body = Array(bytes.prefix(request.bodyByteCount))
        bytes.removeFirst(request.bodyByteCount)
        (begun, owesContinue) = (nil, false)
        return request
    }

    /// Whether the other side has to be told, now and once, that its body is waited for.
    mutating func takeContinue() -> Bool {
        defer { owesContinue = false }
        return owesContinue
    }

    private mutating func readHead(_ bodyBytesMax: ([String]) -> Int?) throws(HTTPRequest.Refusal) {
        guard let length = HTTPRequest.headLength(bytes, from: searched) else {
            if bytes.count >= HTTPRequest.headBytesMax { throw .head }
            searched = bytes.count
            return
        }
        let request = try HTTPRequest(head: bytes[..<length], bodyBytesMax: bodyBytesMax)
        bytes.removeFirst(length)
        searched = 0
        begun = request
        owesContinue = request.expectsContinue
    }
}
