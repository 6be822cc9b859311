import Platform
import Wire

/// Bytes in and out, heartbeats, and what each message means for the session.
extension Session {
    /// The next message that is not kept yet; nil when it is `deadline` (monotonic ns; 0 = do not wait), or when the
    /// challenge was taken.
    func receiveNew(until deadline: UInt64) throws(ClientError) -> Message? {
        try check()
        do throws(ClientError) {
            while true {
                let wasNegotiating = state == .negotiating
                if let message = try decode() { return message }
                if wasNegotiating && state == .negotiated { return nil }
                if try stream.fill() { continue }
                let wakeUp = try attendHeartbeats()
                if deadline == 0 || SystemClock.monotonicNanoseconds() >= deadline { return nil }
                _ = try stream.wait(for: .readable, until: min(deadline, wakeUp))
            }
        } catch {
            throw end(error)
        }
    }

    /// Sends all, reading meanwhile: a server whose answers are not read reads nothing either.
    func transmit(_ bytes: UnsafeRawBufferPointer) throws(ClientError) {
        do throws(ClientError) {
            var sent = try stream.send(bytes)
            if sent == bytes.count { return }
            var deadline = Self.deadline(Int(options.timeoutMilliseconds))
            while sent < bytes.count {
                let events = try stream.wait(for: [.readable, .writable], until: deadline)
                if events.isEmpty { throw ClientError.timedOut }
                if events != .writable, try stream.fill() {
                    while let message = try decode() { try keep(message) }
                }
                let count = try stream.send(UnsafeRawBufferPointer(rebasing: bytes[sent...]))
                if count > 0 { deadline = Self.deadline(Int(options.timeoutMilliseconds)) }
                sent += count
            }
        } catch {
            throw end(error)
        }
    }

    /// Sends a session message.
    func transmitMessage(
        _ size: Int, _ encode: (UnsafeMutableRawPointer) -> Void
    ) throws(ClientError) {
        let frame = [UInt8](unsafeUninitializedCapacity: FrameHeader.size + size) { buffer, count in
            let base = UnsafeMutableRawPointer(buffer.baseAddress!)
            FrameHeader.encode(at: base, contentBytes: size)
            encode(base + FrameHeader.size)
            count = FrameHeader.size + size
        }
        try frame.withUnsafeBufferPointer { bytes throws(ClientError) in
            try transmit(UnsafeRawBufferPointer(bytes))
        }
    }

    func sendHeartbeat() throws(ClientError) {
        try transmitMessage(HeartbeatMessage.size) {
            HeartbeatMessage.encode(at: $0, time: SystemClock.realtimeNanoseconds())
        }
    }

    /// Sends a heartbeat when one is due, and gives up a silent server. Returns when to look again, monotonic ns.
    private func attendHeartbeats() throws(ClientError) -> UInt64 {
        let interval = UInt64(heartbeatMilliseconds) * 1_000_000
        let now = SystemClock.monotonicNanoseconds()
        if now >= stream.lastReceived + 3 * interval { throw .serverSilent }
        // Before the challenge nobody knows of this client, and a heartbeat would be out of place.
        guard state != .negotiating else { return stream.lastReceived + 3 * interval }
        if now >= stream.lastSent + interval { try sendHeartbeat() }
        return min(stream.lastSent + interval, stream.lastReceived + 3 * interval)
    }

    /// The next whole message that came, judged.
    private func decode() throws(ClientError) -> Message? {
        while true {
            let message: ServerMessage
            do {
                guard let bytes = try stream.next(), let base = bytes.baseAddress else { return nil }
                message = try ServerMessage(base, count: bytes.count)
            } catch {
                throw .protocolViolation(error)
            }
            switch message {
            case .heartbeat:
                if state == .negotiating { throw .protocolViolation(.outOfPlace(template: Template.heartbeat)) }
            case .challenge(let fields):
                try accept(fields)
                return nil
            case .terminate(let reason): throw .terminated(reason)
            case .message(let message):
                try judge(message)
                return message
            }
        }
    }

    /// Whether a message fits the state of the session, and what it changes.
    private func judge(_ message: Message) throws(ClientError) {
        switch message {
        case .logonAccepted(let account, _, _, let sequence):
            guard state == .negotiated, let attachment = attachments[account], !attachment.isAttached else {
                throw .protocolViolation(.outOfPlace(template: Template.logonAccepted))
            }
            attachments[account]?.isAttached = true
            // Nothing is asked for again: replies after this moment come.
            if !attachment.isResuming {
                attachments[account]?.nextReply = ReplyNumber(sequence: sequence &+ 1, index: 0)
            }
        case .logonRejected(let account, _):
            guard state == .negotiated, attachments[account]?.isAttached == false else {
                throw .protocolViolation(.outOfPlace(template: Template.logonRejected))
            }
        case .established:
            guard state == .establishing else {
                throw .protocolViolation(.outOfPlace(template: Template.established))
            }
            state = .established
        case .resumeComplete(let account, let through):
            guard let attachment = attachments[account], attachment.isResuming else {
                throw .protocolViolation(.outOfPlace(template: Template.resumeComplete))
            }
            attachments[account]?.isResuming = false
            attachments[account]?.nextReply = max(
                attachment.nextReply, ReplyNumber(sequence: through &+ 1, index: 0))
        case .reply(let reply): try judge(reply)
        }
    }

    /// A reply belongs to an account of the session, and live ones have growing numbers.
    private func judge(_ reply: Reply) throws(ClientError) {
        // What was not journaled answers what this session sent, whatever account that named.
        if reply.number.sequence == 0 {
            if state == .negotiating { throw .protocolViolation(.foreignAccount(reply.account)) }
            return
        }
        guard var attachment = attachments[reply.account], attachment.isAttached else {
            throw .protocolViolation(.foreignAccount(reply.account))
        }
        if reply.isResent {
            // A resume, in order; but the answer to a resend has any number, and comes only to who sent something.
            guard attachment.isResuming, !hasSentCommands else { return }
            guard reply.number >= attachment.nextReply else {
                throw .protocolViolation(.outOfOrder(reply.number))
            }
        } else {
            guard reply.number > attachment.last else { throw .protocolViolation(.outOfOrder(reply.number)) }
            attachment.last = reply.number
            // While a resume goes on, what lies between it and this reply has not come yet.
            if attachment.isResuming {
                attachments[reply.account] = attachment
                return
            }
        }
        attachment.nextReply = max(attachment.nextReply, reply.number.next)
        attachments[reply.account] = attachment
    }
}
