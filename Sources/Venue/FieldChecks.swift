import Wire

/// Field values of commands (CMD-3, BAT-2): in the order of the offsets, the first that fails decides.
enum FieldChecks {
    /// Why a command's fields are refused; entries of a batch are checked when their turn comes.
    static func refusal(_ command: Command) -> Refusal? {
        let base = command.message
        guard zero16(base, 14) else { return .field(14) }
        switch command.template {
        case Template.newOrder: return newOrder(base)
        case Template.cancelOrder, Template.deposit: return nil
        case Template.replaceOrder: return replaceOrder(base)
        case Template.massCancel: return massCancel(base)
        case Template.batch: return zero32(base, 32) ? nil : .field(32)
        case Template.createAccount: return zero32(base, 36) ? nil : .field(36)
        case Template.addTradingKey: return addTradingKey(base)
        case Template.revokeTradingKey: return zero16(base, 34) ? zero32(base, 36) ? nil : .field(36) : .field(34)
        case Template.withdraw: return zero32(base, 36) ? nil : .field(36)
        case Template.listAsset: return zero8(base, 37) ? zero16(base, 38) ? nil : .field(38) : .field(37)
        case Template.listInstrument: return listInstrument(base)
        case Template.setTradingState: return setTradingState(base)
        case Template.killSwitch: return killSwitch(base)
        case Template.setLimits: return setLimits(base)
        case Template.rotateVenueKey: return rotateVenueKey(base)
        case Template.stateCommitment:
            let through = StateCommitmentMessage(base).through
            return through > 0 && through < command.sequence ? nil : .field(32)
        default: preconditionFailure("a command of an unknown template is never journaled")
        }
    }

    // MARK: Trading

    private static func newOrder(_ base: UnsafeRawPointer) -> Refusal? {
        let order = NewOrderMessage(base)
        if let refusal = orderKind(base, side: 36) { return refusal }
        guard order.expiry == Null.u64 else { return .unsupported(56) }
        guard order.displayLots == Null.u32 else { return .unsupported(64) }
        guard order.minimumLots == Null.u32 else { return .unsupported(68) }
        guard order.stopPriceTicks == Null.u32 else { return .unsupported(72) }
        if let refusal = orderFlags(order.flags.rawValue, 76) { return refusal }
        return zero16(base, 78) ? nil : .field(78)
    }

    /// Side, order type, time in force and self-trade prevention, one byte each.
    private static func orderKind(_ base: UnsafeRawPointer, side at: Int) -> Refusal? {
        guard Side(rawValue: u8(base, at)) != nil else { return .field(at) }
        guard let type = OrderType(rawValue: u8(base, at + 1)) else { return .field(at + 1) }
        guard type == .market || type == .limit else { return .unsupported(at + 1) }
        guard let time = TimeInForce(rawValue: u8(base, at + 2)) else { return .field(at + 2) }
        guard time != .day && time != .goodTillDate else { return .unsupported(at + 2) }
        return SelfTradePrevention(rawValue: u8(base, at + 3)) != nil ? nil : .field(at + 3)
    }

    private static func orderFlags(_ flags: UInt16, _ offset: Int) -> Refusal? {
        let known = OrderFlags.postOnly.rawValue | OrderFlags.postOnlySlide.rawValue
        guard flags & ~known == 0 else { return .field(offset) }
        return flags & OrderFlags.postOnlySlide.rawValue == 0 ? nil : .unsupported(offset)
    }

    private static func replaceOrder(_ base: UnsafeRawPointer) -> Refusal? {
        let flags = ReplaceOrderMessage(base).flags.rawValue
        guard flags & ~ReplaceFlags.losePriority.rawValue == 0 else { return .field(64) }
        return zero16(base, 66) ? zero32(base, 68) ? nil : .field(68) : .field(66)
    }

    private static func massCancel(_ base: UnsafeRawPointer) -> Refusal? {
        let side = u8(base, 36)
        guard side == Null.u8 || Side(rawValue: side) != nil else { return .field(36) }
        return zero8(base, 37) ? zero16(base, 38) ? nil : .field(38) : .field(37)
    }

    /// An entry of a batch; `at` is its offset in the message.
    static func refusal(entry base: UnsafeRawPointer, at: Int) -> Refusal? {
        guard let kind = BatchEntryKind(rawValue: u8(base, 0)) else { return .field(at) }
        let entry = BatchEntry(base)
        if kind == .new {
            if let refusal = orderKind(base, side: 1) { return Refusal(refusal.reason, refusal.expected + UInt64(at)) }
        } else {
            for offset in 1...4 where u8(base, offset) != Null.u8 { return .field(at + offset) }
        }
        guard zero8(base, 5) else { return .field(at + 5) }
        switch kind {
        case .new: if let refusal = orderFlags(entry.flags, at + 6) { return refusal }
        case .cancel: guard entry.flags == 0 else { return .field(at + 6) }
        case .replace: guard entry.flags & ~ReplaceFlags.losePriority.rawValue == 0 else { return .field(at + 6) }
        }
        if kind != .new && entry.instrument != Null.u32 { return .field(at + 8) }
        if kind == .cancel && entry.priceTicks != Null.u32 { return .field(at + 12) }
        if kind == .cancel && entry.quantityLots != Null.u32 { return .field(at + 16) }
        guard zero32(base, 20) else { return .field(at + 20) }
        if kind == .new && entry.orderId != Null.u64 { return .field(at + 32) }
        if kind != .replace && entry.newClientOrderId != Null.u64 { return .field(at + 40) }
        return nil
    }

    // MARK: Administration

    private static func addTradingKey(_ base: UnsafeRawPointer) -> Refusal? {
        guard u16(base, 34) & ~KeyFlags.custodial.rawValue == 0 else { return .field(34) }
        return zero32(base, 36) ? nil : .field(36)
    }

    private static func listInstrument(_ base: UnsafeRawPointer) -> Refusal? {
        guard FeeMode(rawValue: u8(base, 100)) != nil else { return .field(100) }
        if let refusal = instrumentState(u8(base, 101), 101) { return refusal }
        return zero16(base, 102) ? nil : .field(102)
    }

    private static func instrumentState(_ raw: UInt8, _ offset: Int) -> Refusal? {
        switch TradingState(rawValue: raw) {
        case .closed, .continuous, .cancelOnly, .halted: nil
        case .endOfMessages, nil: .field(offset)
        case .preOpen, .openingAuction, .volatilityHalt, .closingAuction: .unsupported(offset)
        }
    }

    private static func setTradingState(_ base: UnsafeRawPointer) -> Refusal? {
        let isVenue = SetTradingStateMessage(base).instrument == Null.u32
        if !(isVenue && u8(base, 36) == TradingState.endOfMessages.rawValue),
            let refusal = instrumentState(u8(base, 36), 36)
        {
            return refusal
        }
        guard zero8(base, 37) else { return .field(37) }
        guard zero16(base, 38) else { return .field(38) }
        for offset in 40..<44 where !(0x20...0x7E).contains(u8(base, offset)) { return .field(40) }
        return zero32(base, 44) ? nil : .field(44)
    }

    private static func killSwitch(_ base: UnsafeRawPointer) -> Refusal? {
        guard u8(base, 36) <= 1 else { return .field(36) }
        return zero8(base, 37) ? zero16(base, 38) ? nil : .field(38) : .field(37)
    }

    private static func setLimits(_ base: UnsafeRawPointer) -> Refusal? {
        guard LimitScope(rawValue: u8(base, 32)) != nil else { return .field(32) }
        guard zero8(base, 33) else { return .field(33) }
        guard zero16(base, 34) else { return .field(34) }
        return zero32(base, 60) ? nil : .field(60)
    }

    private static func rotateVenueKey(_ base: UnsafeRawPointer) -> Refusal? {
        guard VenueKeyPurpose(rawValue: u8(base, 32)) != nil else { return .field(32) }
        guard zero8(base, 33) else { return .field(33) }
        return zero32(base, 36) ? nil : .field(36)
    }

    // MARK: Reading

    private static func u8(_ base: UnsafeRawPointer, _ offset: Int) -> UInt8 {
        base.load(fromByteOffset: offset, as: UInt8.self)
    }
    private static func u16(_ base: UnsafeRawPointer, _ offset: Int) -> UInt16 {
        base.loadUnaligned(fromByteOffset: offset, as: UInt16.self)
    }
    private static func zero8(_ base: UnsafeRawPointer, _ offset: Int) -> Bool { u8(base, offset) == 0 }
    private static func zero16(_ base: UnsafeRawPointer, _ offset: Int) -> Bool { u16(base, offset) == 0 }
    private static func zero32(_ base: UnsafeRawPointer, _ offset: Int) -> Bool {
        base.loadUnaligned(fromByteOffset: offset, as: UInt32.self) == 0
    }
}
