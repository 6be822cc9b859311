import Book
import Ledger
import Wire

/// The venue: a function of its records. Rules.md says what it does, rule by rule.
///
/// All memory is taken by `init`, by the capacities of genesis; `apply` allocates nothing, asks no clock, and is
/// bounded by the effects that a record holds. It is one value; whoever owns it calls it from one thread.
public struct Venue: ~Copyable, @unchecked Sendable {
    var books: Books
    var ledger: Ledger
    /// Capacity `instrumentsMax`; those below `instrumentCount` are listed.
    let instruments: UnsafeMutablePointer<Instrument>
    var instrumentCount: UInt32 = 0
    let instrumentsMax: UInt32
    let openOrdersMax: UInt32

    /// The four venue keys in force, by purpose − 1.
    let venueKeys: UnsafeMutablePointer<Bytes32>
    /// The genesis message, as it is part of the state.
    let genesisBytes: UnsafeMutableRawPointer
    /// The batch that is unfinished.
    let batchBytes: UnsafeMutableRawPointer

    var state = TradingState.continuous
    var isBlocked = false
    /// Generation of the feed session in force.
    public internal(set) var feedGeneration: UInt32 = 0
    var lastSequence: UInt64 = 0
    var lastTime: UInt64 = 0
    var lastOrderId: UInt64 = 0
    var lastMatchNumber: UInt64 = 0
    var unfinished = Unfinished()

    /// Takes all memory, by the capacities of genesis. The genesis record itself is applied like any other.
    public init(genesis: GenesisMessage) {
        ledger = Ledger(capacity: Self.ledgerCapacity(genesis))
        do {
            books = try Books(capacity: Self.bookCapacity(genesis))
        } catch {
            preconditionFailure("books of the capacities of genesis: \(error)")
        }
        instrumentsMax = genesis.instrumentsMax
        openOrdersMax = genesis.openOrdersMax
        instruments = .allocate(capacity: Int(genesis.instrumentsMax))
        venueKeys = .allocate(capacity: 4)
        genesisBytes = .allocate(byteCount: GenesisMessage.size, alignment: 8)
        genesisBytes.copyMemory(from: genesis.base, byteCount: GenesisMessage.size)
        batchBytes = .allocate(byteCount: Limits.messageBytesMax, alignment: 8)
    }

    deinit {
        instruments.deallocate()
        venueKeys.deallocate()
        genesisBytes.deallocate()
        batchBytes.deallocate()
    }

    private static func ledgerCapacity(_ genesis: GenesisMessage) -> LedgerCapacity {
        LedgerCapacity(
            accounts: genesis.accountsMax, keySlots: genesis.keySlots, assets: genesis.assetsMax,
            references: genesis.referencesMax)
    }

    static func bookCapacity(_ genesis: GenesisMessage) -> BookCapacity {
        BookCapacity(
            instruments: Int(genesis.instrumentsMax), orders: Int(genesis.ordersMax), levels: Int(genesis.levelsMax),
            accounts: Int(genesis.accountsMax))
    }

    /// Bytes of memory that a venue of these capacities holds.
    public static func byteCount(_ genesis: GenesisMessage) -> Int {
        bookCapacity(genesis).memoryBytes + ledgerCapacity(genesis).memoryBytes
            + Int(genesis.instrumentsMax) * MemoryLayout<Instrument>.stride + Limits.messageBytesMax
    }

    /// Bytes of memory that the venue holds.
    public var byteCount: Int { Self.byteCount(GenesisMessage(genesisBytes)) }

    /// The keys, for verifiers on other threads.
    public var keys: KeyTable { ledger.keys }

    /// Highest nonce that a key has used; nil when the slot was never used.
    public func nonceMark(account: UInt32, slot: UInt16) -> UInt64? {
        ledger.keyState(account, slot) == .none ? nil : ledger.nonceMark(account, slot)
    }

    /// Sequence of a command that is not done: a continuation is due.
    public var pendingCause: UInt64? { unfinished.cause == 0 ? nil : unfinished.cause }

    /// Calls `body` with the 32 bytes of the venue key in force for a purpose.
    public func withVenueKey(_ purpose: VenueKeyPurpose, _ body: (UnsafeRawPointer) -> Bool) -> Bool {
        body(UnsafeRawPointer(venueKeys + Int(purpose.rawValue) - 1))
    }

    /// Whether every balance of every asset adds up to its total, and holds are those of the open orders. Walks all.
    public func isConserved() -> Bool { ledger.isConserved() }

    /// Applies a record of any kind (REC-1).
    ///
    /// A client's command is signed by a key in force and has a nonce above its mark. `more` means that the record is
    /// full: the next one is a continuation of it.
    public mutating func apply(_ command: Command, into effects: inout EffectWriter) -> Progress {
        precondition(command.sequence > lastSequence && command.time >= lastTime, "records come in order")
        precondition(
            (unfinished.cause != 0) == (command.kind == .continuation), "an unfinished command goes on first")
        lastSequence = command.sequence
        lastTime = command.time
        switch command.kind {
        case .command: return applyCommand(command, &effects)
        case .continuation: return goOn(ContinuationMessage(command.message), &effects)
        case .tick: return .done
        case .restart: restart(RestartMessage(command.message), &effects)
        case .genesis: begin(GenesisMessage(command.message), &effects)
        }
        return .done
    }

    /// REC-2.
    private mutating func begin(_ genesis: GenesisMessage, _ effects: inout EffectWriter) {
        precondition(lastSequence == 1 && ledger.accountCount == 0, "genesis is the first record")
        venueKeys[0] = genesis.operatorKey
        venueKeys[1] = genesis.logKey
        venueKeys[2] = genesis.receiptKey
        venueKeys[3] = genesis.settlementKey
        ledger.open(WellKnownAccount.fees, ownerKey: genesis.operatorKey, openOrdersMax: openOrdersMax)
        ledger.open(WellKnownAccount.venueOperator, ownerKey: genesis.operatorKey, openOrdersMax: openOrdersMax)
        ledger.open(WellKnownAccount.settlement, ownerKey: genesis.settlementKey, openOrdersMax: openOrdersMax)
        startFeedSession(1, &effects)
    }

    /// REC-3.
    private mutating func restart(_ restart: RestartMessage, _ effects: inout EffectWriter) {
        guard restart.feedGeneration != feedGeneration else {
            precondition(state != .endOfMessages, "a feed that ended begins again with a new session")
            return
        }
        precondition(restart.feedGeneration == feedGeneration + 1, "feed generations are dense")
        if state == .endOfMessages { state = .closed }
        startFeedSession(restart.feedGeneration, &effects)
    }

    private mutating func startFeedSession(_ generation: UInt32, _ effects: inout EffectWriter) {
        feedGeneration = generation
        FeedSessionStartedMessage.encode(at: effects.next, generation: generation)
        effects.advance(FeedSessionStartedMessage.size)
    }

    /// Goes on with the unfinished command, with exactly the unit that had no room (REC-5).
    private mutating func goOn(_ continuation: ContinuationMessage, _ effects: inout EffectWriter) -> Progress {
        precondition(continuation.cause == unfinished.cause, "a continuation names its cause")
        let progress: Progress =
            switch unfinished.work {
            case .order: goOnWithOrder(&effects)
            case .batch: goOnWithBatch(&effects)
            case .massCancel: goOnWithMassCancel(&effects)
            case .killSwitch: goOnWithKillSwitch(&effects)
            case .nothing: preconditionFailure("nothing is unfinished")
            }
        if progress == .done { unfinished = Unfinished() }
        return progress
    }

    /// Notes that the record is full.
    mutating func leave(_ work: Unfinished.Work) -> Progress {
        unfinished.work = work
        if unfinished.cause == 0 { unfinished.cause = lastSequence }
        return .more
    }

    /// Writes a Rejected effect (CMD).
    mutating func reject(_ refusal: Refusal, _ origin: Origin, _ effects: inout EffectWriter) {
        RejectedMessage.encode(
            at: effects.next, account: origin.account, reason: refusal.reason, entry: origin.entry,
            clientOrderId: origin.clientOrderId, orderId: origin.orderId, expected: refusal.expected)
        effects.advance(RejectedMessage.size)
    }

    /// The instrument, which is listed.
    func instrument(_ id: UInt32) -> UnsafeMutablePointer<Instrument> {
        precondition(id < instrumentCount, "an unknown instrument")
        return instruments + Int(id)
    }
}
