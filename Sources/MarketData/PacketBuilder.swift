import Wire

/// Packs messages into one MoldUDP64 packet after the other, in memory that its owner gives.
///
/// The owner asks `fits` before it appends; when a message does not fit, it sends what there is (`finish`), and goes
/// on in the next packet.
public struct PacketBuilder {
    /// Session of the packets.
    public private(set) var session: FeedSession
    /// Number of the next message.
    public private(set) var nextSequence: UInt64
    private var firstSequence: UInt64
    private var length = MoldUDP64.headerBytes
    private var count: UInt16 = 0

    public init(session: FeedSession, nextSequence: UInt64) {
        self.session = session
        self.nextSequence = nextSequence
        firstSequence = nextSequence
    }

    /// Whether the packet has messages.
    public var isEmpty: Bool { count == 0 }

    /// Whether a message still fits.
    public func fits(_ bytes: Int) -> Bool { length + MoldUDP64.blockHeaderBytes + bytes <= MoldUDP64.packetBytesMax }

    /// Appends a message, which fits.
    public mutating func append(_ message: UnsafeRawPointer, _ bytes: Int, to packet: UnsafeMutableRawPointer) {
        precondition(fits(bytes), "a packet holds what it can")
        BigEndian.store(UInt16(bytes), at: packet, length)
        (packet + length + MoldUDP64.blockHeaderBytes).copyMemory(from: message, byteCount: bytes)
        length += MoldUDP64.blockHeaderBytes + bytes
        count += 1
        nextSequence += 1
    }

    /// Writes the header of the packet and begins the next one. Returns the bytes of the packet.
    public mutating func finish(_ packet: UnsafeMutableRawPointer) -> Int {
        MoldUDP64.encodeHeader(at: packet, session: session, sequence: firstSequence, messageCount: count)
        let bytes = length
        firstSequence = nextSequence
        length = MoldUDP64.headerBytes
        count = 0
        return bytes
    }

    /// Writes a heartbeat, or an end of session. The packet is empty.
    public func control(_ count: UInt16, _ packet: UnsafeMutableRawPointer) -> Int {
        precondition(isEmpty, "what was begun is sent first")
        MoldUDP64.encodeHeader(at: packet, session: session, sequence: nextSequence, messageCount: count)
        return MoldUDP64.headerBytes
    }

    /// Goes on in another session, from its first message. The packet is empty.
    public mutating func begin(_ session: FeedSession) {
        precondition(isEmpty, "what was begun is sent first")
        self.session = session
        nextSequence = 1
        firstSequence = 1
    }
}
