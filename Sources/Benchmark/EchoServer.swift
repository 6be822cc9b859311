import Cryptography
import Platform
import Wire

/// The bare echo that latency is compared with: a frame in over TCP, one signature check, a packet out by multicast,
/// and nothing else. One thread, pinned, spinning on an `IOUring`.
///
/// Its packets are those of the feed: one Order Executed each, its match number counting up from 1, so that the
/// client measures both with the same code.
struct EchoServer: ~Copyable {
    /// What the server's thread found.
    private final class Outcome: @unchecked Sendable {
        // Written by the server's thread before it ends, read after it was joined.
        var failure: BenchmarkError?
    }

    let endpoint: IPv4Endpoint
    private let thread: PinnedThread
    private let stop: StopFlag
    private let outcome: Outcome

    /// Starts it.
    init(
        core: UInt32, group: IPv4Endpoint, interface: IPv4Address, key: PublicKey, prefix: Hash256
    ) throws(BenchmarkError) {
        let listener = try system { () throws(PlatformError) in
            try Sockets.listen(at: IPv4Endpoint(.loopback, port: 0))
        }
        let bound = try system { () throws(PlatformError) in try Sockets.localEndpoint(of: listener.raw) }
        let sender = try system { () throws(PlatformError) in
            try Sockets.multicastSender(interface: interface, timeToLive: 0)
        }
        let (stop, outcome) = (StopFlag(), Outcome())
        let (listening, sending) = (listener.release(), sender.release())
        let thread = try system { () throws(PlatformError) in
            try PinnedThread(name: "echo", core: core) {
                let (listener, sender) = (listening, sending)
                defer {
                    _ = Descriptor(owning: listener)
                    _ = Descriptor(owning: sender)
                }
                do throws(PlatformError) {
                    var loop = try EchoLoop(
                        listener: listener, sender: sender, group: group, key: key, prefix: prefix)
                    loop.run(until: stop)
                } catch { outcome.failure = .platform(error) }
            }
        }
        self.thread = thread
        self.endpoint = bound
        self.stop = stop
        self.outcome = outcome
    }

    deinit { stop.stop() }

    /// The thread is joined when the value goes.
    private consuming func discardAfterJoin() {}

    /// Ends it; throws what went wrong.
    consuming func end() throws(BenchmarkError) {
        let outcome = outcome
        discardAfterJoin()
        if let failure = outcome.failure { throw failure }
    }
}

/// The echo's thread.
private struct EchoLoop: ~Copyable {
    private static let datagrams = 512
    private static let acceptTag: UInt64 = 1 << 32
    private static let receiveTag: UInt64 = 2 << 32
    private static let sendTag: UInt64 = 3 << 32

    private var io: IOUring
    private let table: DatagramTable
    private let listener: Int32
    private let sender: Int32
    private let key: PublicKey
    private let prefix: Hash256
    /// Bytes of a frame that is not whole yet, and room for the prefix before its message.
    private let memory: UnsafeMutableRawPointer
    private var filled = 0
    private var count: UInt64 = 0
    private var client: Int32 = -1

    init(
        listener: Int32, sender: Int32, group: IPv4Endpoint, key: PublicKey, prefix: Hash256
    ) throws(PlatformError) {
        var configuration = IOUring.Configuration()
        configuration.bufferCount = 64
        io = try IOUring(configuration)
        table = DatagramTable(count: Self.datagrams, capacity: 64, destination: group)
        memory = .allocate(byteCount: 32 + Limits.frameBytesMax, alignment: 64)
        (self.listener, self.sender, self.key, self.prefix) = (listener, sender, key, prefix)
    }

    deinit {
        if client >= 0 { _ = Descriptor(owning: client) }
        memory.deallocate()
    }

    mutating func run(until stop: StopFlag) {
        do throws(PlatformError) { try io.start() } catch { return }
        _ = io.acceptMultishot(listener: listener, userData: Self.acceptTag)
        while !stop.isStopped {
            io.submitIfNeeded()
            while let completion = io.nextCompletion() { handle(completion) }
        }
    }

    private mutating func handle(_ completion: Completion) {
        switch completion.userData {
        case Self.acceptTag:
            guard completion.result >= 0 else { return }
            client = completion.result
            _ = io.receiveMultishot(client, userData: Self.receiveTag)
        case Self.receiveTag:
            if completion.hasBuffer {
                if completion.result > 0 { take(io.bytes(of: completion)) }
                io.returnBuffer(completion.bufferIdentifier)
            }
            if !completion.hasMore && completion.result > 0 {
                _ = io.receiveMultishot(client, userData: Self.receiveTag)
            }
        default: break
        }
    }

    private mutating func take(_ bytes: UnsafeRawBufferPointer) {
        // The framing header overlaps the prefix: it is read first, then the prefix takes its place.
        let frame = memory + Limits.prefixBytes - FrameHeader.size
        var offset = 0
        while offset < bytes.count {
            let known = filled >= FrameHeader.size ? Int(FrameHeader.length(frame)) : FrameHeader.size
            let part = min(known - filled, bytes.count - offset)
            (frame + filled).copyMemory(from: bytes.baseAddress! + offset, byteCount: part)
            filled += part
            offset += part
            if filled >= FrameHeader.size && filled == Int(FrameHeader.length(frame)) {
                answer(contentBytes: filled - FrameHeader.size)
                filled = 0
            }
        }
    }

    private mutating func answer(contentBytes: Int) {
        prefix.store(to: memory)
        let messageBytes = contentBytes - Limits.signatureBytes
        let signature = memory + Limits.prefixBytes + messageBytes
        let holds = withUnsafeBytes(of: key) {
            Ed25519.verify(
                signature: signature, message: memory, count: Limits.prefixBytes + messageBytes,
                publicKey: $0.baseAddress!)
        }
        guard holds else { return }
        count += 1
        // A datagram's place is used again only after it was handed to the kernel, which copies it at once.
        if Int(count) % (Self.datagrams / 2) == 0 { io.submitIfNeeded() }
        let index = Int(count) % Self.datagrams
        let packet = table.buffer(index)
        let block = packet + MoldUDP64.headerBytes
        MoldUDP64.encodeHeader(
            at: packet, session: FeedSession(venueName: 0x4F48_4345, generation: 1), sequence: count, messageCount: 1)
        BigEndian.store(UInt16(OrderExecutedITCH.size), at: block, 0)
        OrderExecutedITCH.encode(at: block + 2, locate: 1, time: 0, reference: 1, shares: 1, matchNumber: count)
        let bytes = MoldUDP64.headerBytes + MoldUDP64.blockHeaderBytes + OrderExecutedITCH.size
        _ = io.sendMessage(sender, table.forSending(index, length: bytes), userData: Self.sendTag)
    }
}

/// How long one signature check takes, nothing else running on the core.
enum VerifyCost {
    /// The median of `rounds` checks of a signed message of that many bytes, ns. Runs on the given core.
    static func median(messageBytes: Int, core: UInt32, rounds: Int = 2_000) throws(BenchmarkError) -> UInt64 {
        final class Result: @unchecked Sendable { var value: UInt64 = 0 }
        let result = Result()
        let thread = try system { () throws(PlatformError) in
            try PinnedThread(name: "verify", core: core) {
                result.value = measure(messageBytes, rounds)
            }
        }
        thread.join()
        return result.value
    }

    private static func measure(_ messageBytes: Int, _ rounds: Int) -> UInt64 {
        let scale = TimestampCounter.calibrate()
        let key = SigningKey()
        let message = [UInt8](repeating: 7, count: Limits.prefixBytes + messageBytes)
        let signature = message.withUnsafeBytes { key.sign($0) }
        var ticks: [UInt64] = []
        var holds = true
        message.withUnsafeBytes { bytes in
            for _ in 0..<rounds {
                let start = TimestampCounter.now()
                holds = Ed25519.verify(signature, of: bytes, by: key.publicKey) && holds
                ticks.append(TimestampCounter.now() - start)
            }
        }
        precondition(holds, "a signature that holds")
        ticks.sort()
        return scale.nanoseconds(ticks: ticks[rounds / 2])
    }
}
