import Wire

/// One function per reply. Values of enumerations were written by the venue and are known; a record that holds others
/// was refused long before.
extension Reply {
    func encodeAccepted(_ place: UnsafeMutableRawPointer, _ durability: Durability, _ resent: UInt8) {
        let from = AcceptedMessage(effect.base)
        OrderAcceptedMessage.encode(
            at: place, account: account, index: index, sequence: record.sequence, time: record.time,
            entry: from.entry, durability: durability, resent: resent, orderId: from.orderId,
            clientOrderId: from.clientOrderId, instrument: from.instrument, priceTicks: from.priceTicks,
            quantityLots: from.quantityLots, side: known(from.side), orderType: known(from.orderType),
            timeInForce: known(from.timeInForce))
    }

    func encodeRejected(_ place: UnsafeMutableRawPointer, _ durability: Durability, _ resent: UInt8) {
        let from = RejectedMessage(effect.base)
        CommandRejectedMessage.encode(
            at: place, account: account, index: index, sequence: record.sequence, time: record.time,
            entry: from.entry, durability: durability, resent: resent, clientOrderId: from.clientOrderId,
            orderId: from.orderId, nonce: command.nonce, expected: from.expected, reason: known(from.reason),
            templateId: command.templateId)
    }

    func encodeExecuted(_ place: UnsafeMutableRawPointer, _ durability: Durability, _ resent: UInt8) {
        let from = ExecutedMessage(effect.base)
        let takerSide = known(from.takerSide)
        let isMaker = isSecond
        OrderExecutedMessage.encode(
            at: place, account: account, index: index, sequence: record.sequence, time: record.time,
            // The entry belongs to the taker's batch; the maker has none.
            entry: isMaker ? Null.u16 : from.entry, durability: durability, resent: resent,
            orderId: isMaker ? from.makerOrderId : from.takerOrderId,
            clientOrderId: isMaker ? from.makerClientOrderId : from.takerClientOrderId,
            matchNumber: from.matchNumber, priceTicks: from.priceTicks, quantityLots: from.quantityLots,
            leavesLots: isMaker ? from.makerLeavesLots : from.takerLeavesLots, instrument: from.instrument,
            fee: isMaker ? from.makerFee : from.takerFee,
            feeAsset: isMaker ? from.makerFeeAsset : from.takerFeeAsset,
            side: isMaker ? (takerSide == .buy ? .sell : .buy) : takerSide, liquidity: isMaker ? .maker : .taker)
    }

    func encodeCancelled(_ place: UnsafeMutableRawPointer, _ durability: Durability, _ resent: UInt8) {
        let from = CancelledMessage(effect.base)
        OrderCancelledMessage.encode(
            at: place, account: account, index: index, sequence: record.sequence, time: record.time,
            entry: from.entry, durability: durability, resent: resent, orderId: from.orderId,
            clientOrderId: from.clientOrderId, instrument: from.instrument, priceTicks: from.priceTicks,
            quantityLots: from.quantityLots, leavesLots: from.leavesLots, reason: known(from.reason),
            side: known(from.side))
    }

    func encodeReplaced(_ place: UnsafeMutableRawPointer, _ durability: Durability, _ resent: UInt8) {
        let from = ReplacedMessage(effect.base)
        OrderReplacedMessage.encode(
            at: place, account: account, index: index, sequence: record.sequence, time: record.time,
            entry: from.entry, durability: durability, resent: resent, originalOrderId: from.originalOrderId,
            orderId: from.orderId, originalClientOrderId: from.originalClientOrderId,
            clientOrderId: from.clientOrderId, instrument: from.instrument, priceTicks: from.priceTicks,
            quantityLots: from.quantityLots, side: known(from.side),
            keptPriority: from.flags.contains(.keptPriority) ? 1 : 0)
    }

    func encodeBalance(_ place: UnsafeMutableRawPointer, _ durability: Durability, _ resent: UInt8) {
        let from = BalanceChangedMessage(effect.base)
        BalanceUpdateMessage.encode(
            at: place, account: account, index: index, sequence: record.sequence, time: record.time,
            entry: Null.u16, durability: durability, resent: resent, asset: from.asset, cause: known(from.cause),
            amount: from.amount, available: from.available, held: from.held)
    }

    func encodeCommandAccepted(_ place: UnsafeMutableRawPointer, _ durability: Durability, _ resent: UInt8) {
        let isMassCancel = effect.template == Template.massCancelCompleted
        CommandAcceptedMessage.encode(
            at: place, account: account, index: index, sequence: record.sequence, time: record.time,
            entry: Null.u16, durability: durability, resent: resent, nonce: command.nonce, subject: subject,
            templateId: command.templateId,
            value: isMassCancel ? UInt64(MassCancelCompletedMessage(effect.base).cancelled) : 0)
    }

    /// What the command was about; 0 when that has no number.
    private var subject: UInt32 {
        let place = effect.base
        return switch effect.template {
        case Template.massCancelCompleted: MassCancelCompletedMessage(place).account
        case Template.accountCreated: AccountCreatedMessage(place).newAccount
        case Template.keyAdded: UInt32(KeyAddedMessage(place).slot)
        case Template.keyRevoked: UInt32(KeyRevokedMessage(place).slot)
        case Template.balanceChanged: BalanceChangedMessage(place).account
        case Template.assetListed: AssetListedMessage(place).asset
        case Template.instrumentListed: InstrumentListedMessage(place).instrument
        case Template.tradingStateChanged: TradingStateChangedMessage(place).instrument
        case Template.killSwitchChanged: KillSwitchChangedMessage(place).target
        case Template.limitsChanged: LimitsChangedMessage(place).target
        case Template.venueKeyRotated: UInt32(VenueKeyRotatedMessage(place).slot)
        default: 0
        }
    }

    private func known<Value>(_ value: Value?) -> Value {
        guard let value else { preconditionFailure("a journaled effect with an unknown value") }
        return value
    }
}
