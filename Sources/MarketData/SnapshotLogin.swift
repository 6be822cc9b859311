import Wire

/// The login of a snapshot session, from bytes that come as they come.
public struct SnapshotLogin {
    /// What to do with the client.
    public enum Outcome: Equatable, Sendable {
        /// The packet is not whole yet.
        case incomplete
        /// Answer login accepted, then the snapshot.
        case accepted
        /// Answer login rejected with this reason, then close.
        case rejected(UInt8)
        /// This is not SoupBinTCP, or it does not begin with a login: close.
        case malformed
    }

    /// Judges the bytes that have come so far. Debug packets before the login are ignored, as the standard says.
    public static func judge(_ bytes: UnsafeRawBufferPointer, session: FeedSession) -> Outcome {
        guard let base = bytes.baseAddress else { return .incomplete }
        var offset = 0
        while true {
            guard bytes.count - offset >= SoupBinTCP.headerBytes else { return .incomplete }
            guard let length = SoupBinTCP.packetBytes(base + offset) else { return .malformed }
            switch SoupBinTCP.type(base + offset) {
            case SoupBinTCP.debug:
                guard length <= bytes.count - offset else { return .incomplete }
                offset += length
            case SoupBinTCP.loginRequest:
                guard length == SoupBinTCP.loginRequestBytes else { return .malformed }
                guard length <= bytes.count - offset else { return .incomplete }
                return judgeLogin(base + offset, session)
            default: return .malformed
            }
        }
    }

    /// Any user and password: what is here is public. The session is blank or the active one; the sequence is 1 (or
    /// 0, or blank), because a snapshot has no middle.
    private static func judgeLogin(_ packet: UnsafeRawPointer, _ session: FeedSession) -> Outcome {
        let wanted = FeedSession(from: packet + 19)
        guard wanted.isBlank || wanted == session else { return .rejected(SoupBinTCP.sessionNotAvailable) }
        guard let sequence = FixedDecimal.decode(packet + 29, width: 20), sequence <= 1 else {
            return .rejected(SoupBinTCP.sessionNotAvailable)
        }
        return .accepted
    }
}
