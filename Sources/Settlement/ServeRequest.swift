/// The head of an HTTP/1.1 request, from bytes that nobody vouches for: GET and HEAD of plain paths, and nothing else.
struct ServeRequest: Equatable {
    /// Why a request is answered with an error, and the connection closed.
    enum Refusal: Int, Error, CaseIterable {
        /// It is no request, or its path has what no published name has.
        case malformed = 400
        /// Another method than GET and HEAD.
        case method = 405
        /// It has a body.
        case body = 413
        /// The path is longer than any published name.
        case path = 414
        /// The head does not end within `headBytesMax`.
        case head = 431
        /// Another version than HTTP/1.0 and HTTP/1.1.
        case version = 505
    }

    /// Longest head, bytes, its empty line included.
    static let headBytesMax = 8_192
    /// Longest path, bytes.
    static let pathBytesMax = 256

    /// Components of the path: never empty, `.` or `..`, of letters, digits, `.`, `-` and `_` only.
    let path: [String]
    /// HEAD: an answer without its body.
    let isHead: Bool
    /// Whether another request may follow.
    let keepsAlive: Bool

    /// Bytes of the first head, its empty line included; nil while it is not whole.
    static func headLength(_ bytes: [UInt8]) -> Int? {
        var index = 3
        while index < bytes.count {
            if bytes[index] == 0x0A, bytes[index - 1] == 0x0D, bytes[index - 2] == 0x0A, bytes[index - 3] == 0x0D {
                return index + 1
            }
            index += 1
        }
        return nil
    }

    /// Reads a whole head.
    init(_ head: some Collection<UInt8>) throws(Refusal) {
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
        guard words[0] == "GET" || words[0] == "HEAD" else { throw .method }
        isHead = words[0] == "HEAD"
        path = try Self.components(words[1])
        var keepsAlive = words[2] == "HTTP/1.1"
        for line in lines.dropFirst() {
            guard let colon = line.utf8.firstIndex(of: UInt8(ascii: ":")), colon > line.startIndex else {
                throw .malformed
            }
            let name = line[..<colon].lowercased()
            let value = line[line.utf8.index(after: colon)...].filter { $0 != " " && $0 != "\t" }.lowercased()
            switch name {
            case "content-length": if value != "0" { throw .body }
            case "transfer-encoding": throw .body
            case "connection": keepsAlive = keepsAlive && !value.split(separator: ",").contains("close")
            default: if name.utf8.contains(0x20) || name.utf8.contains(0x09) { throw .malformed }
            }
        }
        self.keepsAlive = keepsAlive
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
