import Cryptography
import Foundation
import Glibc
import GlassbookClient
import Platform
import Proof
import Testing
import Wire

@Suite struct ReceiptClientTests {
    let key = SigningKey(insecureDeterministic: 3)
    let keys: ReceiptKeys
    let directory = NSTemporaryDirectory() + "/glassbook-receipt-client-" + UUID().uuidString
    let frames: [[UInt8]]
    /// For a server whose thread does not run for a while, milliseconds.
    private let patience = 120_000

    init() throws {
        let signer = Signer(account: 7, key: SigningKey(insecureDeterministic: 9), venue: .zero)
        frames = try (1...20).map { number in
            try signer.frame(.newOrder(.limit(.buy, 1, at: 100, instrument: 0, clientOrderId: UInt64(number))))
        }
        let receiptKey = key.publicKey.bytes.withUnsafeBytes { Bytes32(from: $0.baseAddress!) }
        let genesis = [UInt8](unsafeUninitializedCapacity: GenesisMessage.size) { buffer, count in
            GenesisMessage.encode(
                at: UnsafeMutableRawPointer(buffer.baseAddress!), random: Bytes32(1, 2, 3, 4), operatorKey: receiptKey,
                logKey: receiptKey, receiptKey: receiptKey, settlementKey: receiptKey, time: 1, promiseSeconds: 60,
                rulesVersion: 1, venueName: FixedText.four("TEST")!, accountsMax: 16, keySlots: 4, assetsMax: 4,
                instrumentsMax: 4, ordersMax: 16, levelsMax: 16, referencesMax: 16, openOrdersMax: 16)
            count = GenesisMessage.size
        }
        keys = try #require(ReceiptKeys(genesis: genesis))
        try FileDirectory.create(directory + "/receipts")
        try File.replace(directory + "/receipts/keys", with: keys.encoded)
        try File.replace(directory + "/receipts/" + ReceiptFile.name(of: 1), with: published)
    }

    /// A published file: frame n is record n.
    private var published: [UInt8] {
        var bytes: [UInt8] = []
        for sequences in [1...3, 4...20] as [ClosedRange<UInt64>] {
            let leaves = sequences.map { sequence in
                ReceiptLeaf(
                    sequence: sequence, commandHash: Sha256.hash(Array(frames[Int(sequence) - 1].dropFirst(6))),
                    leafHash: Sha256.hash([UInt8(sequence)]))
            }
            ReceiptRange(
                signing: leaves, venue: keys.venue, epoch: 1, time: 5,
                prefix: SigningPrefix.make(.receipt, venue: keys.venue), by: key
            ).encode(into: &bytes)
        }
        return bytes
    }

    private var client: ReceiptClient { ReceiptClient(.directory(directory), venue: keys.venue) }

    @Test func aReceiptIsFetchedCheckedAndKept() throws {
        for sequence in 1...20 as ClosedRange<UInt64> {
            let frame = frames[Int(sequence) - 1]
            let receipt = try client.receipt(for: sequence, frame: frame)
            try client.keep(receipt, frame: frame, in: directory + "/kept")
            let kept = try Receipt(File.readPrefix("\(directory)/kept/\(sequence).receipt", limit: 8_192))
            #expect(kept == receipt)
            let command = try File.readPrefix("\(directory)/kept/\(sequence).command", limit: 8_192)
            #expect(Sha256.hash(command) == kept.leaf.commandHash)
        }
        try? FileManager.default.removeItem(atPath: directory)
    }

    @Test func whatDoesNotFitIsRefused() throws {
        #expect(throws: ClientError.receipt(.command)) { try client.receipt(for: 2, frame: frames[2]) }
        #expect(throws: ClientError.timedOut) { try client.receipt(for: 21, timeoutMilliseconds: 30) }
        #expect(throws: ClientError.timedOut) { try client.receipt(for: 20_000, timeoutMilliseconds: 30) }
        #expect(throws: ClientError.invalidState("sequence 0: nothing was journaled")) { try client.receipt(for: 0) }
        let other = ReceiptClient(.directory(directory), venue: .zero)
        #expect(throws: ClientError.receipt(.genesis)) { try other.receipt(for: 2) }
        var damaged = published
        damaged[100] ^= 1
        try File.replace(directory + "/receipts/" + ReceiptFile.name(of: 1), with: damaged)
        #expect(throws: ClientError.receipt(.signature)) { try client.receipt(for: 2) }
        try? FileManager.default.removeItem(atPath: directory)
    }

    @Test func aWebServerOfPublishedFilesWillDo() throws {
        let server = try AnsweringServer { request in
            let path = request.split(separator: " ")[1]
            guard let file = try? File.readPrefix(directory + path.dropFirst("/venue".count), limit: 1 << 20) else {
                return Array("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".utf8)
            }
            return Array("HTTP/1.0 200 OK\r\nServer: a\r\ncontent-length:\(file.count)\r\n\r\n".utf8) + file
        }
        let client = ReceiptClient(.web(server.endpoint, prefix: "/venue"), venue: keys.venue)
        #expect(try client.receipt(for: 9, frame: frames[8], timeoutMilliseconds: patience).sequence == 9)
        #expect(throws: ClientError.timedOut) { try client.receipt(for: 21, timeoutMilliseconds: 50) }
        try? FileManager.default.removeItem(atPath: directory)
    }

    @Test func aServersReceiptIsHeldToWhatWasAskedFor() throws {
        let receipt = try client.receipt(for: 5)
        let server = try AnsweringServer { _ in
            Array("HTTP/1.1 200 OK\r\nContent-Length: \(receipt.encoded.count)\r\n\r\n".utf8) + receipt.encoded
        }
        let client = ReceiptClient(.server(server.endpoint), venue: keys.venue)
        #expect(try client.receipt(for: 5, frame: frames[4], timeoutMilliseconds: patience) == receipt)
        #expect(throws: ClientError.receipt(.sequence)) {
            try client.receipt(for: 6, timeoutMilliseconds: patience)
        }
        try? FileManager.default.removeItem(atPath: directory)
    }

    @Test(arguments: [
        "", "x", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nGLASS",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nGLASSR", "SSH-2.0-x\r\n\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nGLASSRCP", "HTTP/1.1 9999 OK\r\nContent-Length: 0\r\n\r\n",
    ])
    func aHostileServerEndsInAnError(answer: String) throws {
        let server = try AnsweringServer { _ in Array(answer.utf8) }
        let client = ReceiptClient(.server(server.endpoint), venue: keys.venue)
        #expect(throws: ClientError.self) { try client.receipt(for: 5, timeoutMilliseconds: 2_000) }
        try? FileManager.default.removeItem(atPath: directory)
    }

    @Test func anEndlessAnswerEndsInAnError() throws {
        let server = try AnsweringServer { _ in [UInt8](repeating: UInt8(ascii: "a"), count: 4 << 20) }
        let client = ReceiptClient(.server(server.endpoint), venue: keys.venue)
        #expect(throws: ClientError.badAnswer("a head without an end")) {
            try client.receipt(for: 5, timeoutMilliseconds: patience)
        }
        try? FileManager.default.removeItem(atPath: directory)
    }
}

/// Answers every connection with what a closure makes of its request, until it is gone.
private final class AnsweringServer {
    let endpoint: IPv4Endpoint
    private let stop = StopFlag()
    private var thread: PinnedThread?

    init(_ answer: @escaping (String) -> [UInt8]) throws {
        let listener = try Sockets.listen(at: IPv4Endpoint(.loopback, port: 0))
        try listener.setNonblocking()
        endpoint = try Sockets.localEndpoint(of: listener.raw)
        let raw = listener.release()
        nonisolated(unsafe) let answer = answer
        thread = try PinnedThread(name: "answers") { [stop] in
            let listener = Descriptor(owning: raw)
            while !stop.isStopped {
                guard let ready = try? pollReadable([listener.raw], timeoutMilliseconds: 10), !ready.isEmpty else {
                    continue
                }
                let connection = Sockets.acceptNonblocking(listener.raw)
                guard connection >= 0 else { continue }
                let socket = Descriptor(owning: connection)
                var request: [UInt8] = []
                var chunk = [UInt8](repeating: 0, count: 4_096)
                while !request.suffix(4).elementsEqual([13, 10, 13, 10]), !stop.isStopped {
                    _ = try? pollReadable([socket.raw], timeoutMilliseconds: 10)
                    let count = chunk.withUnsafeMutableBytes { Sockets.receive(socket.raw, into: $0, blocking: false) }
                    if count > 0 { request += chunk[..<count] }
                    if count == 0 { break }
                }
                let flags = fcntl(socket.raw, F_GETFL)
                _ = fcntl(socket.raw, F_SETFL, flags & ~O_NONBLOCK)
                let bytes = answer(String(decoding: request, as: UTF8.self))
                try? bytes.withUnsafeBytes { try Sockets.sendAll(socket.raw, $0) }
            }
        }
    }

    deinit {
        stop.stop()
        thread = nil
    }
}
