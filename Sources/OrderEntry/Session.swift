import Wire

/// One session as a state machine: frames and times in, actions out. No socket, no clock, no memory of its own.
///
///     connected ──Negotiate──▶ negotiated ──Logon × n, Establish──▶ established ──Terminate──▶ terminating
///
/// Times are nanoseconds of one clock that never goes back.
@frozen public struct Session: Sendable {
    public internal(set) var state = SessionState.connected
    /// What a logon has to sign.
    public let challenge: Bytes32
    /// Heartbeat interval in force, nanoseconds.
    public internal(set) var heartbeat: UInt64
    /// Logons that are on their way through the ring.
    public internal(set) var logonsPending: UInt32 = 0
    /// Failed signature checks and refused nonces.
    public internal(set) var badSignatures: UInt32 = 0
    var connectedAt: UInt64
    var receivedAt: UInt64
    var sentAt: UInt64
    /// When the unfinished frame began; nil when there is none.
    var frameSince: UInt64?

    /// - Parameter challenge: 32 fresh random bytes.
    public init(challenge: Bytes32, rules: SessionRules, now: UInt64) {
        self.challenge = challenge
        heartbeat = rules.heartbeat
        connectedAt = now
        receivedAt = now
        sentAt = now
    }

    /// Bytes have come, and all of what they end with is taken.
    ///
    /// - Parameter isInsideFrame: whether they end within a frame, which the client still owes.
    public mutating func received(now: UInt64, isInsideFrame: Bool) {
        receivedAt = now
        if !isInsideFrame {
            frameSince = nil
        } else if frameSince == nil {
            frameSince = now
        }
    }

    /// A frame is whole: the next one has its own time.
    public mutating func frameCompleted() { frameSince = nil }

    /// Bytes were given to the network.
    public mutating func sent(now: UInt64) { sentAt = now }

    /// A logon that was on its way has its answer.
    public mutating func logonAnswered() {
        assert(logonsPending > 0)
        logonsPending -= 1
    }

    /// A signature did not hold, or a nonce was refused.
    /// - Returns: whether that was one too many.
    public mutating func countBadSignature(_ rules: SessionRules) -> Bool {
        badSignatures += 1
        return badSignatures >= rules.badSignaturesMax
    }

    /// Takes nothing more.
    public mutating func terminate() { state = .terminating }

    /// What is due now.
    ///
    /// - Parameter isHeldBack: the node, not the client, is what keeps this session from being read: its silence
    ///   counts from now on.
    public mutating func timer(_ rules: SessionRules, now: UInt64, isHeldBack: Bool) -> SessionTimer {
        if state == .terminating { return .none }
        if isHeldBack {
            receivedAt = now
            if frameSince != nil { frameSince = now }
        }
        if let since = frameSince, now - since >= rules.frameTimeout { return .terminate(.protocolError) }
        if state != .established {
            return now - connectedAt >= rules.negotiateTimeout ? .terminate(.negotiationTimeout) : .none
        }
        if now - receivedAt >= SessionRules.heartbeatsMissedMax * heartbeat { return .terminate(.heartbeatTimeout) }
        return now - sentAt >= heartbeat ? .heartbeat : .none
    }
}

/// What a session is attached to, as the state machine sees it.
@frozen public enum Attached: Equatable, Sendable {
    /// Its key signed a logon of this session.
    case trading
    /// The same, read only.
    case dropCopy
    /// No.
    case not
}
