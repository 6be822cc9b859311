/// Ten ASCII characters: four of the venue and six digits of the generation.
@frozen public struct FeedSession: Equatable, Sendable {
    /// Characters 0 to 7, in memory order.
    @usableFromInline let low: UInt64
    /// Characters 8 and 9.
    @usableFromInline let high: UInt16

    @inlinable public static var size: Int { 10 }

    /// - Parameters:
    ///   - venueName: four characters in memory order.
    ///   - generation: below 1,000,000; larger ones wrap, which tells sessions apart all the same.
    public init(venueName: UInt32, generation: UInt32) {
        var digits: UInt64 = 0
        var rest = generation % 1_000_000
        for _ in 0..<6 {
            digits = digits << 8 | UInt64(0x30 + rest % 10)
            rest /= 10
        }
        low = UInt64(venueName) | digits << 32
        high = UInt16(truncatingIfNeeded: digits >> 32)
    }

    /// Copies ten bytes.
    @inlinable public init(from base: UnsafeRawPointer) {
        low = base.loadUnaligned(as: UInt64.self)
        high = base.loadUnaligned(fromByteOffset: 8, as: UInt16.self)
    }

    /// Writes ten bytes.
    @inlinable public func store(to base: UnsafeMutableRawPointer) {
        base.storeBytes(of: low, as: UInt64.self)
        base.storeBytes(of: high, toByteOffset: 8, as: UInt16.self)
    }

    /// All blank: "the session that is active", in a login.
    public var isBlank: Bool { (low == 0x2020_2020_2020_2020 || low == 0) && (high == 0x2020 || high == 0) }

    /// The ten characters.
    public var text: String { FixedText.string(low) + FixedText.string(UInt64(high), 2) }
}

/// MoldUDP64 1.0: a header, then blocks, each u16 length and a message. A request is a header alone.
///
/// | Offset | Bytes | Field |
/// |---|---|---|
/// | 0 | 10 | session |
/// | 10 | 8 | sequence of the first message; of a heartbeat or end of session the next one |
/// | 18 | 2 | messages; 0 = heartbeat, 65,535 = end of session. In a request: how many are wanted |
@frozen public struct MoldUDP64 {
    /// Bytes of the header; of a whole request.
    public static let headerBytes = 20
    /// Bytes before each message.
    public static let blockHeaderBytes = 2
    /// Largest packet that this venue sends: 1,500 minus IPv4 and UDP headers.
    public static let packetBytesMax = 1_472
    public static let heartbeat: UInt16 = 0
    public static let endOfSession: UInt16 = 65_535

    public let base: UnsafeRawPointer
    public let count: Int

    /// Nil when the bytes are no packet: too short, or blocks that do not fill it exactly.
    public init?(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, bytes.count >= Self.headerBytes else { return nil }
        self.base = base
        count = bytes.count
        guard messageCount != Self.heartbeat, messageCount != Self.endOfSession else {
            if count != Self.headerBytes { return nil }
            return
        }
        var offset = Self.headerBytes
        for _ in 0..<messageCount {
            guard offset + Self.blockHeaderBytes <= count else { return nil }
            offset += Self.blockHeaderBytes + Int(BigEndian.u16(base, offset))
        }
        if offset != count { return nil }
    }

    @inlinable public var session: FeedSession { FeedSession(from: base) }
    @inlinable public var sequence: UInt64 { BigEndian.u64(base, 10) }
    @inlinable public var messageCount: UInt16 { BigEndian.u16(base, 18) }
    /// Messages that it carries.
    @inlinable public var messages: Int { messageCount == Self.endOfSession ? 0 : Int(messageCount) }

    /// Writes a header, or a request.
    @inlinable public static func encodeHeader(
        at base: UnsafeMutableRawPointer, session: FeedSession, sequence: UInt64, messageCount: UInt16
    ) {
        session.store(to: base)
        BigEndian.store(sequence, at: base, 10)
        BigEndian.store(messageCount, at: base, 18)
    }

    /// Walks the messages of a packet that was checked.
    @inlinable public func forEachMessage(_ body: (UnsafeRawBufferPointer) -> Void) {
        var offset = Self.headerBytes
        for _ in 0..<messages {
            let length = Int(BigEndian.u16(base, offset))
            body(UnsafeRawBufferPointer(start: base + offset + Self.blockHeaderBytes, count: length))
            offset += Self.blockHeaderBytes + length
        }
    }
}
