/// SoupBinTCP 3.0: packets of u16 length (type and payload), u8 type, payload. Big-endian; numbers in text are decimal.
///
/// All of the protocol's packet types have their name here, also those that the snapshot server has no use for: a
/// reader of a capture meets them.
@frozen public enum SoupBinTCP {
    /// Bytes before the payload.
    public static let headerBytes = 3
    public static let debug: UInt8 = 0x2B
    public static let loginAccepted: UInt8 = 0x41
    public static let loginRejected: UInt8 = 0x4A
    public static let sequencedData: UInt8 = 0x53
    public static let serverHeartbeat: UInt8 = 0x48
    public static let endOfSession: UInt8 = 0x5A
    public static let loginRequest: UInt8 = 0x4C
    public static let unsequencedData: UInt8 = 0x55
    public static let clientHeartbeat: UInt8 = 0x52
    public static let logoutRequest: UInt8 = 0x4F

    /// Whole login request: user 6, password 10, session 10, sequence 20.
    public static let loginRequestBytes = headerBytes + 46
    /// Whole login accepted: session 10, sequence 20.
    public static let loginAcceptedBytes = headerBytes + 30
    /// Whole login rejected: a reason.
    public static let loginRejectedBytes = headerBytes + 1
    /// `A`: not authorised. `S`: the session is not available.
    public static let notAuthorised: UInt8 = 0x41
    public static let sessionNotAvailable: UInt8 = 0x53

    /// Writes a packet's header.
    @inlinable public static func encodeHeader(at base: UnsafeMutableRawPointer, type: UInt8, payloadBytes: Int) {
        BigEndian.store(UInt16(payloadBytes + 1), at: base, 0)
        base.storeBytes(of: type, toByteOffset: 2, as: UInt8.self)
    }

    /// Length of a whole packet from its first two bytes; nil when it says that there is not even a type.
    @inlinable public static func packetBytes(_ base: UnsafeRawPointer) -> Int? {
        let length = Int(BigEndian.u16(base, 0))
        return length >= 1 ? length + 2 : nil
    }

    /// Type of a packet.
    @inlinable public static func type(_ base: UnsafeRawPointer) -> UInt8 {
        base.load(fromByteOffset: 2, as: UInt8.self)
    }

    /// Writes a login request: blank user and password.
    public static func encodeLogin(at base: UnsafeMutableRawPointer, session: FeedSession?, sequence: UInt64) {
        encodeHeader(at: base, type: loginRequest, payloadBytes: 46)
        for offset in 3..<29 { base.storeBytes(of: 0x20, toByteOffset: offset, as: UInt8.self) }
        session?.store(to: base + 19)
        FixedDecimal.encode(sequence, at: base + 29, width: 20)
    }

    /// Writes a login accepted: session, and number of the next sequenced packet.
    public static func encodeLoginAccepted(at base: UnsafeMutableRawPointer, session: FeedSession, sequence: UInt64) {
        encodeHeader(at: base, type: loginAccepted, payloadBytes: 30)
        session.store(to: base + 3)
        FixedDecimal.encode(sequence, at: base + 13, width: 20)
    }
}

/// G, End of Snapshot (GLIMPSE 5.0): 21 bytes. 1 number of the first message of the feed that the snapshot does **not**
/// contain (20, decimal text).
@frozen public enum EndOfSnapshotMessage {
    public static let type: UInt8 = 0x47
    public static let size = 21

    public static func encode(at base: UnsafeMutableRawPointer, nextSequence: UInt64) {
        base.storeBytes(of: type, as: UInt8.self)
        FixedDecimal.encode(nextSequence, at: base + 1, width: 20)
    }

    /// Nil when it is no number.
    public static func nextSequence(_ base: UnsafeRawPointer) -> UInt64? { FixedDecimal.decode(base + 1, width: 20) }
}
