import Wire

/// The rules a second time (`../Venue/Rules.md`), for auditors: sorted arrays, dictionaries, and one obvious line for
/// each sentence. It shares formats with the venue, and no code.
///
/// A command is carried out whole; its effects are then dealt out over records, unit by unit (REC-5).
public struct Reference: ReplayVenue {
    let genesis: [UInt8]
    let accountsMax: UInt32, keySlots: UInt32, assetsMax: UInt32, instrumentsMax: UInt32
    let ordersMax: UInt32, levelsMax: UInt32, referencesMax: UInt32, openOrdersMax: UInt32

    var accounts: [UInt32: Account] = [:]
    var assets: [Asset] = []
    var listings: [Listing] = []
    var orders: [UInt64: Order] = [:]
    /// Order id by account and client order id.
    var names: [Name: UInt64] = [:]
    var references: Set<Bytes32> = []
    var venueKeys: [VenueKeyPurpose: Bytes32] = [:]
    var state = TradingState.continuous
    var isBlocked = false
    public internal(set) var feedGeneration: UInt32 = 0
    var lastOrderId: UInt64 = 0
    var lastMatchNumber: UInt64 = 0

    /// Assets whose balances the last record changed.
    var moved: [UInt32] = []

    /// Effects that are not written yet.
    var units = Units()
    /// Sequence of a command that is not done.
    public internal(set) var pendingCause: UInt64?

    /// A client order id of an account.
    struct Name: Hashable {
        var account: UInt32
        var clientOrderId: UInt64
    }

    /// A venue of the capacities of genesis.
    public init(genesis message: GenesisMessage) {
        genesis = Array(UnsafeRawBufferPointer(start: message.base, count: GenesisMessage.size))
        accountsMax = message.accountsMax
        keySlots = message.keySlots
        assetsMax = message.assetsMax
        instrumentsMax = message.instrumentsMax
        ordersMax = message.ordersMax
        levelsMax = message.levelsMax
        referencesMax = message.referencesMax
        openOrdersMax = message.openOrdersMax
    }

    /// Highest nonce that a key has used; nil when the slot was never used.
    public func nonceMark(account: UInt32, slot: UInt16) -> UInt64? { accounts[account]?.keys[slot]?.nonceMark }

    /// Applies a record's command (REC-1). What a record must not be is checked by who replays.
    public mutating func apply(_ command: Command, into effects: inout EffectWriter) -> Progress {
        if command.kind != .continuation { units = Units() }
        moved.removeAll(keepingCapacity: true)
        switch command.kind {
        case .genesis: begin(GenesisMessage(command.message))
        case .restart: restart(RestartMessage(command.message))
        case .tick, .continuation: break
        case .command: carryOut(command)
        }
        if units.write(to: &effects) {
            pendingCause = nil
            return .done
        }
        if pendingCause == nil { pendingCause = command.sequence }
        return .more
    }

    /// REC-2.
    private mutating func begin(_ message: GenesisMessage) {
        venueKeys = [
            .venueOperator: message.operatorKey, .log: message.logKey, .receipt: message.receiptKey,
            .settlement: message.settlementKey,
        ]
        for (account, key) in [(0, message.operatorKey), (1, message.operatorKey), (2, message.settlementKey)] {
            open(UInt32(account), key)
        }
        startSession(1)
    }

    /// REC-3.
    private mutating func restart(_ message: RestartMessage) {
        if message.feedGeneration == feedGeneration { return }
        if state == .endOfMessages { state = .closed }
        startSession(message.feedGeneration)
    }

    private mutating func startSession(_ generation: UInt32) {
        feedGeneration = generation
        units.begin()
        units.add(FeedSessionStartedMessage.size) { FeedSessionStartedMessage.encode(at: $0, generation: generation) }
    }

    /// A new account: its owner key is in slot 0.
    mutating func open(_ account: UInt32, _ ownerKey: Bytes32) {
        accounts[account] = Account(openOrdersMax: openOrdersMax, keys: [0: Key(bytes: ownerKey, flags: 0)])
    }

    /// Writes Rejected, in a unit of its own (CMD).
    mutating func reject(_ refusal: Refusal, _ origin: Origin) {
        units.begin()
        units.add(RejectedMessage.size) {
            RejectedMessage.encode(
                at: $0, account: origin.account, reason: refusal.reason, entry: origin.entry,
                clientOrderId: origin.clientOrderId, orderId: origin.orderId, expected: refusal.expected)
        }
    }

    // MARK: Money

    func available(_ account: UInt32, _ asset: UInt32) -> Amount {
        accounts[account]?.balances[asset]?.available ?? 0
    }

    mutating func addAvailable(_ account: UInt32, _ asset: UInt32, _ amount: Amount) {
        accounts[account]!.balances[asset, default: Funds()].available += amount
        count(asset, amount)
        precondition(available(account, asset) >= 0, "nobody pays what they do not have")
    }

    mutating func addHeld(_ account: UInt32, _ asset: UInt32, _ amount: Amount) {
        accounts[account]!.balances[asset, default: Funds()].held += amount
        count(asset, amount)
        precondition(accounts[account]!.balances[asset]!.held >= 0, "no more is released than is held")
    }

    private mutating func count(_ asset: UInt32, _ amount: Amount) {
        assets[Int(asset)].balances += amount
        if moved.last != asset { moved.append(asset) }
    }
}
