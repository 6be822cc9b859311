import Cryptography
import Foundation
import Platform
import Proof
import Synchronization
import Testing

@testable import HTTP
@testable import Settlement

/// The real server on a real port, and raw sockets.
@Suite struct PublishedServerTests {
    /// A server over a directory with a small log and its receipts.
    final class Served {
        let fixture: ReceiptFixture
        let endpoint: IPv4Endpoint
        private let stop = StopFlag()
        private var thread: PinnedThread?

        init(connectionsMax: Int = 256) throws {
            fixture = try ReceiptFixture(changing: [("serve_port", "0")])
            let last = fixture.append(300)
            try fixture.synchronize()
            try fixture.follow(through: last)
            // Longer than any machine stops a test for: who is slow is the business of the server's own tests.
            let server = try PublishedServer(
                fixture.settings, connectionsMax: connectionsMax, patienceMilliseconds: 3_600_000)
            endpoint = server.endpoint
            nonisolated(unsafe) let served = server
            thread = try PinnedThread(name: "serve") { [stop] in try? served.run(until: stop) }
        }

        deinit {
            stop.stop()
            thread = nil
        }

        /// Publishes the first `count` records as a log.
        func publishLog(_ count: UInt64, key: SigningKey) throws {
            let published = fixture.settings.settlement.published
            var bundle: [UInt8] = [], frontier = TreeFrontier(), leaves: [UInt8] = []
            for sequence in 1...count {
                let record = try fixture.record(sequence)
                record.withUnsafeBytes { EntryBundle.append($0, to: &bundle) }
                let hash = MerkleHash.leaf(record)
                frontier.append(hash)
                hash.withUnsafeBytes { leaves.append(contentsOf: $0) }
            }
            for (name, bytes) in [("tile/entries/000.p/\(count)", bundle), ("tile/0/000.p/\(count)", leaves)] {
                let path = "\(published)/\(name)"
                try FileDirectory.create(String(path[..<path.lastIndex(of: "/")!]))
                try File.replace(path, with: bytes)
            }
            let checkpoint = Checkpoint(origin: fixture.identity.origin, size: count, root: frontier.root)
            let signer = try #require(NoteSigner(name: fixture.identity.origin, key: key))
            let note = SignedNote(text: checkpoint.text, signatures: [signer.sign(checkpoint.text)])
            try File.replace("\(published)/checkpoint", with: note.bytes)
        }

        func connect() throws -> Descriptor { try Sockets.connect(to: endpoint) }

        /// Sends raw bytes, and reads until the server closes.
        func exchange(_ request: String) throws -> String {
            String(decoding: try exchange(Array(request.utf8)), as: UTF8.self)
        }

        func exchange(_ request: [UInt8]) throws -> [UInt8] {
            let socket = try connect()
            try request.withUnsafeBytes { try Sockets.sendAll(socket.raw, $0) }
            return try Self.readAll(socket)
        }

        static func readAll(_ socket: borrowing Descriptor) throws -> [UInt8] {
            var answer: [UInt8] = []
            var chunk = [UInt8](repeating: 0, count: 65_536)
            while true {
                let count = chunk.withUnsafeMutableBytes { Sockets.receive(socket.raw, into: $0) }
                guard count > 0 else { return answer }
                answer += chunk[..<count]
            }
        }

        /// Status and body of a GET.
        func get(_ path: String) throws -> (status: Int, head: String, body: [UInt8]) {
            let answer = try exchange(Array("GET \(path) HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".utf8))
            let end = try #require(HTTPRequest.headLength(answer))
            let head = String(decoding: answer[..<end], as: UTF8.self)
            return (try #require(Int(head.split(separator: " ")[1])), head, Array(answer[end...]))
        }
    }

    @Test func publishedFilesAreServedAsTheyAre() throws {
        let served = try Served()
        let answer = try served.get("/receipts/00000000000000000001")
        #expect(answer.status == 200)
        #expect(answer.body == served.fixture.published())
        #expect(answer.head.contains("Content-Type: application/octet-stream\r\n"))
        #expect(try served.get("/receipts/keys").body == served.fixture.identity.genesisBytes)
        let key = SigningKey(insecureDeterministic: 2)
        try served.publishLog(200, key: key)
        let checkpoint = try served.get("/checkpoint")
        #expect(checkpoint.head.contains("Content-Type: text/plain; charset=utf-8\r\n"))
        #expect(checkpoint.head.contains("Cache-Control: no-cache\r\n"))
        #expect(try served.get("/tile/0/000.p/200").head.contains("immutable"))
    }

    @Test func receiptsAndProofsAreMadeOnDemand() throws {
        let served = try Served()
        let key = SigningKey(insecureDeterministic: 2)
        try served.publishLog(200, key: key)
        let log = try #require(
            VerifierKey(name: served.fixture.identity.origin, kind: .ed25519, key: key.publicKey))
        for sequence in [1, 2, 77, 200] as [UInt64] {
            let record = try served.fixture.record(sequence)
            let receipt = try Receipt(try served.get("/receipt/\(sequence)").body)
            try receipt.verify(venue: served.fixture.identity.id)
            try receipt.checkRecord(record)
            #expect(try served.get("/record/\(sequence)").body == record)
            let proof = try TlogProof(try served.get("/proof/\(sequence)").body)
            #expect(proof.extra == record)
            _ = try record.withUnsafeBytes { try proof.verified(record: $0, logs: [log]) }
        }
        // It has a receipt, and is not in the checkpoint yet.
        #expect(try served.get("/receipt/201").status == 200)
        #expect(try served.get("/proof/201").status == 404)
        #expect(try served.get("/record/201").status == 404)
        for path in [
            "/receipt/0", "/receipt/302", "/receipt/18446744073709551615", "/receipt/18446744073709551616",
            "/receipt/01", "/receipt/x", "/proof/0", "/proof/18446744073709551615", "/receipt/-1", "/nothing",
        ] {
            #expect(try served.get(path).status == 404, "\(path)")
        }
    }

    @Test func damagedPublishedFilesAreAnErrorAndNoProof() throws {
        let served = try Served()
        try served.publishLog(200, key: SigningKey(insecureDeterministic: 2))
        let path = served.fixture.settings.settlement.published + "/tile/entries/000.p/200"
        var bundle = try File.readPrefix(path, limit: 1 << 20)
        bundle[100] ^= 1
        try File.replace(path, with: bundle)
        #expect(try served.get("/proof/5").status == 500)
        try File.replace(path, with: Array(bundle[..<50]))
        #expect(try served.get("/proof/5").status == 500)
        try File.remove(path)
        #expect(try served.get("/proof/5").status == 404)
        try File.replace(served.fixture.settings.settlement.published + "/checkpoint", with: Array("x\n".utf8))
        #expect(try served.get("/proof/5").status == 500)
    }

    @Test func pathsOutsideAreRefused() throws {
        let served = try Served()
        for path in ["/../journal/genesis", "/receipts/../../config.toml", "//etc/passwd", "/receipts/%2e%2e/a"] {
            #expect(try served.get(path).status == 400, "\(path)")
        }
        #expect(try served.get("/config.toml").status == 404)
        #expect(try served.get("/receipts/00000000000000999999").status == 404)
    }

    @Test func requestsOfOneConnectionFollowEachOther() throws {
        let served = try Served()
        let one = "GET /receipts/keys HTTP/1.1\r\n\r\n", head = "HEAD /receipts/keys HTTP/1.1\r\n\r\n"
        let last = "GET /receipts/keys HTTP/1.1\r\nConnection: close\r\n\r\n"
        let answer = try served.exchange(Array((one + head + one + last).utf8))
        let text = String(decoding: answer, as: UTF8.self)
        #expect(text.components(separatedBy: "HTTP/1.1 200 OK").count == 5)
        #expect(answer.count > 3 * 224 && answer.count < 4 * 224 + 4 * 300)
    }

    @Test func aHugeHeadIsRefusedAndCostsNothing() throws {
        let served = try Served()
        let huge = "GET /checkpoint HTTP/1.1\r\nA: " + String(repeating: "a", count: 200_000)
        #expect(try served.exchange(huge).hasPrefix("HTTP/1.1 431 "))
        let many = "GET /checkpoint HTTP/1.1\r\n" + String(repeating: "A: b\r\n", count: 5_000) + "\r\n"
        #expect(try served.exchange(many).hasPrefix("HTTP/1.1 431 "))
        #expect(try served.exchange("BREW /pot HTTP/1.1\r\n\r\n").hasPrefix("HTTP/1.1 405 "))
        let post = "GET /checkpoint HTTP/1.1\r\nContent-Length: 100000\r\n\r\n" + String(repeating: "b", count: 100_000)
        #expect(try served.exchange(post).hasPrefix("HTTP/1.1 413 "))
        #expect(try served.exchange("\u{0}\u{1}\u{2}\r\n\r\n").hasPrefix("HTTP/1.1 400 "))
    }

    @Test func oneConnectionTooManyClosesAnIdleOne() throws {
        let served = try Served(connectionsMax: 4)
        let idle = try served.connect()
        // The idle ones go first, one for each that comes; the server goes on.
        for _ in 0..<20 {
            #expect(try served.get("/receipts/keys").status == 200)
        }
        // One that has said nothing yet is idle too, so more may be needed than there are places.
        var held: [Int32] = []
        defer { for socket in held { close(socket) } }
        var answer = ""
        try waitUntil("a refusal", seconds: 600) {
            let socket = try served.connect()
            try Array("GET /rec".utf8).withUnsafeBytes { try Sockets.sendAll(socket.raw, $0) }
            held.append(socket.release())
            answer = try served.exchange("GET /receipts/keys HTTP/1.1\r\nConnection: close\r\n\r\n")
            return answer.hasPrefix("HTTP/1.1 503 ")
        }
        #expect(answer.hasSuffix("too many connections; try again\n"))
        #expect(try Served.readAll(idle).isEmpty)
    }
}
