import Platform
import Wire

/// A connection's bytes: whole frames out of what comes, in memory that never grows; sending that goes on reading.
struct Stream: ~Copyable {
    private let socket: Descriptor
    private let memory: UnsafeMutableRawBufferPointer
    private var start = 0
    private var end = 0
    /// When something came last, monotonic ns.
    private(set) var lastReceived: UInt64
    /// When something was sent last, monotonic ns.
    private(set) var lastSent: UInt64

    /// - Parameter receiveBytes: room for what has come and was not taken; at least a frame.
    init(to endpoint: IPv4Endpoint, timeoutMilliseconds: Int32, receiveBytes: Int) throws(ClientError) {
        socket = try Self.connect(to: endpoint, timeoutMilliseconds)
        memory = .allocate(byteCount: max(receiveBytes, Limits.frameBytesMax), alignment: 64)
        lastReceived = SystemClock.monotonicNanoseconds()
        lastSent = lastReceived
    }

    private static func connect(
        to endpoint: IPv4Endpoint, _ timeoutMilliseconds: Int32
    ) throws(ClientError) -> Descriptor {
        do {
            let socket = try Sockets.connect(to: endpoint, timeoutMilliseconds: timeoutMilliseconds)
            try socket.setNonblocking()
            return socket
        } catch {
            throw .system(error)
        }
    }

    deinit { memory.deallocate() }

    var descriptor: Int32 { socket.raw }

    /// The next whole message, without its framing header; it stays where it is until the next call. Nil when none is
    /// whole.
    mutating func next() throws(ProtocolViolation) -> UnsafeRawBufferPointer? {
        let count = end - start
        guard count >= FrameHeader.size, let base = memory.baseAddress else { return nil }
        let frame = UnsafeRawPointer(base + start)
        let length = FrameHeader.length(frame)
        guard FrameHeader.encoding(frame) == FrameHeader.sbeLittleEndian else {
            throw .encoding(FrameHeader.encoding(frame))
        }
        guard length >= FrameHeader.size + MessageHeader.size, length <= Limits.frameBytesMax else {
            throw .frameLength(length)
        }
        guard count >= Int(length) else { return nil }
        start += Int(length)
        return UnsafeRawBufferPointer(start: frame + FrameHeader.size, count: Int(length) - FrameHeader.size)
    }

    /// Reads what is there. Returns whether anything came.
    mutating func fill() throws(ClientError) -> Bool {
        if start == end {
            (start, end) = (0, 0)
        } else if end == memory.count {
            let rest = UnsafeRawBufferPointer(rebasing: memory[start..<end])
            memory.copyMemory(from: rest)
            (start, end) = (0, rest.count)
        }
        guard end < memory.count else { return false }
        while true {
            let room = UnsafeMutableRawBufferPointer(rebasing: memory[end...])
            let count = Sockets.receive(socket.raw, into: room, blocking: false)
            if count > 0 {
                end += count
                lastReceived = SystemClock.monotonicNanoseconds()
                return true
            }
            guard count < 0 else { throw .connectionLost }
            let error = Errno(rawValue: Int32(-count))
            if error == .interrupted { continue }
            if error == .wouldBlock { return false }
            throw error == .connectionReset ? .connectionLost : .system(.systemCall("recv", subject: "", error))
        }
    }

    /// Waits until something is there, or `deadline` (monotonic ns).
    func wait(for events: PollEvents, until deadline: UInt64) throws(ClientError) -> PollEvents {
        let now = SystemClock.monotonicNanoseconds()
        // Rounded up, so that the wait is not over before the deadline.
        let milliseconds = deadline > now ? min((deadline - now + 999_999) / 1_000_000, 1_000_000) : 0
        do {
            return try poll(socket.raw, for: events, timeoutMilliseconds: Int32(milliseconds))
        } catch {
            throw .system(error)
        }
    }

    /// Sends what the network takes at once. Returns how many bytes.
    mutating func send(_ bytes: UnsafeRawBufferPointer) throws(ClientError) -> Int {
        while true {
            let count = Sockets.send(socket.raw, bytes, blocking: false)
            if count >= 0 {
                lastSent = SystemClock.monotonicNanoseconds()
                return count
            }
            let error = Errno(rawValue: Int32(-count))
            if error == .interrupted { continue }
            if error == .wouldBlock { return 0 }
            throw error == .connectionReset || error == .brokenPipe
                ? .connectionLost : .system(.systemCall("send", subject: "", error))
        }
    }
}
