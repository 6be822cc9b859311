import OrderEntry
import Platform
import Ring
import Wire

/// Messages in: from receive buffers into slots, one copy.
extension OrderEntryAgent {
    /// What became of the first bytes of a session.
    private enum Taken {
        /// A frame is in the ring, or needed none.
        case frame
        /// The buffer is used up.
        case buffer
        /// Not now: the ring is full, or answers have to be sent first.
        case later
        /// The session takes nothing more.
        case ended
    }

    /// Whether a session has to be looked at in the next turn although nothing comes from the kernel.
    func needsAnotherTurn(_ place: Int) -> Bool {
        let client = clients + place
        switch client.pointee.phase {
        case .open:
            return client.pointee.heldCount > 0 || (client.pointee.endPending != nil && !client.pointee.endSubmitted)
                || (!client.pointee.isReceiving && !client.pointee.hasEnded)
        case .flushing, .lingering, .closing, .free: return client.pointee.heldCount > 0
        }
    }

    /// One session's turn: frames up to its quota. Returns how many.
    mutating func takeFrames(_ place: Int, _ io: inout IOUring) -> Int {
        let client = clients + place
        guard client.pointee.isOpen, client.pointee.endPending == nil else {
            if client.pointee.isOpen { submitEnd(place) }
            dropHeld(place, &io)
            return 0
        }
        var count = 0
        while count < quota, client.pointee.firstHeld != HeldBuffers.none {
            let entry = held[client.pointee.firstHeld]
            let whole = UnsafeRawBufferPointer(start: entry.base, count: entry.count)
            var input = UnsafeRawBufferPointer(rebasing: whole[client.pointee.heldOffset...])
            let taken = takeFrame(place, &input, entry)
            client.pointee.heldOffset = entry.count - input.count
            switch taken {
            case .frame: count += 1
            case .buffer: io.returnBuffer(held.removeFirst(of: &client.pointee))
            case .later:
                // Its answers wait because the client does not read: others need the memory more.
                if client.pointee.sending > 0, held.areScarce {
                    counters.slowConsumers.add()
                    close(place)
                    dropHeld(place, &io)
                }
                return count
            case .ended:
                submitEnd(place)
                dropHeld(place, &io)
                return count
            }
        }
        if client.pointee.heldCount > 0 { return count }
        if client.pointee.hasEnded {
            end(place, .logout)
        } else if !client.pointee.isReceiving {
            receiveFrom(place, &io)
        }
        return count
    }

    private mutating func takeFrame(
        _ place: Int, _ input: inout UnsafeRawBufferPointer, _ entry: HeldBuffers.Entry
    ) -> Taken {
        if ringIsFull { return .later }
        guard let slot = producer.claim() else {
            ringIsFull = true
            counters.ringFull.add()
            return .later
        }
        let client = clients + place
        switch client.pointee.frames.next(&input) {
        case .needMore:
            producer.unclaim()
            client.pointee.session.received(now: now, isInsideFrame: client.pointee.frames.isInsideFrame)
            return .buffer
        case .fault:
            producer.unclaim()
            client.pointee.endPending = .protocolError
            return .ended
        case .frame(let content):
            let budget = ReplyBudget.bytes(content)
            guard hasRoom(place, budget) else {
                client.pointee.frames.putBack(content, into: &input)
                producer.unclaim()
                return .later
            }
            return act(on: content, place, slot, entry, budget, &input)
        }
    }

    /// A whole frame: what the session makes of it.
    private mutating func act(
        on content: UnsafeRawBufferPointer, _ place: Int, _ slot: Slot, _ entry: HeldBuffers.Entry, _ budget: Int,
        _ input: inout UnsafeRawBufferPointer
    ) -> Taken {
        let client = clients + place
        let action = client.pointee.session.take(content, rules: rules, accounts: attachments.count(place)) {
            let attachment = attachments.find(place, account: $0)
            if attachment == AttachmentTable.none { return .not }
            return attachments.read(attachment).isDropCopy ? .dropCopy : .trading
        }
        client.pointee.session.frameCompleted()
        switch action {
        case .ignore: producer.unclaim()
        case .hold:
            client.pointee.frames.putBack(content, into: &input)
            producer.unclaim()
            return .later
        case .terminate(let reason):
            producer.unclaim()
            client.pointee.endPending = reason
            return .ended
        case .command:
            fill(slot, place, content, entry, kind: .command, SlotNote(.none, budget: budget))
            let isCommitment = slot.template == Template.stateCommitment
            slot.setPrefix(isCommitment ? commitmentPrefix : commandPrefix)
        case .logon:
            fill(slot, place, content, entry, kind: .logon, SlotNote(.none, budget: budget))
            slot.setPrefix(logonPrefix)
        case .challenge: fill(slot, place, content, entry, kind: .answer, SlotNote(.challenge, budget: budget))
        case .establish: fill(slot, place, content, entry, kind: .answer, SlotNote(.established, budget: budget))
        case .refuse(let reason, let expected):
            fill(slot, place, content, entry, kind: .answer, SlotNote(.refusal, budget: budget))
            slot.refuse(reason, expected: expected)
        }
        return .frame
    }

    /// Whether the answers of one more frame will fit, also if it turns out to be a resend. A session without anything
    /// on its way, and without resends that wait, may always go on.
    private func hasRoom(_ place: Int, _ budget: Int) -> Bool {
        let client = clients + place
        if lanes.resends.count(place) + client.pointee.slotsInFlight >= lanes.resends.perSession { return false }
        if client.pointee.slotsInFlight == 0, client.pointee.output.isEmpty { return true }
        return client.pointee.output.hasRoom(
            client.pointee.budgetInFlight + budget, frame: Reply.frameBytesMax)
    }

    /// Fills a claimed slot: the one copy of the message.
    private mutating func fill(
        _ slot: Slot, _ place: Int, _ content: UnsafeRawBufferPointer, _ entry: HeldBuffers.Entry, kind: SlotKind,
        _ note: SlotNote
    ) {
        guard let message = content.baseAddress else { preconditionFailure("a frame holds a header") }
        let signed = Session.signatureBytes(message)
        let signature = content.count >= MessageHeader.size + signed ? signed : 0
        slot.messageLength = UInt32(truncatingIfNeeded: content.count - signature)
        slot.signatureLength = UInt16(truncatingIfNeeded: signature)
        slot.template = MessageHeader(message).templateId
        // A logon begins as every command does: account, key slot.
        slot.account = content.count >= 16 ? CommandHeader(message).account : 0
        slot.keySlot = content.count >= 16 ? CommandHeader(message).keySlot : 0
        slot.message.copyMemory(from: message, byteCount: content.count)
        describe(slot, place, kind, note, nanoseconds: entry.nanoseconds, ticks: entry.ticks)
    }

    /// What every slot says, and what the session remembers of it.
    private mutating func describe(
        _ slot: Slot, _ place: Int, _ kind: SlotKind, _ note: SlotNote, nanoseconds: UInt64, ticks: UInt64
    ) {
        tickets += 1
        slot.ticket = tickets
        slot.arrivalNanoseconds = nanoseconds
        slot.arrivalTicks = ticks
        slot.session = UInt32(truncatingIfNeeded: place)
        slot.sessionGeneration = clients[place].generation
        slot.kind = kind.rawValue
        slot.context = note.rawValue
        slot.reason = 0
        slot.detail = 0
        slot.firstSequence = 0
        slot.lastSequence = 0
        slot.set(.unchecked)
        clients[place].slotsInFlight += 1
        clients[place].budgetInFlight += note.budget
    }

    /// Asks for the end of a session: what it sent before is answered first.
    mutating func end(_ place: Int, _ reason: TerminationReason) {
        let client = clients + place
        guard client.pointee.isOpen, client.pointee.endPending == nil else { return }
        client.pointee.endPending = reason
        submitEnd(place)
        enqueue(place)
    }

    /// Puts the end of a session into the ring, behind everything that it sent. A full ring: in the next turn.
    private mutating func submitEnd(_ place: Int) {
        let client = clients + place
        guard let reason = client.pointee.endPending, !client.pointee.endSubmitted, let slot = producer.claim() else {
            return
        }
        client.pointee.session.terminate()
        client.pointee.endSubmitted = true
        slot.messageLength = 0
        slot.signatureLength = 0
        slot.template = Template.terminate
        slot.account = 0
        slot.keySlot = 0
        describe(
            slot, place, .answer, SlotNote(.terminate, reason: reason, budget: SessionReplies.frameBytesMax),
            nanoseconds: SystemClock.realtimeNanoseconds(), ticks: TimestampCounter.now())
    }
}
