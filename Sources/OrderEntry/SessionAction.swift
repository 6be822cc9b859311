import Wire

/// What becomes of a frame. All but `ignore` and `hold` travel through the ring, so that answers keep the order of what
/// they answer.
@frozen public enum SessionAction: Equatable, Sendable {
    /// Nothing: a heartbeat.
    case ignore
    /// Its turn comes when the logons before it are answered: the frame stays, and the session is not read.
    case hold
    /// Answer with a Challenge.
    case challenge
    /// Check the signature over the logon prefix; attach the account when it holds.
    case logon
    /// Answer with Established.
    case establish
    /// Check the signature, sequence, journal.
    case command
    /// Answer with CommandRejected, or LogonRejected for a logon; nothing else happens.
    case refuse(Reason, expected: UInt64)
    /// Answer what is on its way, then Terminate; take nothing more.
    case terminate(TerminationReason)
}

/// What the time demands of a session.
@frozen public enum SessionTimer: Equatable, Sendable {
    case none
    /// Send a heartbeat.
    case heartbeat
    /// End the session.
    case terminate(TerminationReason)
}

/// Where a session stands.
@frozen public enum SessionState: UInt8, Sendable {
    /// Connected; a Negotiate is due.
    case connected = 0
    /// The challenge is sent: logons, then Establish.
    case negotiated = 1
    /// Commands are accepted.
    case established = 2
    /// Nothing more is taken.
    case terminating = 3
}
