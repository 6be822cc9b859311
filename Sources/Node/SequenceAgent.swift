import Journal
import Platform
import Ring
import Wire

/// Takes slots strictly in the order of arrival; numbers, applies, journals. The only writer of venue and journal.
///
/// What a verifier found is tentative: when the key's generation is not the one that it checked against, the message is
/// checked again here, passed or failed. So the journal never holds a command whose key was revoked before it, and a
/// key that was added by the command before is good at once.
struct SequenceAgent: ~Copyable {
    private var consumer: RingConsumer
    private var sequencer: Sequencer
    private let check: SignatureCheck
    private var sync: GroupCommit
    private let gate: ReleaseGate
    private let durable: Bool
    private let counters: SequenceCounters
    /// The slot at the head has its first record, and its command is not done: continuations come before anything else.
    private var isContinuing = false

    /// Slots in one turn: so that a long queue does not keep a thread's other agents waiting.
    private static let slotsPerTurn = 64
    /// Continuation records in one turn.
    private static let continuationsPerTurn = 8

    init(
        consumer: consuming RingConsumer, sequencer: consuming Sequencer, check: SignatureCheck,
        sync: consuming GroupCommit, gate: ReleaseGate, durability: Durability, counters: SequenceCounters
    ) {
        self.consumer = consumer
        self.sequencer = sequencer
        self.check = check
        self.sync = sync
        self.gate = gate
        durable = durability == .durable
        self.counters = counters
    }

    /// On its thread, before the first turn: what was journaled at start may be told of.
    mutating func start() {
        sync.start()
        // All of it was made durable before the threads began.
        gate.release(through: sequencer.lastSequence)
    }

    /// Takes the completion of an fdatasync.
    mutating func complete(_ completion: Completion) {
        sync.complete(completion)
        counters.durableSequence.set(sync.durableSequence)
        if durable { gate.release(through: sync.durableSequence) }
    }

    /// Sequences a bounded number of slots, and asks for the next fdatasync when it is due. Returns slots and records.
    mutating func doWork(_ io: inout IOUring) -> Int {
        let available = min(consumer.availableCached(), Self.slotsPerTurn)
        var done = 0
        while done < available {
            if done &+ 1 < available { prefetch(consumer.slot(1)) }
            guard sequence(consumer.slot(0)) else { break }
            consumer.advance(1)
            done &+= 1
        }
        if available > 0, !durable { gate.release(through: sequencer.lastSequence) }
        synchronize(&io)
        return available
    }

    /// At an orderly end, when no slot is left: everything is durable before the process goes.
    mutating func finish() throws(JournalError) -> NodeEnd {
        try sync.finish()
        return sequencer.end
    }

    /// Whether an fdatasync is in flight.
    var isSynchronizing: Bool { sync.isInFlight }

    private mutating func synchronize(_ io: inout IOUring) {
        let last = sequencer.lastSequence
        guard sync.isDue(lastSequence: last) else { return }
        if let error = sequencer.fatalError {
            die("a segment of the journal cannot be given its name: \(error)", ExitStatus.synchronizationFailed)
        }
        sync.begin(&io)
    }

    private mutating func prefetch(_ slot: Slot) {
        sequencer.prefetch(UnsafeRawPointer(slot.message), count: Int(slot.messageLength))
    }

    /// Takes one slot as far as it goes.
    /// - Returns: whether it is done; false when continuations are left for the next turn.
    private mutating func sequence(_ slot: Slot) -> Bool {
        if isContinuing { return goOn(slot) }
        switch slot.slotKind {
        case .answer: return true
        case .logon:
            guard isAuthentic(slot) else { return true }
            slot.detail = sequencer.nonceMark(account: slot.account, slot: slot.keySlot)
            slot.firstSequence = sequencer.lastSequence
            slot.set(.attached)
            return true
        case .command:
            guard isAuthentic(slot), isFresh(slot) else { return true }
            return journal(slot)
        }
    }

    /// What the verifier found, or what is found now when the key has changed since.
    private mutating func isAuthentic(_ slot: Slot) -> Bool {
        if slot.keyGeneration != check.generation(slot) {
            counters.rechecked.add()
            check.check(slot)
        }
        let status = slot.slotStatus
        if status == .authentic || status == .authenticWithoutProofs { return true }
        assert(status == .refused, "checked by a verifier")
        counters.refused.add()
        return false
    }

    /// The nonce rule: a resend gets its original answer, everything else at or below the mark is refused.
    private mutating func isFresh(_ slot: Slot) -> Bool {
        let (verdict, mark) = sequencer.judge(slot.command, signature: UnsafeRawPointer(slot.signature))
        switch verdict {
        case .fresh: return true
        case .invalid: slot.refuse(.nonceInvalid, expected: mark)
        case .conflict: slot.refuse(.nonceConflict, expected: mark)
        case .tooLow: slot.refuse(.nonceTooLow, expected: mark)
        case .resend(let original):
            slot.set(.resent)
            slot.firstSequence = original
            slot.lastSequence = original
            counters.resent.add()
            return false
        }
        counters.refused.add()
        return false
    }

    /// Makes the slot's first record.
    private mutating func journal(_ slot: Slot) -> Bool {
        let sequence = sequencer.lastSequence &+ 1
        let input = Sequencer.Input(
            command: UnsafeRawPointer(slot.message),
            commandLength: Int(slot.messageLength) &+ Int(slot.signatureLength),
            messageLength: Int(slot.messageLength), kind: .command,
            flags: sequencer.proofsHold(slot, check) ? .proofsHold : [], arrivalTime: slot.arrivalNanoseconds,
            arrivalTicket: slot.ticket)
        guard let matchedTicks = sequencer.append(input, now: SystemClock.realtimeNanoseconds()) else {
            slot.refuse(.noJournalSpace)
            counters.noSpace.add()
            return true
        }
        slot.firstSequence = sequence
        slot.matchedTicks = matchedTicks
        counters.records.add()
        if sequencer.isPending {
            isContinuing = true
            return goOn(slot)
        }
        finish(slot)
        return true
    }

    /// Continuation records of the command at the head, before any other command.
    private mutating func goOn(_ slot: Slot) -> Bool {
        var left = Self.continuationsPerTurn
        while sequencer.isPending {
            guard left > 0, sequencer.continuePending(now: SystemClock.realtimeNanoseconds()) else { return false }
            counters.records.add()
            left &-= 1
        }
        isContinuing = false
        finish(slot)
        return true
    }

    private func finish(_ slot: Slot) {
        slot.lastSequence = sequencer.lastSequence
        slot.journaledTicks = TimestampCounter.now()
        slot.set(.journaled)
    }
}
