import Glibc
import Platform
import Synchronization
import Testing

/// TCP through the ring: multishot accept and receive into provided buffers, one send in flight.
@Suite struct StreamTests {
    private enum Tag {
        static let accept: UInt64 = 1
        static let receive: UInt64 = 2
        static let send: UInt64 = 3
        static let close: UInt64 = 4
    }

    @Test(arguments: IOUring.Mode.allCases)
    func `thousands of messages come back in order, byte for byte`(mode: IOUring.Mode) throws {
        let (rawListener, endpoint) = try makeListener()
        let listener = Descriptor(owning: rawListener)
        var ring = try makeRing {
            $0.bufferCount = 16
            $0.bufferSize = 512
            $0.bestMode = mode
        }
        let given = ring.mode
        #expect(given.rawValue >= mode.rawValue)
        let messageCount = 5000
        let messageSize = 128
        let client = try PinnedThread(name: "client") {
            echoClient(endpoint, messageCount, messageSize)
        }
        check(ring.acceptMultishot(listener: listener.raw, userData: Tag.accept))
        let accepted = try awaitCompletion(&ring)
        #expect(accepted.userData == Tag.accept && accepted.hasMore)
        let connection = Descriptor(owning: accepted.result)
        let received = try echoAll(&ring, connection.raw)
        #expect(received == messageCount * messageSize)
        client.join()
        check(ring.completionsLost == 0)
    }

    /// Sends back what comes, one send in flight, until the other side ends; returns the bytes.
    private func echoAll(_ ring: inout IOUring, _ connection: Int32) throws -> Int {
        check(ring.receiveMultishot(connection, userData: Tag.receive))
        let capacity = 1 << 20
        let pending = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 64)
        defer { pending.deallocate() }
        var filled = 0
        var sent = 0
        var sending = false
        var ended = false
        while true {
            let completion = try awaitCompletion(&ring)
            if completion.userData == Tag.send {
                try #require(completion.result > 0)
                sent += Int(completion.result)
                sending = false
            } else if completion.hasBuffer {
                let bytes = ring.bytes(of: completion)
                try #require(filled + bytes.count <= capacity)
                (pending + filled).copyMemory(from: bytes.baseAddress!, byteCount: bytes.count)
                filled += bytes.count
                ring.returnBuffer(completion.bufferIdentifier)
            } else {
                ended = completion.result == 0
            }
            if completion.userData == Tag.receive, !completion.hasMore, !ended {
                check(ring.receiveMultishot(connection, userData: Tag.receive))
            }
            if !sending, sent < filled {
                let bytes = UnsafeRawBufferPointer(start: pending + sent, count: filled - sent)
                check(ring.send(connection, bytes, userData: Tag.send))
                sending = true
            }
            if ended, sent == filled { return filled }
        }
    }

    @Test func `without buffers a receive ends with ENOBUFS, loses nothing, and goes on once they are back`() throws {
        let (rawListener, endpoint) = try makeListener()
        let listener = Descriptor(owning: rawListener)
        var ring = try makeRing {
            $0.bufferCount = 2
            $0.bufferSize = 64
        }
        check(ring.acceptMultishot(listener: listener.raw, userData: Tag.accept))
        let client = try Sockets.connect(to: endpoint)
        let connection = Descriptor(owning: try awaitCompletion(&ring).result)
        let sentBytes = (0..<640).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        try withBytes(sentBytes) { try Sockets.sendAll(client.raw, $0) }
        check(ring.receiveMultishot(connection.raw, userData: Tag.receive))

        var received: [UInt8] = []
        var held: [UInt16] = []
        var shortages = 0
        while received.count < sentBytes.count {
            let completion = try awaitCompletion(&ring)
            if completion.hasBuffer {
                received += Array(ring.bytes(of: completion))
                held.append(completion.bufferIdentifier)
            }
            if completion.hasMore { continue }
            if completion.isError {
                #expect(completion.errno == .noBuffers)
                #expect(held.count == 2)
                shortages += 1
            }
            for identifier in held { ring.returnBuffer(identifier) }
            held = []
            check(ring.receiveMultishot(connection.raw, userData: Tag.receive))
        }
        #expect(received == sentBytes)
        #expect(shortages >= 4)
    }

    @Test func `one accept serves many connections, and shutting one down ends its receive`() throws {
        let (rawListener, endpoint) = try makeListener()
        let listener = Descriptor(owning: rawListener)
        var ring = try makeRing { $0.bufferCount = 8 }
        check(ring.acceptMultishot(listener: listener.raw, userData: Tag.accept))
        for _ in 0..<100 {
            let client = try Sockets.connect(to: endpoint)
            let accepted = try awaitCompletion(&ring)
            try #require(accepted.userData == Tag.accept && accepted.result >= 0 && accepted.hasMore)
            check(ring.receiveMultishot(accepted.result, userData: Tag.receive))
            check(Glibc.shutdown(accepted.result, Int32(SHUT_RDWR)) == 0)
            check(try awaitCompletion(&ring) == Completion.success(Tag.receive))
            check(ring.close(accepted.result, userData: Tag.close))
            check(try awaitCompletion(&ring) == Completion.success(Tag.close))
            // The other side sees the end.
            var byte: UInt8 = 0
            check(withUnsafeMutableBytes(of: &byte) { Sockets.receive(client.raw, into: $0) } == 0)
        }
    }

    @Test func `a send to a client that never reads stays in flight until it is cancelled`() throws {
        let (rawListener, endpoint) = try makeListener()
        let listener = Descriptor(owning: rawListener)
        var ring = try makeRing()
        check(ring.acceptMultishot(listener: listener.raw, userData: Tag.accept))
        let client = try Sockets.connect(to: endpoint)
        let connection = Descriptor(owning: try awaitCompletion(&ring).result)
        var small: Int32 = 4096
        setsockopt(connection.raw, SOL_SOCKET, SO_SNDBUF, &small, socklen_t(MemoryLayout<Int32>.size))
        let bytes = [UInt8](repeating: 1, count: 64 << 20)
        try withBytes(bytes) { bytes in
            check(ring.send(connection.raw, bytes, userData: Tag.send))
            ring.submitIfNeeded()
            check(ring.cancel(Tag.send, userData: Tag.close))
            var results: [UInt64: Int32] = [:]
            while results.count < 2 {
                let completion = try awaitCompletion(&ring)
                results[completion.userData] = completion.result
            }
            #expect(results[Tag.close] == 1)
            // What was sent before the cancellation, or nothing: but not all.
            let sent = try #require(results[Tag.send])
            #expect(sent == -ECANCELED || (sent > 0 && Int(sent) < bytes.count))
        }
        #expect(client.raw >= 0)
    }
}

extension Completion {
    /// What a request with this tag and result 0 completes with.
    static func success(_ tag: UInt64) -> SuccessPattern { SuccessPattern(tag: tag) }

    struct SuccessPattern { let tag: UInt64 }

    static func == (completion: Completion, pattern: SuccessPattern) -> Bool {
        completion.userData == pattern.tag && completion.result == 0 && !completion.hasMore
    }
}

/// Sends numbered messages and expects each byte back, a few messages in flight.
private func echoClient(_ endpoint: IPv4Endpoint, _ count: Int, _ size: Int) {
    do {
        let socket = try Sockets.connect(to: endpoint)
        var answer = [UInt8](repeating: 0, count: size)
        let window = 16
        for first in stride(from: 0, to: count, by: window) {
            for number in first..<min(first + window, count) {
                try withBytes(pattern(number, size)) { try Sockets.sendAll(socket.raw, $0) }
            }
            for number in first..<min(first + window, count) {
                var filled = 0
                while filled < size {
                    let got = answer.withUnsafeMutableBytes {
                        Sockets.receive(socket.raw, into: UnsafeMutableRawBufferPointer(rebasing: $0[filled...]))
                    }
                    try #require(got > 0)
                    filled += got
                }
                #expect(answer == pattern(number, size))
            }
        }
    } catch {
        Issue.record(error)
    }
}

private func pattern(_ number: Int, _ size: Int) -> [UInt8] {
    (0..<size).map { UInt8(truncatingIfNeeded: number &* 31 &+ $0) }
}
