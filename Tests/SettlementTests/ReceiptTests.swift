import Audit
import Cryptography
import Foundation
import GlassbookClient
import Journal
import Platform
import Proof
import Testing
import Wire

@testable import HTTP
@testable import Settlement

/// Receipts, tlog-proofs and balances of a real node with a real settlement plane, over HTTP and as files, checked by
/// the verifier.
@Suite struct ReceiptTests {
    /// A venue with some trades, its settlement plane and a server of what it published.
    final class Served {
        let venue = try! SettledVenue()
        let server: RunningProcess
        let endpoint: IPv4Endpoint

        init() throws {
            try venue.startNode()
            try venue.startPlane().waitUntilReady()
            try venue.trade(40)
            server = try RunningProcess(
                "settlement-plane", ["serve", "--config", venue.directory + "/config.toml"],
                errors: venue.directory + "/serve.log")
            try server.waitUntilReady()
            endpoint = try #require(server.value("http").flatMap { IPv4Endpoint($0) })
            let anchors = try Anchors(venue: venue.id, log: venue.logVerifier)
            try anchors.text.write(toFile: anchorsPath, atomically: true, encoding: .utf8)
        }

        var anchorsPath: String { venue.directory + "/anchors" }

        /// Status and body of a GET.
        func get(_ path: String) throws -> (status: Int, body: [UInt8]) {
            let socket = try Sockets.connect(to: endpoint)
            let request = Array("GET \(path) HTTP/1.1\r\nConnection: close\r\n\r\n".utf8)
            try request.withUnsafeBytes { try Sockets.sendAll(socket.raw, $0) }
            let answer = try PublishedServerTests.Served.readAll(socket)
            let end = try #require(HTTPRequest.headLength(answer))
            let status = String(decoding: answer[..<end], as: UTF8.self).split(separator: " ")[1]
            return (try #require(Int(status)), Array(answer[end...]))
        }

        /// Status and body of a GET, once no desk of balances is busy, which is answered with 503: come again.
        func answer(_ path: String) throws -> (status: Int, body: [UInt8]) {
            var answer = (status: 503, body: [UInt8]())
            try waitUntil(path) {
                answer = try get(path)
                return answer.status != 503
            }
            return answer
        }

        /// The body of a GET, once it is there.
        func wait(for path: String) throws -> [UInt8] {
            var body: [UInt8] = []
            try waitUntil(path) {
                let answer = try get(path)
                body = answer.body
                return answer.status == 200
            }
            return body
        }

        /// Runs a program. Returns its exit status.
        func run(_ name: String, _ arguments: [String]) throws -> Int32 {
            let process = try RunningProcess(name, arguments, errors: venue.directory + "/\(name).log")
            return process.wait()
        }

        /// What `verifier proof` says of these bytes.
        func verify(_ bytes: [UInt8], _ arguments: [String] = []) throws -> Int32 {
            let path = venue.directory + "/proof"
            try File.replace(path, with: bytes)
            return try run("verifier", ["proof", path, "--anchors", anchorsPath] + arguments)
        }

        /// Sequence of the last record of the journal.
        func lastSequence() throws -> UInt64 { UInt64(try PublishedLog(venue).leaves.count) }
    }

    @Test("every record of a trading venue has a receipt and a place in the log, over HTTP and as a file")
    func receiptsAndProofs() throws {
        let served = try Served()
        let last = try served.lastSequence()
        for sequence in [1, 2, last / 2, last] {
            let receipt = try served.wait(for: "/receipt/\(sequence)")
            #expect(receipt.count < 4_096)
            #expect(try served.verify(receipt) == 0)
            let proof = try served.wait(for: "/proof/\(sequence)")
            #expect(try served.verify(proof) == 0)
            let record = try served.wait(for: "/record/\(sequence)")
            let recordPath = served.venue.directory + "/record"
            try File.replace(recordPath, with: record)
            #expect(try served.verify(receipt, ["--record", recordPath]) == 0)
            // The proof has the record too.
            let proofPath = served.venue.directory + "/record.proof"
            try File.replace(proofPath, with: proof)
            #expect(try served.verify(receipt, ["--record", proofPath]) == 0)
            #expect(try served.verify(proof, ["--record", recordPath]) == 0)
            #expect(try Receipt(receipt).sequence == sequence)
        }
        let output = served.venue.directory + "/file"
        let config = ["--config", served.venue.directory + "/config.toml", "--output", output]
        #expect(try served.run("settlement-plane", ["receipt", "--sequence", "5"] + config) == 0)
        #expect(try File.readPrefix(output, limit: 8_192) == served.get("/receipt/5").body)
        #expect(try served.run("settlement-plane", ["record", "--sequence", "5"] + config) == 0)
        #expect(try served.verify(File.readPrefix(output, limit: 200_000)) == 0)
        // Several at once: the worst counts, and what cannot be read is said before any is judged.
        let good = try served.get("/receipt/5").body
        #expect(try served.verify(good, [output]) == 0)
        #expect(try served.verify(good, [output, "--record", output]) == 64)
        #expect(try served.verify(good, [output, "/dev/null"]) == 2)
        var bad = good
        bad[bad.count - 1] ^= 1
        #expect(try served.verify(bad, [output, "/dev/null"]) == 1)
        #expect(try served.verify(bad, ["/nowhere"]) == 2)
        #expect(try served.run("settlement-plane", ["receipt", "--sequence", "999999"] + config) == 1)
    }

    @Test("a balance is proven down from a commitment in the log")
    func balances() throws {
        let served = try Served()
        let output = served.venue.directory + "/file"
        let config = ["--config", served.venue.directory + "/config.toml", "--output", output]
        // The account and its deposits, once a commitment that is in a checkpoint has them.
        let account = "\(WellKnownAccount.firstCreated)"
        var bytes: [UInt8] = []
        try waitUntil("a committed balance") {
            guard try served.run("settlement-plane", ["balance", "--account", account, "--asset", "0"] + config) == 0
            else { return false }
            bytes = try File.readPrefix(output, limit: BalanceFile.byteCountMax)
            return try BalanceFile(bytes).balance.amount > 0
        }
        let file = try BalanceFile(bytes)
        #expect(file.balance.amount == 1 << 40)
        // By its symbol it is the same asset; what is neither symbol nor number is said, and nothing is written.
        let asked = ["balance", "--account", account, "--asset"]
        let symbol = served.venue.settings.venue.assets[0].symbol
        #expect(try served.run("settlement-plane", asked + [symbol] + config) == 0)
        #expect(try BalanceFile(try File.readPrefix(output, limit: BalanceFile.byteCountMax)).balance == file.balance)
        try File.remove(output)
        #expect(try served.run("settlement-plane", asked + ["XYZ"] + config) == 64)
        #expect(try served.run("settlement-plane", asked + ["999"] + config) == 1)
        #expect(!File.exists(output))
        #expect(bytes.count - file.record.count < 4_096)
        #expect(try served.verify(bytes, ["--account", account, "--asset", "0"]) == 0)
        #expect(try served.verify(bytes, ["--account", "4", "--asset", "0"]) == 1)
        var overHTTP = file
        try waitUntil("the balance over HTTP") {
            overHTTP = try BalanceFile(try served.wait(for: "/balance/\(account)/0"))
            return overHTTP.balance.amount > 0
        }
        #expect(overHTTP.balance.amount == 1 << 40)
        #expect(try served.verify(overHTTP.encoded) == 0)
        // Fees were not paid: the proof of nothing.
        let nothing = try BalanceFile(try served.wait(for: "/balance/0/0"))
        #expect(nothing.balance.amount == 0)
        #expect(try served.verify(nothing.encoded, ["--account", "0", "--asset", "0"]) == 0)
        #expect(try served.answer("/balance/200/0").status == 404)
        #expect(try served.answer("/balance/3/999").status == 404)
        #expect(try served.get("/balance/3").status == 404)
        // Where records are shown an hour later, balances are too.
        try served.venue.configure([("publish_delay_ms", "3_600_000")])
        try File.remove(output)
        let status = try served.run("settlement-plane", ["balance", "--account", account, "--asset", "0"] + config)
        #expect(status != 0 && !File.exists(output))

        // A later commitment is followed.
        let before = overHTTP.balance.header.through
        try served.venue.trade(5)
        try waitUntil("a later commitment") {
            let answer = try served.get("/balance/\(WellKnownAccount.firstCreated + 1)/1")
            return try answer.status == 200 && BalanceFile(answer.body).balance.header.through > before
        }
        #expect(served.server.stop() == 0)
    }

    @Test("the client library fetches, checks and keeps a receipt, and so does its example")
    func client() throws {
        let served = try Served()
        let sources: [ReceiptClient.Source] = [
            .server(served.endpoint), .web(served.endpoint, prefix: ""), .directory(served.venue.published),
        ]
        var receipts: Set<Receipt> = []
        for source in sources {
            let client = ReceiptClient(source, venue: served.venue.id)
            receipts.insert(try client.receipt(for: 7, timeoutMilliseconds: 120_000))
        }
        #expect(receipts.count == 1)
        let node = try #require(served.venue.node)
        let example = try served.run(
            "examples",
            [
                "receipt", "--changes-the-venue", "--config", served.venue.directory + "/config.toml", "--keys",
                served.venue.directory + "/keys", "--port", try #require(node.value("order-entry")), "--request-port",
                try #require(node.value("request")), "--snapshot-port", try #require(node.value("snapshot")),
            ])
        #expect(example == 0)
        let kept = served.venue.settings.dataDirectory + "/receipts"
        let name = try #require(try FileDirectory.names(kept).first { $0.hasSuffix(".receipt") })
        let command = kept + "/" + name.replacingOccurrences(of: ".receipt", with: ".command")
        let receipt = try File.readPrefix(kept + "/" + name, limit: 8_192)
        #expect(try served.verify(receipt, ["--command", command]) == 0)
        #expect(try served.verify(receipt, ["--command", served.anchorsPath]) == 1)
    }

    @Test("a settlement plane that is killed again and again never takes a receipt back, nor gives another one")
    func kills() throws {
        let venue = try SettledVenue()
        try venue.startNode()
        let path = "\(venue.published)/receipts/\(ReceiptFile.name(of: 1))"
        var seen: [UInt8] = []
        for round in 0..<8 {
            let plane = try venue.startPlane()
            // Killed at another moment each time: while it starts, while it signs, when all is signed.
            if round % 4 > 0 { try plane.waitUntilReady() }
            try venue.trade(10 + round)
            if round % 4 > 1 {
                try waitUntil("more receipts") {
                    try File.exists(path) && File.readPrefix(path, limit: ReceiptFile.byteCountMax).count > seen.count
                }
            }
            plane.killNow()
            let now = File.exists(path) ? try File.readPrefix(path, limit: ReceiptFile.byteCountMax) : []
            let whole = ReceiptFile.ranges(now, first: 1).byteCount
            #expect(now.starts(with: seen), "round \(round)")
            seen = Array(now[..<whole])
        }
        try venue.startPlane().waitUntilReady()
        let last = UInt64(try PublishedLog(venue).leaves.count)
        let receipts = ReceiptClient(.directory(venue.published), venue: venue.id)
        _ = try receipts.receipt(for: last, timeoutMilliseconds: 120_000)
        try venue.stopPlane()
        let leaves = try PublishedLog(venue).leaves
        for sequence in 1...last {
            #expect(try receipts.receipt(for: sequence).leaf.leafHash == leaves[Int(sequence) - 1])
        }
        try venue.stopNode()
    }

    @Test("what was changed in a proof is found, whatever it is")
    func damagedProofs() throws {
        let served = try Served()
        let account = WellKnownAccount.firstCreated
        // Of a tree in which nobody is owed anything every account is the same.
        try waitUntil("a committed balance") {
            let answer = try served.get("/balance/\(account)/0")
            return try answer.status == 200 && BalanceFile(answer.body).balance.amount > 0
        }
        let anchors = try Anchors(venue: served.venue.id, log: served.venue.logVerifier)
        for path in ["/balance/\(account)/0", "/receipt/3", "/proof/3"] {
            let bytes = try served.wait(for: path)
            #expect(ProofCheck(bytes, anchors).exitStatus == 0)
            // What does not say any more that it is a proof is none, and so not checked.
            func expectFailure(_ damaged: [UInt8], _ place: String) {
                let check = ProofCheck(damaged, anchors)
                #expect(check.exitStatus == (check.kind == nil ? 2 : 1), "\(path), \(place)")
            }
            for offset in bytes.indices {
                var damaged = bytes
                damaged[offset] ^= 1 << UInt8(offset % 8)
                expectFailure(damaged, "byte \(offset)")
            }
            for count in stride(from: 0, to: bytes.count, by: 3) {
                expectFailure(Array(bytes[..<count]), "\(count) bytes")
            }
        }
        // An attacker's own venue and log.
        let other = try SettledVenue()
        let foreign = try Anchors(venue: other.id, log: other.logVerifier)
        for path in ["/balance/\(account)/0", "/receipt/3", "/proof/3"] {
            #expect(ProofCheck(try served.wait(for: path), foreign).exitStatus == 1)
        }
        // A quorum that nobody gave.
        let witness = try #require(
            VerifierKey(name: "witness.example", kind: .cosignature, key: SigningKey().publicKey))
        let strict = try Anchors(venue: served.venue.id, log: served.venue.logVerifier, witnesses: [witness], quorum: 1)
        #expect(ProofCheck(try served.wait(for: "/proof/3"), strict).exitStatus == 1)
        #expect(ProofCheck(try served.wait(for: "/balance/\(account)/0"), strict).exitStatus == 1)
        // A proof without its record proves only that the checkpoint is signed.
        let whole = try TlogProof(try served.wait(for: "/proof/3"))
        let bare = TlogProof(index: whole.index, path: whole.path, checkpoint: whole.checkpoint)
        #expect(ProofCheck(bare.bytes, anchors).exitStatus == 2)
        #expect(ProofCheck(bare.bytes, anchors, expecting: .init(record: whole.extra)).exitStatus == 0)
        #expect(ProofCheck(bare.bytes, anchors, expecting: .init(record: [1, 2, 3])).exitStatus == 1)
        #expect(try served.verify([1, 2, 3]) == 2)
    }
}
