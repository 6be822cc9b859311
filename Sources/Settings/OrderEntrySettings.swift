/// The TCP side: who may connect, and how much of the node one connection may take.
public struct OrderEntrySettings: Equatable, Sendable {
    /// IPv4 address to listen on.
    public var address: String
    /// TCP port.
    public var port: UInt16
    /// Connections at a time; one more is closed at once.
    public var sessionsMax: Int
    /// Bytes of replies that a session may have outstanding; one more closes it, if its client does not read.
    public var sendBufferBytes: Int
    /// Messages that one session may bring into the ring in one turn of the loop.
    public var quotaPerTurn: Int
    /// Failed signature checks, and nonces refused, before a session is closed.
    public var badSignaturesMax: Int
    /// Accounts that one session may speak for.
    public var accountsPerSessionMax: Int
    /// Time from the connection to Established, in milliseconds.
    public var negotiateTimeoutMilliseconds: Int
    /// Time from the first byte of a frame to its last, in milliseconds.
    public var frameTimeoutMilliseconds: Int
    /// Time without a message after which each side sends a heartbeat; three without any close the session. In
    /// milliseconds.
    public var heartbeatMilliseconds: Int
    /// Registered receive buffers, shared by all sessions.
    public var receiveBuffers: Int
    /// Size of one receive buffer in bytes.
    public var receiveBufferBytes: Int

    static let keys = [
        "address", "port", "sessions_max", "send_buffer_bytes", "quota_per_turn", "bad_signatures_max",
        "accounts_per_session_max", "negotiate_timeout_ms", "frame_timeout_ms", "heartbeat_ms", "receive_buffers",
        "receive_buffer_bytes",
    ]

    init(_ reader: TableReader) throws(SettingsError) {
        address = try reader.string("address", "an IPv4 address to listen on", where: IPv4.isAddress)
        port = try reader.integer("port", 0...UInt16.max, "TCP port, 0 = any free one")
        sessionsMax = try reader.integer("sessions_max", 1...65_535, "connections")
        sendBufferBytes = try reader.integer("send_buffer_bytes", 4_096...16_777_216, "bytes a session")
        quotaPerTurn = try reader.integer("quota_per_turn", 1...1_024, "messages a session and turn")
        badSignaturesMax = try reader.integer("bad_signatures_max", 1...1_000_000, "refusals a session")
        accountsPerSessionMax = try reader.integer("accounts_per_session_max", 1...256, "accounts a session")
        negotiateTimeoutMilliseconds = try reader.integer("negotiate_timeout_ms", 10...600_000, "milliseconds")
        frameTimeoutMilliseconds = try reader.integer("frame_timeout_ms", 10...600_000, "milliseconds")
        heartbeatMilliseconds = try reader.integer("heartbeat_ms", 10...60_000, "milliseconds")
        receiveBuffers = try reader.integer(
            "receive_buffers", 8...32_768, "buffers", "a power of two from 8 to 32768"
        ) { $0.nonzeroBitCount == 1 }
        receiveBufferBytes = try reader.integer("receive_buffer_bytes", 512...1_048_576, "bytes a buffer")
    }
}
