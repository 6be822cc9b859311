import Journal
import Ledger
import Platform
import Replay
import Ring
import Venue
import Wire

/// The one place where records are made: venue, journal writer and nonce memory, always together.
///
/// Used by the sequence agent while the node runs, and at start for what comes before the first client: genesis,
/// missing continuations, the restart record, the operator's first commands. No system call but for the clock, no
/// allocation.
struct Sequencer: ~Copyable {
    private var venue: Venue
    private var writer: JournalWriter
    private var nonces: NonceMemory
    /// Highest time that was stamped; the journal's times never go back, whatever the clock does.
    private var lastTime: UInt64
    /// Sequence of the command that is not done; 0 when there is none.
    private var pendingCause: UInt64
    /// The venue's keys, for verifiers on other threads.
    let keys: KeyTable
    /// Sequence of the first record that this start of the node made.
    let firstSequenceOfStart: UInt64

    /// What a record is made of, besides what the venue makes of it.
    struct Input {
        /// Message and, for kind `command`, signature behind it.
        let command: UnsafeRawPointer
        /// Bytes of both.
        let commandLength: Int
        /// Bytes of the message alone.
        let messageLength: Int
        let kind: RecordKind
        let flags: RecordFlags
        let arrivalTime: UInt64
        let arrivalTicket: UInt64
    }

    init(venue: consuming Venue, writer: consuming JournalWriter, nonces: consuming NonceMemory) {
        lastTime = writer.lastTime
        firstSequenceOfStart = writer.nextSequence
        pendingCause = venue.pendingCause ?? 0
        keys = venue.keys
        self.venue = venue
        self.writer = writer
        self.nonces = nonces
    }

    /// Sequence of the last record; 0 before the first.
    var lastSequence: UInt64 { writer.nextSequence - 1 }

    /// Hash of the last record; zero before the first.
    var headHash: Bytes32 { writer.headHash }
    /// What the journal comes to. Walks everything: for an orderly end.
    var end: NodeEnd {
        NodeEnd(
            lastSequence: lastSequence, headHash: headHash, stateHash: isPending ? nil : StateHash.of(venue))
    }
    /// Whether the last command is not done: a continuation has to come before any other command.
    var isPending: Bool { pendingCause != 0 }
    /// An error after which the node has to stop: a segment could not be given its name.
    var fatalError: Errno? { writer.fatalError }

    /// Highest nonce that a key has used; 0 for a slot that was never used.
    func nonceMark(account: UInt32, slot: UInt16) -> UInt64 { keys.nonceMark(account: account, slot: slot) }

    /// A reader that begins behind the last record.
    func makeReader() throws(NodeError) -> CommittedReader {
        guard let reader = writer.makeReader() else { throw .resources("no more readers of the journal") }
        return reader
    }

    /// The journal's synchroniser; made once.
    func makeSynchronizer() -> JournalSynchronizer { writer.makeSynchronizer() }

    /// Bytes of memory that the venue holds.
    var venueBytes: Int { venue.byteCount }
    /// Bytes of memory that the nonce memory holds.
    var nonceBytes: Int { nonces.byteCount }

    /// Brings near what a command will touch.
    mutating func prefetch(_ message: UnsafeRawPointer, count: Int) { venue.prefetch(message, count: count) }

    /// Judges the nonce of an authentic command.
    /// - Returns: the verdict, and the mark that an answer names.
    mutating func judge(_ header: CommandHeader, signature: UnsafeRawPointer) -> (NonceMemory.Verdict, mark: UInt64) {
        let mark = keys.nonceMark(account: header.account, slot: header.keySlot)
        let verdict = nonces.judge(
            account: header.account, slot: header.keySlot, nonce: header.nonce, mark: mark, signature: signature)
        return (verdict, mark)
    }

    /// Makes the next record: reserves, applies straight into the reserved space, commits.
    ///
    /// - Parameter now: the clock, ns Unix UTC.
    /// - Returns: the time-stamp counter between applying and committing; nil when the journal has no space, and then
    ///   nothing happened.
    mutating func append(_ input: Input, now: UInt64) -> UInt64? {
        precondition(pendingCause == 0 || input.kind == .continuation, "a command that is not done comes first")
        guard let draft = writer.reserve(commandLength: input.commandLength) else { return nil }
        draft.command.copyMemory(from: input.command, byteCount: input.commandLength)
        lastTime = max(lastTime, now)
        let sequence = writer.nextSequence
        var effects = EffectWriter(draft.effects)
        let command = Command(
            message: UnsafeRawPointer(draft.command), count: input.messageLength, kind: input.kind, sequence: sequence,
            time: lastTime, proofsHold: input.flags.contains(.proofsHold))
        let progress = venue.apply(command, into: &effects)
        let matchedTicks = TimestampCounter.now()
        pendingCause = progress == .done ? 0 : pendingCause == 0 ? sequence : pendingCause
        assert(pendingCause == venue.pendingCause ?? 0, "what is not done is pending")
        let startsSession = Self.startsFeedSession(effects)
        if startsSession {
            writer.feedGeneration = FeedSessionStartedMessage(UnsafeRawPointer(draft.effects)).generation
        }
        writer.commit(
            draft,
            RecordHead(
                time: lastTime, arrivalTime: input.arrivalTime, arrivalTicket: input.arrivalTicket, kind: input.kind,
                flags: input.flags, feedSequence: startsSession ? 1 : writer.nextFeedSequence,
                feedMessages: effects.feedMessages, effectsLength: effects.length))
        if input.kind == .command {
            let header = CommandHeader(input.command)
            nonces.remember(
                account: header.account, slot: header.keySlot, nonce: header.nonce,
                signature: input.command + input.messageLength, sequence: sequence)
        }
        return matchedTicks
    }

    /// Makes one continuation record of the command that is not done.
    /// - Returns: false when the journal has no space: nothing happened, and nothing else may be journaled before it.
    mutating func continuePending(now: UInt64) -> Bool {
        precondition(pendingCause != 0, "nothing is pending")
        let cause = pendingCause
        return withUnsafeTemporaryAllocation(byteCount: ContinuationMessage.size, alignment: 8) { buffer in
            let message = buffer.baseAddress!
            ContinuationMessage.encode(at: message, cause: cause)
            let input = Input(
                command: UnsafeRawPointer(message), commandLength: ContinuationMessage.size,
                messageLength: ContinuationMessage.size, kind: .continuation, flags: [], arrivalTime: now,
                arrivalTicket: 0)
            return append(input, now: now) != nil
        }
    }

    /// Flag of a checked command's record: only commands that carry keys or proofs have any to hold.
    mutating func proofsHold(_ slot: Slot, _ check: SignatureCheck) -> Bool {
        switch slot.template {
        case Template.createAccount, Template.addTradingKey:
            return slot.slotStatus == .authentic
        case Template.rotateVenueKey:
            let command = RotateVenueKeyMessage(UnsafeRawPointer(slot.message))
            guard let purpose = command.purpose else { return false }
            return venue.withVenueKey(purpose) { check.rotationHolds(command, current: $0) }
        default:
            return false
        }
    }

    /// Whether a record begins a feed session: then that is its first effect, and its messages are numbered from 1.
    private static func startsFeedSession(_ effects: EffectWriter) -> Bool {
        if effects.count == 0 { return false }
        return Effect(base: UnsafeRawPointer(effects.base)).template == Template.feedSessionStarted
    }
}
