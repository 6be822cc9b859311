import Platform
import Wire

/// A TCP connection to order entry that never blocks and allocates nothing after `init`: what a measuring loop needs.
struct OrderLink: ~Copyable {
    private static let capacity = 4 << 20
    let socket: Descriptor
    private let memory: UnsafeMutableRawPointer
    private var start = 0
    private var end = 0
    /// Set when the node has said that it ends the session.
    private(set) var termination: TerminationReason?
    private var hasEnded = false
    /// Messages that came while something else was waited for.
    var waiting: [[UInt8]] = []

    init(to endpoint: IPv4Endpoint) throws(BenchmarkError) {
        socket = try system { () throws(PlatformError) in
            let socket = try Sockets.connect(to: endpoint)
            try socket.setNonblocking()
            try Sockets.setReceiveBuffer(socket.raw, bytes: 4 << 20)
            return socket
        }
        memory = .allocate(byteCount: Self.capacity, alignment: 64)
        memory.initializeMemory(as: UInt8.self, repeating: 0, count: Self.capacity)
    }

    deinit { memory.deallocate() }

    /// Takes what has come, without waiting, and hands over every whole message: where its SBE header stands.
    @inline(__always)
    mutating func poll(_ deliver: (UnsafeRawPointer) -> Void) throws(BenchmarkError) {
        if Self.capacity - end < 64 << 10 {
            memory.copyMemory(from: memory + start, byteCount: end - start)
            end -= start
            start = 0
        }
        let room = UnsafeMutableRawBufferPointer(start: memory + end, count: Self.capacity - end)
        let count = Sockets.receive(socket.raw, into: room, blocking: false)
        if count <= 0 {
            if count == -Int(Errno.wouldBlock.rawValue) || count == -Int(Errno.interrupted.rawValue) { return }
            throw .sessionEnded(termination)
        }
        end += count
        while end - start >= FrameHeader.size {
            let length = Int(FrameHeader.length(memory + start))
            guard length >= FrameHeader.size + MessageHeader.size, length <= Limits.frameBytesMax else {
                throw .unexpected("a frame of \(length) bytes")
            }
            if end - start < length { break }
            let message = UnsafeRawPointer(memory + start + FrameHeader.size)
            if MessageHeader(message).templateId == Template.terminate {
                termination = TerminateMessage(message).reason
            }
            deliver(message)
            start += length
        }
        if start == end { (start, end) = (0, 0) }
    }

    /// Sends what the socket takes now. Returns how many bytes.
    @inline(__always)
    func send(_ bytes: UnsafeRawBufferPointer) throws(BenchmarkError) -> Int {
        let count = Sockets.send(socket.raw, bytes, blocking: false)
        if count >= 0 { return count }
        if count == -Int(Errno.wouldBlock.rawValue) || count == -Int(Errno.interrupted.rawValue) { return 0 }
        throw .sessionEnded(termination)
    }

    /// Sends all of it; takes replies meanwhile, so that neither side waits for the other for ever.
    mutating func sendAll(
        _ bytes: UnsafeRawBufferPointer, _ deliver: (UnsafeRawPointer) -> Void
    ) throws(BenchmarkError) {
        var sent = 0
        while sent < bytes.count {
            let count = try send(UnsafeRawBufferPointer(rebasing: bytes[sent...]))
            if count == 0 { try poll(deliver) }
            sent += count
        }
    }
}
