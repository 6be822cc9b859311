import Cryptography
import Foundation
import Platform
import Proof
import Testing

@testable import Audit

/// A witness over real files, and over a real socket.
@Suite struct WitnessTests {
    private static let key = SigningKey(insecureDeterministic: 50)
    private static let signer = NoteSigner(name: "witness.test/w", key: key, kind: .cosignature)!

    private func directory() -> String {
        NSTemporaryDirectory() + "glassbook-witness-\(UUID().uuidString)"
    }

    private func log(_ random: UInt64 = 1) -> SignedLog {
        let log = SignedLog(random: random)
        log.open()
        return log
    }

    private func request(_ log: SignedLog, old: UInt64, _ size: UInt64, proof: [Hash256]? = nil) throws -> [UInt8] {
        let made = try MerkleTree.consistencyProof(
            old: min(old, size), size: size, LeafSource(Array(log.leaves.prefix(Int(size)))))
        return WitnessRequest(oldSize: old, proof: proof ?? made, checkpoint: log.checkpoint(size)).bytes
    }

    private func witness(_ directory: String, _ logs: [SignedLog], now: UInt64 = 1_700_000_000) throws -> Witness {
        try Witness(
            directory: directory, signer: Self.signer, logs: logs.map(\.logSigner.verifierKey), now: { now })
    }

    /// Evidence that a witness has kept.
    private func evidence(_ directory: String) throws -> [Evidence] {
        try FileDirectory.names("\(directory)/evidence").map {
            try Evidence(try File.readPrefix("\(directory)/evidence/\($0)", limit: 1 << 20))
        }
    }

    @Test("a log whose key was replaced goes on where it was, under the next key; a restart remembers")
    func replacedKey() throws {
        let log = log(), place = directory()
        defer { try? FileManager.default.removeItem(atPath: place) }
        let next = NoteSigner(name: log.logSigner.verifierKey.name, key: SigningKey(insecureDeterministic: 51))!
        func note(_ size: UInt64) throws -> [UInt8] {
            let text = try SignedNote(log.checkpoint(size)).text
            return SignedNote(text: text, signatures: [next.sign(text)]).bytes
        }
        func open() throws -> Witness {
            try Witness(
                directory: place, signer: Self.signer, logs: [log.logSigner.verifierKey, next.verifierKey],
                now: { 1_700_000_000 })
        }
        func ask(_ witness: Witness, old: UInt64, _ size: UInt64) throws -> Int {
            let request = try WitnessRequest(try request(log, old: old, size))
            return witness.add(
                WitnessRequest(oldSize: old, proof: request.proof, checkpoint: try note(size)).bytes
            ).status
        }
        do {
            let witness = try open()
            #expect(witness.add(try request(log, old: 0, 3)).status == 200)
            #expect(try ask(witness, old: 0, 5) == 409)
            #expect(try ask(witness, old: 3, 5) == 200)
        }
        let witness = try open()
        #expect(try ask(witness, old: 3, 7) == 409)
        #expect(try ask(witness, old: 5, 7) == 200)
        // A key twice is none more.
        #expect(throws: WitnessError.self) {
            try Witness(
                directory: directory(), signer: Self.signer, logs: [next.verifierKey, next.verifierKey], now: { 1 })
        }
    }

    @Test("every request has the status of the protocol")
    func statuses() throws {
        let log = log(), place = directory()
        defer { try? FileManager.default.removeItem(atPath: place) }
        let witness = try witness(place, [log])
        func status(_ body: [UInt8]) -> Int { witness.add(body).status }
        #expect(status([]) == 400)
        #expect(status(Array("old 01\n\n".utf8) + log.checkpoint(3)) == 400)
        #expect(status(try request(log, old: 5, 3)) == 400)
        #expect(status(try request(self.log(2), old: 0, 3)) == 404)
        // A signature by the known key that does not hold: that of another text.
        let note = try SignedNote(log.checkpoint(3))
        let text = note.text.replacingOccurrences(of: "\n3\n", with: "\n4\n")
        let forged = SignedNote(text: text, signatures: note.signatures).bytes
        #expect(status(WitnessRequest(oldSize: 0, proof: [], checkpoint: forged).bytes) == 403)
        let unsigned = SignedNote(text: note.text, signatures: [Self.signer.sign(note.text, time: 1)]).bytes
        #expect(status(WitnessRequest(oldSize: 0, proof: [], checkpoint: unsigned).bytes) == 403)
        #expect(status(try request(log, old: 0, 3, proof: [Sha256.hash([1])])) == 422)
        #expect(witness.latest(Witness.name(log.logSigner.verifierKey.name)).status == 404)

        #expect(status(try request(log, old: 0, 3)) == 200)
        #expect(status(try request(log, old: 0, 7)) == 409)
        #expect(witness.add(try request(log, old: 0, 7)).body == "3\n")
        #expect(witness.add(try request(log, old: 0, 7)).contentType == "text/x.tlog.size")
        #expect(status(try request(log, old: 3, 7, proof: [])) == 422)
        #expect(status(try request(log, old: 3, 7)) == 200)
        // The same again, and back.
        #expect(status(try request(log, old: 7, 7)) == 200)
        #expect(status(try request(log, old: 3, 3)) == 409)
        #expect(try evidence(place).isEmpty)
    }

    @Test("a cosignature holds, says the time, and is remembered with the log's signature")
    func cosignature() throws {
        let log = log(), place = directory()
        defer { try? FileManager.default.removeItem(atPath: place) }
        let witness = try witness(place, [log], now: 1_712_345_678)
        let reply = witness.add(try request(log, old: 0, 5))
        let note = try SignedNote(log.checkpoint(5))
        let line = try NoteSignature(line: reply.body.dropLast())
        let verified = try #require(NoteVerification(line, by: witness.verifierKey, of: note.text))
        #expect(verified.time == 1_712_345_678)
        let latest = witness.latest(Witness.name(log.logSigner.verifierKey.name))
        let signed = try SignedCheckpoint(
            Array(latest.body.utf8), log: log.logSigner.verifierKey, witnesses: [witness.verifierKey])
        #expect(signed.checkpoint.size == 5 && signed.witnesses.count == 1 && signed.note.signatures.count == 2)
    }

    @Test("a witness remembers over a restart, one process at a time, and refuses a damaged memory")
    func restart() throws {
        let log = log(), place = directory()
        defer { try? FileManager.default.removeItem(atPath: place) }
        do {
            let witness = try witness(place, [log], now: 2_000_000_000)
            #expect(witness.add(try request(log, old: 0, 5)).status == 200)
            #expect(throws: WitnessError.self) { try self.witness(place, [log]) }
        }
        do {
            let witness = try witness(place, [log], now: 1_000_000_000)
            #expect(witness.add(try request(log, old: 0, 6)).status == 409)
            let reply = witness.add(try request(log, old: 5, 6))
            let line = try NoteSignature(line: reply.body.dropLast())
            let text = try SignedNote(log.checkpoint(6)).text
            // Its clock was set back meanwhile; its statements were not.
            #expect(NoteVerification(line, by: witness.verifierKey, of: text)?.time == 2_000_000_000)
        }
        let file = "\(place)/\(Witness.name(log.logSigner.verifierKey.name))/checkpoint"
        let bytes = try File.readPrefix(file, limit: 4096)
        for index in stride(from: 0, to: bytes.count, by: 7) {
            var damaged = bytes
            damaged[index] ^= 4
            try File.replace(file, with: damaged)
            #expect(throws: WitnessError.self, "byte \(index)") { try self.witness(place, [log]) }
        }
        try File.replace(file, with: bytes)
        #expect(try witness(place, [log]).latest(Witness.name(log.logSigner.verifierKey.name)).status == 200)
    }

    @Test("a cosignature that cannot be remembered is not given")
    func cannotRemember() throws {
        let log = log(), place = directory()
        defer { try? FileManager.default.removeItem(atPath: place) }
        let witness = try witness(place, [log])
        #expect(witness.add(try request(log, old: 0, 5)).status == 200)
        let own = "\(place)/\(Witness.name(log.logSigner.verifierKey.name))"
        try FileManager.default.moveItem(atPath: own, toPath: own + "-gone")
        let reply = witness.add(try request(log, old: 5, 6))
        #expect(reply.status == 500 && !reply.body.contains("witness.test"))
        try FileManager.default.moveItem(atPath: own + "-gone", toPath: own)
        #expect(witness.add(try request(log, old: 5, 6)).status == 200)
    }

    @Test("two histories leave evidence that convicts")
    func keepsEvidence() throws {
        let log = log(), place = directory()
        defer { try? FileManager.default.removeItem(atPath: place) }
        let liar = SignedLog { if $0.sequence == 3 { $0.time += 1 } }
        liar.open()
        let witness = try witness(place, [log])
        #expect(witness.add(try request(log, old: 0, 5)).status == 200)
        // The same size, asked for from nothing: the answer is 409, the evidence is there all the same.
        #expect(witness.add(try request(liar, old: 0, 5)).status == 409)
        #expect(witness.add(try request(liar, old: 5, 5)).status == 422)
        // A later size with a proof that holds for the other history.
        #expect(witness.add(try request(liar, old: 5, 9)).status == 422)
        let found = try evidence(place)
        #expect(Set(found.map(\.kind)) == [.equivocation, .rewrittenHistory])
        for evidence in found {
            guard case .convicted(let conviction) = try log.judge(evidence) else {
                Issue.record("\(evidence.kind)")
                continue
            }
            #expect(conviction.sequence == 5)
        }
        // What continues the honest history is still cosigned.
        #expect(witness.add(try request(log, old: 5, 9)).status == 200)
    }

    @Test("a line that only names the id of the log's key is not remembered in place of the log's signature")
    func junkBeforeTheSignature() throws {
        let log = log(), place = directory(), key = log.logSigner.verifierKey
        defer { try? FileManager.default.removeItem(atPath: place) }
        let liar = SignedLog { if $0.sequence == 3 { $0.time += 1 } }
        liar.open()
        let name = Witness.name(key.name)
        do {
            let witness = try witness(place, [log])
            var note = try SignedNote(log.checkpoint(5))
            let junk = NoteSignature(name: "x", id: key.id, bytes: [UInt8](repeating: 7, count: 64))
            note.signatures.insert(junk, at: 0)
            #expect(witness.add(WitnessRequest(oldSize: 0, proof: [], checkpoint: note.bytes).bytes).status == 200)
            let latest = Array(witness.latest(name).body.utf8)
            let signed = try SignedCheckpoint(latest, log: key, witnesses: [witness.verifierKey])
            #expect(signed.witnesses.count == 1 && signed.note.signatures.count == 2)
        }
        let witness = try witness(place, [log])
        #expect(witness.add(try request(liar, old: 5, 5)).status == 422)
        let found = try evidence(place)
        #expect(found.map(\.kind) == [.equivocation])
        for evidence in found {
            guard case .convicted = try log.judge(evidence) else {
                Issue.record("\(evidence.kind)")
                continue
            }
        }
    }

    @Test("altered requests are answered, and never make it cosign what does not continue")
    func fuzz() throws {
        let log = log(), place = directory()
        defer { try? FileManager.default.removeItem(atPath: place) }
        let witness = try witness(place, [log])
        #expect(witness.add(try request(log, old: 0, 5)).status == 200)
        let body = try request(log, old: 5, 11)
        var random = SplitMix(seed: 9)
        for count in 0..<body.count { #expect(witness.add(Array(body[..<count])).status != 200) }
        for _ in 0..<1500 {
            var altered = body
            let index = Int(random.next() % UInt64(body.count))
            altered[index] ^= UInt8(1 << (random.next() % 8))
            let reply = witness.add(altered)
            #expect([200, 400, 403, 404, 409, 422].contains(reply.status))
            guard reply.status == 200 else { continue }
            Issue.record("byte \(index) changed, and it was cosigned")
            break
        }
    }

    // MARK: HTTP

    /// A witness behind its server, on a thread of its own.
    private final class Served {
        let endpoint: IPv4Endpoint
        private let stopping = StopFlag()
        private var thread: PinnedThread?

        init(_ witness: Witness) throws {
            let server = try WitnessServer(witness, at: IPv4Endpoint(.loopback, port: 0))
            endpoint = server.endpoint
            nonisolated(unsafe) let served = server
            thread = try PinnedThread(name: "witness") { [stopping] in try? served.run(until: stopping) }
        }

        deinit {
            stopping.stop()
            thread = nil
        }
    }

    @Test("over HTTP: cosigns, names its size, shows the last checkpoint, and bounds what it reads")
    func server() async throws {
        let log = log(), place = directory()
        defer { try? FileManager.default.removeItem(atPath: place) }
        let served = try Served(try witness(place, [log])), endpoint = served.endpoint
        let body = try request(log, old: 0, 5)
        let cosigned = try Requests.post(endpoint, "/add-checkpoint", body)
        #expect(cosigned.status == 200 && cosigned.body.hasPrefix("\u{2014} witness.test/w "))
        #expect(cosigned.contentType == "text/plain; charset=utf-8")
        let conflict = try Requests.post(endpoint, "/add-checkpoint", body)
        #expect(conflict.status == 409 && conflict.body == "5\n" && conflict.contentType == "text/x.tlog.size")
        let most = [UInt8](repeating: 65, count: WitnessRequest.bytesMax)
        #expect(try Requests.post(endpoint, "/add-checkpoint", most).status == 400)
        #expect(try Requests.post(endpoint, "/add-checkpoint", most + [65]).status == 413)
        let name = Witness.name(log.logSigner.verifierKey.name)
        let latest = try Requests.get(endpoint, "/\(name)/checkpoint")
        #expect(latest.status == 200 && latest.contentType == "text/plain; charset=utf-8")
        #expect(try SignedCheckpoint(Array(latest.body.utf8), log: log.logSigner.verifierKey).checkpoint.size == 5)
        for (path, status) in [
            ("/..%2f\(name)/checkpoint", 400), ("/../\(name)/checkpoint", 400), ("/%00/checkpoint", 400),
            ("/\(name)/checkpoint/", 400), ("/\(name.uppercased())/checkpoint", 404), ("/\(name)", 404),
            ("/add-checkpoint", 405),
        ] {
            #expect(try Requests.get(endpoint, path).status == status, "\(path)")
        }
        #expect(try Requests.post(endpoint, "/\(name)/checkpoint", body).status == 405)
        // Requests at once: one of them is first.
        let next = try request(log, old: 5, 6)
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<8 { group.addTask { try Requests.post(endpoint, "/add-checkpoint", next).status } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.count { $0 == 200 } == 1 && statuses.count { $0 == 409 } == 7)
    }

    @Test("bytes that are no HTTP do not stop it")
    func hostileClients() throws {
        let log = log(), place = directory()
        defer { try? FileManager.default.removeItem(atPath: place) }
        let served = try Served(try witness(place, [log]))
        let head = "POST /add-checkpoint HTTP/1.1\r\nHost: x\r\n"
        // What is not even a whole request is not answered: 0.
        let requests = [
            ("", 0), ("\r\n\r\n", 400), ("GET", 0), ("\u{0}\u{1}\u{2}", 0), ("\u{0}\u{1}\u{2}\r\n\r\n", 400),
            ("POST /add-checkpoint HTTP/9\r\n\r\n", 505), (head + "\r\n", 411),
            (head + "Content-Length: -1\r\n\r\n", 400),
            (head + "Content-Length: 9223372036854775807\r\n\r\nold", 413),
            (head + "Content-Length: 99999999999999999999\r\n\r\n", 413),
            (head + "Content-Length: 5\r\n\r\nol", 0), (head + "Content-Length: 3\r\n\r\nold", 400),
            (head + "Transfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFF\r\nold", 411),
            (head + "Transfer-Encoding: chunked\r\n\r\n-1\r\nold", 411),
            (head + "Transfer-Encoding: chunked\r\n\r\n3\r\nold\r\n0\r\n\r\n", 411),
            (head + "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\nold", 400),
            ("GET /%00/checkpoint HTTP/1.1\r\n\r\n", 400), ("GET //// HTTP/1.1\r\n\r\n", 400),
            ("GET http://[::1 HTTP/1.1\r\n\r\n", 400), ("GET /..%2f..%2fetc/checkpoint HTTP/1.1\r\n\r\n", 400),
            (head + String(repeating: "A: b\r\n", count: 5_000) + "\r\n", 431),
        ]
        for (text, status) in requests {
            let answer = String(decoding: try Requests.raw(served.endpoint, Array(text.utf8)), as: UTF8.self)
            let isAsExpected = status == 0 ? answer.isEmpty : answer.hasPrefix("HTTP/1.1 \(status) ")
            #expect(isAsExpected, "\(text.prefix(100).debugDescription): \(answer)")
        }
        var random = SplitMix(seed: 4)
        for _ in 0..<40 {
            var bytes = Array((head + "Content-Length: 6\r\n\r\nold 0\n").utf8)
            for _ in 0..<3 { bytes[Int(random.next() % UInt64(bytes.count))] ^= UInt8(1 << (random.next() % 7)) }
            let answer = String(decoding: try Requests.raw(served.endpoint, bytes), as: UTF8.self)
            #expect(!answer.hasPrefix("HTTP/1.1 200 "))
        }
        let body = try self.request(log, old: 0, 5)
        #expect(try Requests.post(served.endpoint, "/add-checkpoint", body).status == 200)
    }
}
