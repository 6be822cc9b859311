import OrderEntry
import Platform
import Ring
import Wire

/// Answers out: from slots and records into send buffers, in the order in which the messages came.
extension OrderEntryAgent {
    /// Answers one slot; false when its records may not be told of yet.
    mutating func answer(_ slot: Slot) -> Bool {
        let place = Int(slot.session)
        let client = clients + place
        let isCurrent = client.pointee.generation == slot.sessionGeneration && client.pointee.phase != .free
        switch slot.slotKind {
        case .answer:
            if isCurrent, client.pointee.isOpen { answerAlone(slot, place) }
        case .command, .logon:
            switch slot.slotStatus {
            case .journaled:
                if gate.released < slot.lastSequence { return false }
                tell(through: slot.lastSequence)
            case .refused: if isCurrent, client.pointee.isOpen { refuse(slot, place) }
            case .resent: if isCurrent, client.pointee.isOpen { resend(slot, place) }
            case .attached: if isCurrent, client.pointee.isOpen { attach(slot, place) }
            case .unchecked, .authentic, .authenticWithoutProofs:
                preconditionFailure("a slot that was not sequenced")
            }
        }
        if isCurrent { settle(slot, client) }
        return true
    }

    /// The message is answered: room for others.
    private func settle(_ slot: Slot, _ client: UnsafeMutablePointer<ClientSession>) {
        client.pointee.slotsInFlight -= 1
        client.pointee.budgetInFlight -= SlotNote(rawValue: slot.context).budget
        if slot.kind == SlotKind.logon.rawValue { client.pointee.session.logonAnswered() }
    }

    /// Tells every session that is attached of the replies of records, up to a sequence.
    private mutating func tell(through sequence: UInt64) {
        while reader.nextSequence <= sequence {
            guard let record = reader.next() else { preconditionFailure("a released record that is not committed") }
            context.enter(record)
            var cursor = ReplyCursor(record, context)
            while let reply = cursor.next() {
                var next = attachments.first(account: reply.account)
                while next != AttachmentTable.none {
                    let attachment = attachments.read(next)
                    if attachment.delivery == .live, record.sequence > attachment.liveAfter {
                        deliver(reply, next, attachment)
                    }
                    next = attachment.next
                }
            }
        }
    }

    /// Writes a reply into a session's output. Room for the answers that no record has is kept: they cannot be read
    /// from the journal later.
    private mutating func deliver(_ reply: Reply, _ attachment: UInt32, _ to: Attachment) {
        let place = Int(to.session)
        let client = clients + place
        guard client.pointee.isOpen else { return }
        let size = reply.frameBytes
        let kept = (client.pointee.slotsInFlight + 1) * SessionReplies.frameBytesMax
        guard client.pointee.output.hasRoom(size + kept, frame: Reply.frameBytesMax),
            let memory = client.pointee.output.reserve(size)
        else {
            overflow(place, attachment, reply.number)
            return
        }
        reply.encode(at: memory, durability: durability, resent: false)
        client.pointee.output.commit(size)
        counters.replies.add()
        markDirty(place)
    }

    /// A reply does not fit. While the network has bytes of the session, its client does not read: it is closed. While
    /// it has none, more happened at once than a buffer holds: the rest is read from the journal.
    private mutating func overflow(_ place: Int, _ attachment: UInt32, _ number: ReplyNumber) {
        if clients[place].sending > 0 {
            counters.slowConsumers.add()
            close(place)
            return
        }
        attachments.update(attachment) {
            $0.delivery = .waiting
            $0.resumeFrom = number
            $0.isCatchingUp = true
        }
        waitForHistory(place)
    }

    /// Room for a frame that no record has. There always is some, because a session's frames are only taken when there
    /// is; without it the session is closed, and nil.
    private mutating func room(_ place: Int) -> UnsafeMutableRawPointer? {
        if let memory = clients[place].output.reserve(SessionReplies.frameBytesMax) { return memory }
        counters.slowConsumers.add()
        close(place)
        return nil
    }

    /// So many bytes were written there.
    private mutating func written(_ place: Int, _ count: Int) {
        clients[place].output.commit(count)
        counters.replies.add()
        markDirty(place)
    }

    /// What order entry answers by itself.
    private mutating func answerAlone(_ slot: Slot, _ place: Int) {
        let client = clients + place
        let note = SlotNote(rawValue: slot.context)
        switch note.answer {
        case .challenge:
            guard let memory = room(place) else { return }
            written(
                place,
                SessionReplies.challenge(
                    at: memory, client.pointee.session, venueId: venueId, sessionId: client.pointee.number,
                    time: SystemClock.realtimeNanoseconds(), durability: durability))
        case .established:
            guard let memory = room(place) else { return }
            written(
                place,
                SessionReplies.established(
                    at: memory, sessionId: client.pointee.number, accounts: attachments.count(place)))
        case .refusal: writeRefusal(slot, place)
        case .terminate: finish(place, note.reason)
        case .none: preconditionFailure("an answer of order entry's own")
        }
    }

    private mutating func writeRefusal(_ slot: Slot, _ place: Int) {
        guard let reason = Reason(rawValue: slot.reason) else { preconditionFailure("a refusal has a known reason") }
        guard let memory = room(place) else { return }
        written(
            place,
            SessionReplies.refusal(
                at: memory, UnsafeRawPointer(slot.message), count: Int(slot.messageLength), reason: reason,
                expected: slot.detail))
    }

    /// A message that was not authentic, or whose nonce was refused: charged to the session.
    private mutating func refuse(_ slot: Slot, _ place: Int) {
        writeRefusal(slot, place)
        guard let reason = Reason(rawValue: slot.reason), reason.isCharged, clients[place].isOpen else { return }
        if clients[place].session.countBadSignature(rules) { finish(place, .badSignatures) }
    }

    /// A logon that holds.
    private mutating func attach(_ slot: Slot, _ place: Int) {
        let logon = LogonMessage(UnsafeRawPointer(slot.message))
        let account = logon.account
        let attachment = attachments.attach(place, account: account, dropCopy: logon.flags.contains(.dropCopy))
        guard let memory = room(place) else { return }
        guard attachment != AttachmentTable.none else {
            written(place, SessionReplies.logonRejected(at: memory, account: account, reason: .tooManyAccounts))
            return
        }
        let told = reader.nextSequence - 1
        written(
            place,
            SessionReplies.logonAccepted(
                at: memory, account: account, keySlot: logon.keySlot, nonceMark: slot.detail, sequence: told))
        guard attachments.read(attachment).delivery == .live else { return }
        attachments.update(attachment) { $0.liveAfter = told }
        if logon.resumeSequence == 0 { return }
        guard logon.resumeSequence <= told else {
            guard let memory = room(place) else { return }
            written(place, SessionReplies.resumeComplete(at: memory, account: account, throughSequence: told))
            return
        }
        attachments.update(attachment) {
            $0.delivery = .waiting
            $0.resumeFrom = ReplyNumber(sequence: logon.resumeSequence, index: logon.resumeIndex)
            $0.isCatchingUp = false
        }
        waitForHistory(place)
    }

    /// The last answer of a session: what is in its output is still sent, then the socket is closed.
    mutating func finish(_ place: Int, _ reason: TerminationReason?) {
        let client = clients + place
        guard client.pointee.isOpen else { return }
        // Live replies that wait behind older ones would be a gap without them.
        if client.pointee.barrier != .max {
            close(place)
            return
        }
        if let reason {
            guard let memory = room(place) else { return }
            written(place, SessionReplies.terminate(at: memory, reason: reason))
        }
        detach(place)
        client.pointee.session.terminate()
        client.pointee.phase = .flushing
        client.pointee.since = now
        markDirty(place)
        enqueue(place)
    }

    /// Sends nothing more of any account to a session.
    mutating func detach(_ place: Int) {
        attachments.detachAll(place)
        lanes.resends.removeAll(place)
        releaseLane(place)
    }

    /// Time-outs and heartbeats: a part of the table about once a millisecond, all of it in at most 64 of them.
    mutating func checkTimers(_ io: inout IOUring) {
        guard now >= timersAt else { return }
        timersAt = now + 1_000_000
        for _ in 0..<min(clientsMax, max(64, clientsMax / 64)) {
            checkTimer(timerPlace)
            timerPlace = timerPlace + 1 == clientsMax ? 0 : timerPlace + 1
        }
    }

    private mutating func checkTimer(_ place: Int) {
        let client = clients + place
        let stalled = SessionRules.heartbeatsMissedMax * patience(client)
        switch client.pointee.phase {
        case .free, .closing: return
        case .lingering: if now - client.pointee.since >= Self.lingerNanoseconds { close(place) }
        case .flushing: if now - client.pointee.since >= stalled { close(place) }
        case .open:
            if client.pointee.sending > 0, now - client.pointee.since >= stalled {
                counters.slowConsumers.add()
                close(place)
                return
            }
            let isHeldBack = client.pointee.heldCount > 0 || !client.pointee.isReceiving
            switch client.pointee.session.timer(rules, now: now, isHeldBack: isHeldBack) {
            case .none: return
            case .heartbeat:
                if client.pointee.output.isEmpty { sendHeartbeat(place) }
            case .terminate(let reason): end(place, reason)
            }
        }
    }

    /// How long a heartbeat is to a session: as it asked for, or as the node is configured when it has a lane that
    /// others wait for, which no client may keep from them for as long as it likes.
    private func patience(_ client: UnsafeMutablePointer<ClientSession>) -> UInt64 {
        let asked = client.pointee.session.heartbeat
        return client.pointee.sendsHistory && lanes.waiting.count > 0 ? min(asked, rules.heartbeat) : asked
    }

    private mutating func sendHeartbeat(_ place: Int) {
        guard let memory = room(place) else { return }
        written(place, SessionReplies.heartbeat(at: memory, time: SystemClock.realtimeNanoseconds()))
    }
}

extension Reason {
    /// Whether a refusal counts against its session: it cost a check that nobody pays for.
    var isCharged: Bool {
        switch self {
        case .badSignature, .unknownAccount, .unknownKey, .revokedKey, .nonceTooLow, .nonceConflict, .nonceInvalid: true
        default: false
        }
    }
}
