import Foundation

/// The EigenDA proxy's standard mode on loopback, with a script of faults: raw bytes posted to `/put`, a raw commitment
/// back; `/get/0x<hex>` gives the bytes. Each put makes another certificate, as the proxy does.
final class ProxyStandIn: @unchecked Sendable {
    /// What one request meets instead of the plain answer.
    enum Fault: Equatable, Sendable {
        /// A status and a body.
        case status(Int, String)
        /// The request does its work; the connection closes without an answer.
        case lost
        /// No answer as long as the client waits.
        case silence
        /// One byte of the answer is another.
        case wrong
        /// The answer ends before the length that it announced.
        case truncated
        /// A whole answer of fewer bytes.
        case short
        /// A whole answer of more bytes than any may have.
        case long
        /// An empty answer.
        case empty
        /// The bytes of the put before.
        case other
        /// The blob is forgotten, which the proxy answers with 500.
        case expired
    }

    private let lock = NSLock()
    private let listener: Int32
    private var puts: [Fault?] = []
    private var gets: [Fault?] = []
    private var blobs: [String: [UInt8]] = [:]
    private var order: [String] = []
    private var lines: [String] = []
    /// The port on 127.0.0.1.
    let port: UInt16

    init() {
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let isListening = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, size) == 0 && listen(listener, 16) == 0 && getsockname(listener, $0, &size) == 0
            }
        }
        precondition(isListening, "a port on loopback")
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { [weak self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { break }
                self?.serve(connection)
                close(connection)
            }
            // Not sooner: the number would be another listener's, and this thread would take its connections.
            close(listener)
        }
    }

    /// Nobody listens from here on; the thread closes what is its own.
    deinit { shutdown(listener, Int32(SHUT_RDWR)) }

    var url: String { "http://127.0.0.1:\(port)" }

    /// The next requests of each kind meet these, one each.
    func script(puts: [Fault?] = [], gets: [Fault?] = []) {
        lock.withLock { (self.puts, self.gets) = (puts, gets) }
    }

    /// Paths of the requests so far.
    var requests: [String] { lock.withLock { lines } }

    /// What was put, in order.
    var stored: [[UInt8]] { lock.withLock { order.map { blobs[$0]! } } }

    private func serve(_ connection: Int32) {
        guard let (method, path, body) = readRequest(connection) else { return }
        let (fault, answer) = lock.withLock { decide(method, path, body) }
        switch fault {
        case .lost: return
        case .silence:
            var byte: UInt8 = 0
            while read(connection, &byte, 1) > 0 {}
        case .truncated: send(connection, answer.status, Array(answer.body.dropLast(3)), answer.body.count)
        default: send(connection, answer.status, answer.body, answer.body.count)
        }
    }

    /// The fault that is due, and the answer with it.
    private func decide(_ method: String, _ path: String, _ body: [UInt8]) -> (Fault?, (status: Int, body: [UInt8])) {
        lines.append("\(method) \(path)")
        let isPut = method == "POST" && path == "/put?commitment_mode=standard"
        let key = path.hasPrefix("/get/0x") ? String(path.dropFirst(7).prefix { $0 != "?" }) : ""
        let isGet = method == "GET" && path == "/get/0x\(key)?commitment_mode=standard"
        guard isPut || isGet else { return (nil, (400, Array("unknown route".utf8))) }
        let fault = isPut ? (puts.isEmpty ? nil : puts.removeFirst()) : (gets.isEmpty ? nil : gets.removeFirst())
        if case .status(let status, let text) = fault { return (fault, (status, Array(text.utf8))) }
        if isPut {
            let commitment: [UInt8] = [3, 0xC4, 0xAA, UInt8(order.count >> 8), UInt8(order.count & 255), 0xBB]
            let name = commitment.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
            blobs[name] = body
            order.append(name)
            return (fault, (200, damage(commitment, fault)))
        }
        guard fault != .expired, let blob = blobs[key] else { return (fault, (500, Array("no such blob".utf8))) }
        if fault == .other { return (fault, (200, order.count > 1 ? blobs[order[order.count - 2]]! : [])) }
        return (fault, (200, damage(blob, fault)))
    }

    private func damage(_ bytes: [UInt8], _ fault: Fault?) -> [UInt8] {
        var bytes = bytes
        switch fault {
        case .wrong: bytes[bytes.count / 2] ^= 1
        case .short: bytes.removeLast()
        case .long: bytes += [UInt8](repeating: 0, count: 16_300_000)
        case .empty: bytes = []
        default: break
        }
        return bytes
    }

    private func readRequest(_ connection: Int32) -> (String, String, [UInt8])? {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 65_536)
        let end = Array("\r\n\r\n".utf8)
        while true {
            let count = read(connection, &chunk, chunk.count)
            guard count > 0 else { return nil }
            bytes += chunk[..<count]
            guard let boundary = (0...max(0, bytes.count - 4)).first(where: { bytes[$0...].starts(with: end) }) else {
                continue
            }
            let head = String(decoding: bytes[..<boundary], as: UTF8.self).components(separatedBy: "\r\n")
            let words = head[0].split(separator: " ").map(String.init)
            guard words.count == 3 else { return nil }
            var length = 0
            for line in head.dropFirst() {
                let field = line.lowercased()
                if field.hasPrefix("content-length:") { length = Int(field.dropFirst(15).filter(\.isNumber)) ?? 0 }
                if field.hasPrefix("expect:") { write(connection, Array("HTTP/1.1 100 Continue\r\n\r\n".utf8)) }
            }
            var body = Array(bytes[(boundary + 4)...])
            while body.count < length {
                let count = read(connection, &chunk, chunk.count)
                guard count > 0 else { return nil }
                body += chunk[..<count]
            }
            return (words[0], words[1], body)
        }
    }

    private func send(_ connection: Int32, _ status: Int, _ body: [UInt8], _ announced: Int) {
        let head = "HTTP/1.1 \(status) Answer\r\nContent-Length: \(announced)\r\nConnection: close\r\n\r\n"
        write(connection, Array(head.utf8) + body)
    }

    private func write(_ connection: Int32, _ bytes: [UInt8]) {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Foundation.send(connection, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            sent += count
        }
    }
}
