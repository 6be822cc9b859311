import Cryptography
import Wire

/// From the connection to trading.
extension Session {
    /// Attaches an account: its key signs the server's challenge. The signer goes on above the venue's nonce mark.
    ///
    /// - Parameters:
    ///   - resumeFrom: first reply that is wanted again: `resumePoint` of the session before; nil = live ones only.
    ///   - isDropCopy: read only: the account's replies come, commands of it are refused.
    /// - Throws: `logonRejected`: the session goes on without the account.
    public func logOn(
        _ signer: Signer, resumeFrom: ReplyNumber? = nil, isDropCopy: Bool = false
    ) throws(ClientError) {
        try check()
        guard state == .negotiated else { throw .invalidState("a logon before establish") }
        guard attachments[signer.account] == nil else { throw .invalidState("one logon for each account") }
        guard signer.venue == venue else { throw .invalidState("a signer of this session's venue") }
        attachments[signer.account] = Attachment(
            isResuming: resumeFrom != nil, nextReply: resumeFrom ?? ReplyNumber(sequence: 0, index: 0))
        try transmit(
            signer.signLogon(challenge: challenge, flags: isDropCopy ? .dropCopy : [], resume: resumeFrom))
        let deadline = Self.deadline(Int(options.timeoutMilliseconds))
        while true {
            guard let message = try receiveNew(until: deadline) else { throw end(.timedOut) }
            switch message {
            case .logonAccepted(signer.account, _, let nonceMark, _):
                signer.skipNonces(through: nonceMark)
                return
            case .logonRejected(signer.account, let reason):
                attachments[signer.account] = nil
                throw .logonRejected(account: signer.account, reason: reason)
            default: try keep(message)
            }
        }
    }

    /// Ends the logons: commands may be sent. Waits for the server's word, unless an account resumes: then that word
    /// comes among the replies.
    public func establish() throws(ClientError) {
        try check()
        guard state == .negotiated, attachments.values.contains(where: \.isAttached) else {
            throw .invalidState("establish after a logon, once")
        }
        state = .establishing
        try transmitMessage(EstablishMessage.size) { EstablishMessage.encode(at: $0) }
        if attachments.values.contains(where: \.isResuming) { return }
        let deadline = Self.deadline(Int(options.timeoutMilliseconds))
        while state == .establishing {
            guard let message = try receiveNew(until: deadline) else { throw end(.timedOut) }
            if case .established = message { return }
            try keep(message)
        }
    }

    /// Asks for the challenge and judges it.
    func negotiate() throws(ClientError) {
        let heartbeat = options.heartbeatMilliseconds
        try transmitMessage(NegotiateMessage.size) {
            NegotiateMessage.encode(at: $0, protocolVersion: 1, heartbeatMilliseconds: heartbeat)
        }
        let deadline = Self.deadline(Int(options.timeoutMilliseconds))
        while state == .negotiating {
            if let message = try receiveNew(until: deadline) {
                try keep(message)
            } else if state == .negotiating {
                throw end(.timedOut)
            }
        }
    }

    /// Takes the challenge.
    func accept(_ fields: ChallengeFields) throws(ClientError) {
        guard state == .negotiating else { throw .protocolViolation(.outOfPlace(template: Template.challenge)) }
        guard fields.venue == Bytes32(venue) else {
            throw .wrongVenue(found: withUnsafeBytes(of: fields.venue) { Hash256(loading: $0.baseAddress!) })
        }
        challenge = fields.challenge
        sessionId = fields.sessionId
        durability = fields.durability
        heartbeatMilliseconds = fields.heartbeatMilliseconds
        state = .negotiated
    }
}
