import Wire

/// The frames that are no function of a record: session messages, and answers to what was never journaled. Each writes
/// one frame, framing included, at any alignment, and returns its bytes; none is longer than `frameBytesMax`.
public enum SessionReplies {
    /// Largest of these frames.
    public static let frameBytesMax = FrameHeader.size + ChallengeMessage.size

    public static func challenge(
        at pointer: UnsafeMutableRawPointer, _ session: Session, venueId: Bytes32, sessionId: UInt64, time: UInt64,
        durability: Durability
    ) -> Int {
        ChallengeMessage.encode(
            at: pointer + FrameHeader.size, challenge: session.challenge, venueId: venueId, sessionId: sessionId,
            time: time, heartbeatMilliseconds: UInt32(session.heartbeat / 1_000_000), durability: durability)
        return frame(pointer, ChallengeMessage.size)
    }

    public static func logonAccepted(
        at pointer: UnsafeMutableRawPointer, account: UInt32, keySlot: UInt16, nonceMark: UInt64, sequence: UInt64
    ) -> Int {
        LogonAcceptedMessage.encode(
            at: pointer + FrameHeader.size, account: account, keySlot: keySlot, nonceMark: nonceMark,
            sequence: sequence)
        return frame(pointer, LogonAcceptedMessage.size)
    }

    public static func logonRejected(at pointer: UnsafeMutableRawPointer, account: UInt32, reason: Reason) -> Int {
        LogonRejectedMessage.encode(at: pointer + FrameHeader.size, account: account, reason: reason)
        return frame(pointer, LogonRejectedMessage.size)
    }

    public static func established(at pointer: UnsafeMutableRawPointer, sessionId: UInt64, accounts: Int) -> Int {
        EstablishedMessage.encode(
            at: pointer + FrameHeader.size, sessionId: sessionId, accounts: UInt32(accounts))
        return frame(pointer, EstablishedMessage.size)
    }

    public static func heartbeat(at pointer: UnsafeMutableRawPointer, time: UInt64) -> Int {
        HeartbeatMessage.encode(at: pointer + FrameHeader.size, time: time)
        return frame(pointer, HeartbeatMessage.size)
    }

    public static func terminate(
        at pointer: UnsafeMutableRawPointer, reason: TerminationReason, detail: UInt32 = 0
    ) -> Int {
        TerminateMessage.encode(at: pointer + FrameHeader.size, reason: reason, detail: detail)
        return frame(pointer, TerminateMessage.size)
    }

    public static func resumeComplete(
        at pointer: UnsafeMutableRawPointer, account: UInt32, throughSequence: UInt64
    ) -> Int {
        ResumeCompleteMessage.encode(
            at: pointer + FrameHeader.size, account: account, throughSequence: throughSequence)
        return frame(pointer, ResumeCompleteMessage.size)
    }

    /// Answer to a message that was refused before it was sequenced: LogonRejected for a whole logon, CommandRejected
    /// for everything else.
    ///
    /// - Parameter message: the SBE message as it came, `count` bytes without signature. One whose structure was
    ///   refused may be shorter than it says; the answer holds then what can be known.
    public static func refusal(
        at pointer: UnsafeMutableRawPointer, _ message: UnsafeRawPointer, count: Int, reason: Reason, expected: UInt64
    ) -> Int {
        let template = count >= MessageHeader.size ? MessageHeader(message).templateId : 0
        let isWhole = MessageStructure.refusal(message, count: count) == nil
        if isWhole, template == Template.logon {
            return logonRejected(at: pointer, account: LogonMessage(message).account, reason: reason)
        }
        let isCommand = isWhole && CommandHeader.isCommand(template)
        let names = isCommand ? orderNames(message, template) : (Null.u64, Null.u64)
        CommandRejectedMessage.encode(
            at: pointer + FrameHeader.size, account: isCommand ? CommandHeader(message).account : 0, index: 0,
            sequence: 0, time: 0, entry: Null.u16, durability: .notJournaled, resent: 0, clientOrderId: names.0,
            orderId: names.1, nonce: isCommand ? CommandHeader(message).nonce : 0, expected: expected, reason: reason,
            templateId: template)
        return frame(pointer, CommandRejectedMessage.size)
    }

    /// Client order id and order id that a command names; null where it names none.
    private static func orderNames(_ message: UnsafeRawPointer, _ template: UInt16) -> (UInt64, UInt64) {
        switch template {
        case Template.newOrder: (NewOrderMessage(message).clientOrderId, Null.u64)
        case Template.cancelOrder: (CancelOrderMessage(message).clientOrderId, CancelOrderMessage(message).orderId)
        case Template.replaceOrder:
            (ReplaceOrderMessage(message).clientOrderId, ReplaceOrderMessage(message).orderId)
        default: (Null.u64, Null.u64)
        }
    }

    private static func frame(_ pointer: UnsafeMutableRawPointer, _ messageBytes: Int) -> Int {
        FrameHeader.encode(at: pointer, contentBytes: messageBytes)
        return FrameHeader.size + messageBytes
    }
}
