import Wire

/// The last messages of the feed, as they stand in packets: what the request server answers from, without the journal.
///
/// Two rings of fixed size: blocks (length and message), and for each message where its block begins.
public struct FeedHistory: ~Copyable, @unchecked Sendable {
    private let blocks: UnsafeMutableRawPointer
    private let blockBytes: Int
    private let starts: UnsafeMutablePointer<UInt64>
    private let startCount: Int
    /// Bytes written since the session began.
    private var end: UInt64 = 0
    private var firstSequence: UInt64 = 1
    /// Number of the next message.
    public private(set) var nextSequence: UInt64 = 1

    /// Both a power of two.
    public init(blockBytes: Int = 32 << 20, messages: Int = 1 << 20) {
        precondition(blockBytes.nonzeroBitCount == 1 && messages.nonzeroBitCount == 1, "rings are powers of two")
        self.blockBytes = blockBytes
        startCount = messages
        blocks = .allocate(byteCount: blockBytes, alignment: 64)
        blocks.initializeMemory(as: UInt8.self, repeating: 0, count: blockBytes)
        starts = .allocate(capacity: messages)
        starts.initialize(repeating: 0, count: messages)
    }

    deinit {
        blocks.deallocate()
        starts.deallocate()
    }

    /// Bytes of memory.
    public var byteCount: Int { blockBytes + startCount * 8 }

    /// Forgets everything: another session, or a start in the middle of one.
    public mutating func clear(nextSequence: UInt64 = 1) {
        end = 0
        firstSequence = nextSequence
        self.nextSequence = nextSequence
    }

    /// Appends the next message.
    public mutating func append(_ message: UnsafeRawPointer, _ bytes: Int) {
        starts[slot(nextSequence)] = end
        withUnsafeTemporaryAllocation(byteCount: MoldUDP64.blockHeaderBytes, alignment: 2) { header in
            BigEndian.store(UInt16(bytes), at: header.baseAddress!, 0)
            write(UnsafeRawPointer(header.baseAddress!), MoldUDP64.blockHeaderBytes)
        }
        write(message, bytes)
        nextSequence += 1
    }

    /// Whether the message is still here.
    public func has(_ sequence: UInt64) -> Bool {
        guard sequence >= firstSequence, sequence < nextSequence else { return false }
        return nextSequence - sequence <= UInt64(startCount) && end - starts[slot(sequence)] <= UInt64(blockBytes)
    }

    /// Writes a packet with as many of the wanted messages as fit. The first one is here. Returns its bytes.
    public func packet(
        _ session: FeedSession, from sequence: UInt64, count wanted: UInt16, at packet: UnsafeMutableRawPointer
    ) -> Int {
        precondition(has(sequence), "a message that is here")
        var length = MoldUDP64.headerBytes
        var count: UInt16 = 0
        while count < wanted, sequence + UInt64(count) < nextSequence {
            let next = sequence + UInt64(count)
            let start = starts[slot(next)]
            let stop = next + 1 == nextSequence ? end : starts[slot(next + 1)]
            let bytes = Int(stop - start)
            guard length + bytes <= MoldUDP64.packetBytesMax else { break }
            read(start, bytes, to: packet + length)
            length += bytes
            count += 1
        }
        MoldUDP64.encodeHeader(at: packet, session: session, sequence: sequence, messageCount: count)
        return length
    }

    private func slot(_ sequence: UInt64) -> Int { Int(truncatingIfNeeded: sequence) & (startCount - 1) }

    private mutating func write(_ bytes: UnsafeRawPointer, _ count: Int) {
        let at = Int(truncatingIfNeeded: end) & (blockBytes - 1)
        let first = min(count, blockBytes - at)
        (blocks + at).copyMemory(from: bytes, byteCount: first)
        blocks.copyMemory(from: bytes + first, byteCount: count - first)
        end += UInt64(count)
    }

    private func read(_ start: UInt64, _ count: Int, to bytes: UnsafeMutableRawPointer) {
        let at = Int(truncatingIfNeeded: start) & (blockBytes - 1)
        let first = min(count, blockBytes - at)
        bytes.copyMemory(from: blocks + at, byteCount: first)
        (bytes + first).copyMemory(from: blocks, byteCount: count - first)
    }
}
