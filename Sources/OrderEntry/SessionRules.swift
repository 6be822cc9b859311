/// Time-outs and limits that hold for every session: what a client may cost. Times in nanoseconds.
public struct SessionRules: Sendable, Equatable {
    /// From the connection to Established.
    public var negotiateTimeout: UInt64
    /// From the first byte of a frame to its last.
    public var frameTimeout: UInt64
    /// Silence after which a side sends a heartbeat, when Negotiate asks for no other.
    public var heartbeat: UInt64
    /// Failed signature checks and refused nonces before the session is closed.
    public var badSignaturesMax: UInt32
    /// Accounts that one session may speak for.
    public var accountsMax: Int

    /// Heartbeat intervals without anything received after which a session is closed.
    public static let heartbeatsMissedMax: UInt64 = 3
    /// Shortest and longest heartbeat interval that Negotiate may ask for, milliseconds.
    public static let heartbeatMilliseconds: ClosedRange<UInt32> = 100...60_000
    /// The one version of this protocol.
    public static let protocolVersion: UInt16 = 1

    public init(
        negotiateTimeout: UInt64, frameTimeout: UInt64, heartbeat: UInt64, badSignaturesMax: UInt32, accountsMax: Int
    ) {
        self.negotiateTimeout = negotiateTimeout
        self.frameTimeout = frameTimeout
        self.heartbeat = heartbeat
        self.badSignaturesMax = badSignaturesMax
        self.accountsMax = accountsMax
    }
}
