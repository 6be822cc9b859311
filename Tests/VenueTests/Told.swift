import Wire

/// An effect, as tests compare it: what a rule decides, without what is the same in every test.
enum Told: Equatable {
    case accepted(order: UInt64, price: UInt32, lots: UInt32)
    case rested(order: UInt64, price: UInt32, lots: UInt32)
    case executed(taker: UInt64, maker: UInt64, price: UInt32, lots: UInt32, takerFee: Int64 = 0, makerFee: Int64 = 0)
    case cancelled(order: UInt64, lots: UInt32, leaves: UInt32 = 0, Reason, displayed: Bool = true)
    case replaced(from: UInt64, to: UInt64, price: UInt32, lots: UInt32, before: UInt32, ReplacedFlags)
    case rejected(Reason, UInt64)
    case massCancelled(UInt32)
    case accountCreated(UInt32)
    case keyAdded(account: UInt32, slot: UInt16)
    case keyRevoked(account: UInt32, slot: UInt16)
    case balance(account: UInt32, asset: UInt32, change: Int64, available: UInt64, held: UInt64, BalanceCause)
    case assetListed(UInt32)
    case instrumentListed(UInt32)
    case state(UInt32?, TradingState)
    case killSwitch(UInt32?, engaged: Bool)
    case limits(UInt32, LimitScope)
    case venueKey(VenueKeyPurpose, slot: UInt16)
    case commitment(through: UInt64)
    case feedSession(UInt32)

    init(_ effect: Effect) {
        let base = effect.base
        switch effect.template {
        case Template.accepted, Template.rested, Template.executed, Template.cancelled, Template.replaced,
            Template.rejected, Template.massCancelCompleted:
            self = Self.trading(effect)
        case Template.accountCreated: self = .accountCreated(AccountCreatedMessage(base).newAccount)
        case Template.keyAdded:
            self = .keyAdded(account: KeyAddedMessage(base).account, slot: KeyAddedMessage(base).slot)
        case Template.keyRevoked:
            self = .keyRevoked(account: KeyRevokedMessage(base).account, slot: KeyRevokedMessage(base).slot)
        case Template.balanceChanged:
            let told = BalanceChangedMessage(base)
            self = .balance(
                account: told.account, asset: told.asset, change: told.amount, available: told.available,
                held: told.held, told.cause!)
        case Template.assetListed: self = .assetListed(AssetListedMessage(base).asset)
        case Template.instrumentListed: self = .instrumentListed(InstrumentListedMessage(base).instrument)
        case Template.tradingStateChanged:
            let told = TradingStateChangedMessage(base)
            self = .state(told.instrument == Null.u32 ? nil : told.instrument, told.state!)
        case Template.killSwitchChanged:
            let told = KillSwitchChangedMessage(base)
            self = .killSwitch(told.target == Null.u32 ? nil : told.target, engaged: told.engaged == 1)
        case Template.limitsChanged:
            self = .limits(LimitsChangedMessage(base).target, LimitsChangedMessage(base).scope!)
        case Template.venueKeyRotated:
            self = .venueKey(VenueKeyRotatedMessage(base).purpose!, slot: VenueKeyRotatedMessage(base).slot)
        case Template.commitmentAccepted: self = .commitment(through: CommitmentAcceptedMessage(base).through)
        case Template.feedSessionStarted: self = .feedSession(FeedSessionStartedMessage(base).generation)
        default: preconditionFailure("an effect of an unknown template \(effect.template)")
        }
    }

    private static func trading(_ effect: Effect) -> Told {
        let base = effect.base
        switch effect.template {
        case Template.accepted:
            let told = AcceptedMessage(base)
            return .accepted(order: told.orderId, price: told.priceTicks, lots: told.quantityLots)
        case Template.rested:
            let told = RestedMessage(base)
            return .rested(order: told.orderId, price: told.priceTicks, lots: told.quantityLots)
        case Template.executed:
            let told = ExecutedMessage(base)
            return .executed(
                taker: told.takerOrderId, maker: told.makerOrderId, price: told.priceTicks, lots: told.quantityLots,
                takerFee: told.takerFee, makerFee: told.makerFee)
        case Template.cancelled:
            let told = CancelledMessage(base)
            return .cancelled(
                order: told.orderId, lots: told.quantityLots, leaves: told.leavesLots, told.reason!,
                displayed: told.displayed == 1)
        case Template.replaced:
            let told = ReplacedMessage(base)
            return .replaced(
                from: told.originalOrderId, to: told.orderId, price: told.priceTicks, lots: told.quantityLots,
                before: told.originalQuantityLots, told.flags)
        case Template.rejected: return .rejected(RejectedMessage(base).reason!, RejectedMessage(base).expected)
        default: return .massCancelled(MassCancelCompletedMessage(base).cancelled)
        }
    }
}
