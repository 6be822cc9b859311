import Cryptography
import Foundation
import Glibc
import Platform
import Proof

/// A witness on a loopback port that does what it is told: answers as tlog-witness says, refuses, lies, is slow. It
/// speaks just enough HTTP/1.1.
final class WitnessStandIn: @unchecked Sendable {
    /// What it does with a checkpoint.
    enum Behaviour: Equatable {
        /// Cosigns, with the checks of tlog-witness about the old size.
        case honest
        /// Answers 403.
        case refuses
        /// Answers 409 with that size, always.
        case conflict(UInt64)
        /// Answers 200 with a cosignature by another key under its name and id.
        case lies
        /// Answers 200 with what is no signature, much of it.
        case babbles
        /// Takes the request and never answers.
        case silent
        /// Closes the connection at once.
        case hangsUp
    }

    /// What it answers when it is asked for its latest checkpoint.
    enum Memory: Equatable {
        /// 404.
        case empty
        /// 200 with these bytes.
        case note([UInt8])
        /// 302 to where the note is that another one has.
        case elsewhere(UInt16)
        /// Takes the request and never answers.
        case silent
    }

    let key = SigningKey()
    let name: String
    let port: UInt16
    private let listener: Int32
    private let lock = NSLock()
    private var behaviour: Behaviour
    private var memory = Memory.empty
    private var seen: UInt64 = 0
    private var count = 0
    private var asked = 0
    private var held: [Int32] = []

    init(_ name: String, _ behaviour: Behaviour) throws {
        self.name = name
        self.behaviour = behaviour
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let raw = listener
        let isBound = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(raw, $0, length) == 0 && listen(raw, 64) == 0 && getsockname(raw, $0, &length) == 0
            }
        }
        guard isBound else { throw RunningProcess.Failure("listen: errno \(errno)") }
        port = UInt16(bigEndian: address.sin_port)
        Thread.detachNewThread { [self] in serve() }
    }

    deinit { close(listener) }

    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        lock.withLock { held.forEach { close($0) } }
    }

    func behave(_ behaviour: Behaviour) { lock.withLock { self.behaviour = behaviour } }

    func remember(_ memory: Memory) { lock.withLock { self.memory = memory } }

    /// Requests to cosign that came.
    var requests: Int { lock.withLock { count } }
    /// How often it was asked for its latest checkpoint.
    var questions: Int { lock.withLock { asked } }
    /// Size that it cosigned last.
    var size: UInt64 { lock.withLock { seen } }
    var verifier: VerifierKey { VerifierKey(name: name, kind: .cosignature, key: key.publicKey)! }
    /// Its table in the configuration.
    var table: String { "[[settlement.witness]]\nurl = \"http://127.0.0.1:\(port)\"\nkey = \"\(verifier)\"\n" }

    private func serve() {
        while true {
            let connection = accept(listener, nil, nil)
            if connection < 0 { return }
            Thread.detachNewThread { [self] in answer(connection) }
        }
    }

    private func answer(_ connection: Int32) {
        guard let request = Self.request(connection) else {
            close(connection)
            return
        }
        guard let body = request.body else { return recall(connection, request.path) }
        let now = lock.withLock {
            count += 1
            return behaviour
        }
        switch now {
        case .silent:
            lock.withLock { held.append(connection) }
            return
        case .hangsUp: break
        case .refuses: Self.send(connection, 403, "no\n")
        case .conflict(let size): Self.send(connection, 409, "\(size)\n")
        case .babbles: Self.send(connection, 200, String(repeating: "\u{2014} x y\n", count: 20_000))
        case .lies: Self.send(connection, 200, cosignature(body, SigningKey()) ?? "")
        case .honest: honest(connection, body)
        }
        close(connection)
    }

    private func recall(_ connection: Int32, _ path: String) {
        let known = lock.withLock {
            asked += 1
            return memory
        }
        switch known {
        case .empty: Self.send(connection, 404, "no\n")
        case .note(let bytes): Self.send(connection, 200, String(decoding: bytes, as: UTF8.self))
        case .elsewhere(let port):
            Self.send(connection, 302, "", header: "Location: http://127.0.0.1:\(port)\(path)\r\n")
        case .silent:
            lock.withLock { held.append(connection) }
            return
        }
        close(connection)
    }

    private func honest(_ connection: Int32, _ body: String) {
        guard let old = body.split(separator: "\n").first.flatMap({ UInt64($0.dropFirst(4)) }),
            let line = cosignature(body, key), let size = Self.checkpoint(body).flatMap({ try? Checkpoint(text: $0) })
        else { return Self.send(connection, 400, "\n") }
        // At once: a request whose thread comes late must not take back what a newer one was given.
        let known = lock.withLock {
            defer { if seen == old { seen = size.size } }
            return seen
        }
        guard old == known else { return Self.send(connection, 409, "\(known)\n") }
        Self.send(connection, 200, line)
    }

    /// The checkpoint of a request, without its signatures.
    private static func checkpoint(_ body: String) -> String? {
        let parts = body.components(separatedBy: "\n\n")
        return parts.count >= 3 ? parts[1] + "\n" : nil
    }

    private func cosignature(_ body: String, _ key: SigningKey) -> String? {
        guard let text = Self.checkpoint(body) else { return nil }
        let signer = NoteSigner(name: name, key: key, kind: .cosignature)!
        let made = signer.sign(text, time: UInt64(Date().timeIntervalSince1970))
        return NoteSignature(name: name, id: verifier.id, bytes: made.bytes).line
    }

    private static func send(_ connection: Int32, _ status: Int, _ body: String, header: String = "") {
        let length = "Content-Length: \(body.utf8.count)\r\n"
        let text = "HTTP/1.1 \(status) X\r\n\(header)\(length)Connection: close\r\n\r\n\(body)"
        let bytes = Array(text.utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(connection, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
            }
            if count <= 0 { return }
            sent += count
        }
    }

    /// The path of a request and its body, by its Content-Length; of a GET no body.
    private static func request(_ connection: Int32) -> (path: String, body: String?)? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = recv(connection, &buffer, buffer.count, 0)
            if count <= 0 { return nil }
            bytes += buffer[..<count]
            let text = String(decoding: bytes, as: UTF8.self)
            guard let end = text.range(of: "\r\n\r\n") else { continue }
            let head = text[..<end.lowerBound].lowercased()
            let path = String(text.split(separator: " ", maxSplits: 2)[1])
            if head.hasPrefix("get ") { return (path, nil) }
            guard let line = head.components(separatedBy: "\r\n").first(where: { $0.hasPrefix("content-length:") }),
                let length = Int(line.dropFirst(15).trimmingCharacters(in: .whitespaces))
            else { return nil }
            let body = text[end.upperBound...]
            if body.utf8.count >= length { return (path, String(body)) }
        }
    }
}
