import Wire

/// Which parts of the state records may have changed: a pure function of the records, and all that a `StateTree` looks
/// at again. The venue's own part always counts as changed.
///
/// A record stands for itself only together with the records of the command that it goes on with: an effect of a
/// continuation need not name the account that signed. A state is defined between commands, so whoever adds records
/// in their order and asks for a root where it is defined has them all.
public struct TouchedParts: Equatable, Sendable {
    /// In any order, several times at will.
    public private(set) var accounts: [UInt32] = []
    public private(set) var instruments: [UInt32] = []
    public private(set) var assets: [UInt32] = []
    /// Deposit references that are new.
    public private(set) var references: [Bytes32] = []

    public init() {}

    /// What one record may have changed. It was replayed: its effects are what the venue made.
    public init(_ record: RecordView) { add(record) }

    public var isEmpty: Bool { accounts.isEmpty && instruments.isEmpty && assets.isEmpty && references.isEmpty }

    /// Forgets everything, and keeps the memory.
    public mutating func removeAll() {
        accounts.removeAll(keepingCapacity: true)
        instruments.removeAll(keepingCapacity: true)
        assets.removeAll(keepingCapacity: true)
        references.removeAll(keepingCapacity: true)
    }

    /// Adds what a record may have changed.
    public mutating func add(_ record: RecordView) {
        add(kind: record.kind, command: record.command, effects: record.effects)
    }

    /// Adds what a record of these parts may have changed.
    public mutating func add(kind: RecordKind?, command: UnsafeRawPointer, effects: EffectCursor) {
        switch kind {
        case .genesis: accounts += [WellKnownAccount.fees, WellKnownAccount.venueOperator, WellKnownAccount.settlement]
        // The nonce mark of the key moves whatever happens.
        case .command: accounts.append(CommandHeader(command).account)
        default: break
        }
        var effects = effects
        while let effect = effects.read() { add(effect, command) }
        if accounts.count + instruments.count + assets.count > compactAt { compact() }
    }

    static let compactAtLeast = 1 << 18
    private var compactAt = compactAtLeast

    /// Bounds the memory by what there is.
    private mutating func compact() {
        accounts = Self.unique(accounts)
        instruments = Self.unique(instruments)
        assets = Self.unique(assets)
        compactAt = max(Self.compactAtLeast, 4 * (accounts.count + instruments.count + assets.count))
    }

    /// Sorted, each once.
    static func unique(_ ids: [UInt32]) -> [UInt32] {
        var sorted = ids.sorted()
        var count = 0
        for index in sorted.indices where count == 0 || sorted[count - 1] != sorted[index] {
            sorted[count] = sorted[index]
            count += 1
        }
        sorted.removeSubrange(count...)
        return sorted
    }

    private mutating func add(_ effect: Effect, _ command: UnsafeRawPointer) {
        switch effect.template {
        case Template.executed:
            let executed = ExecutedMessage(effect.base)
            accounts += [executed.takerAccount, executed.makerAccount, WellKnownAccount.fees]
            if instruments.last != executed.instrument { instruments.append(executed.instrument) }
        case Template.accepted: accounts.append(AcceptedMessage(effect.base).account)
        case Template.cancelled: accounts.append(CancelledMessage(effect.base).account)
        case Template.replaced: accounts.append(ReplacedMessage(effect.base).account)
        case Template.accountCreated: accounts.append(AccountCreatedMessage(effect.base).newAccount)
        case Template.keyAdded: accounts.append(KeyAddedMessage(effect.base).account)
        case Template.keyRevoked: accounts.append(KeyRevokedMessage(effect.base).account)
        case Template.assetListed: assets.append(AssetListedMessage(effect.base).asset)
        case Template.instrumentListed: instruments.append(InstrumentListedMessage(effect.base).instrument)
        case Template.balanceChanged: add(BalanceChangedMessage(effect.base), command)
        default: addAdministration(effect)
        }
    }

    private mutating func add(_ changed: BalanceChangedMessage, _ command: UnsafeRawPointer) {
        accounts.append(changed.account)
        assets.append(changed.asset)
        if changed.cause == .deposit { references.append(DepositMessage(command).reference) }
    }

    private mutating func addAdministration(_ effect: Effect) {
        switch effect.template {
        case Template.tradingStateChanged:
            let changed = TradingStateChangedMessage(effect.base)
            if changed.instrument != Null.u32 { instruments.append(changed.instrument) }
        case Template.killSwitchChanged:
            let changed = KillSwitchChangedMessage(effect.base)
            if changed.target != Null.u32 { accounts.append(changed.target) }
        case Template.limitsChanged:
            let changed = LimitsChangedMessage(effect.base)
            if changed.scope == .account { accounts.append(changed.target) } else { instruments.append(changed.target) }
        case Template.venueKeyRotated:
            switch VenueKeyRotatedMessage(effect.base).purpose {
            case .venueOperator: accounts += [WellKnownAccount.fees, WellKnownAccount.venueOperator]
            case .settlement: accounts.append(WellKnownAccount.settlement)
            default: break
            }
        default: break
        }
    }
}
