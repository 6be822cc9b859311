import Wire

/// CMD-3 and BAT-2, from the tables of the schema: every field by its type, in the order of the offsets.
struct FieldRules {
    private static let messages: [UInt16: MessageDescription] = Dictionary(
        uniqueKeysWithValues: FieldTables.orderEntry.map { ($0.templateId, $0) })

    /// Values of enumerations that the schema has: allowed, and reserved ones.
    private static func values(_ type: String) -> (allowed: Set<UInt8>, reserved: Set<UInt8>)? {
        switch type {
        case "Side": ([1, 2], [])
        case "OrderType": ([1, 2], [3, 4])
        case "TimeInForce": ([1, 3, 4], [0, 6])
        case "SelfTradePrevention": ([1, 2, 3, 4], [])
        case "FeeMode", "LimitScope": ([1, 2], [])
        case "VenueKeyPurpose": ([1, 2, 3, 4], [])
        case "BatchEntryKind": ([1, 2, 3], [])
        default: nil
        }
    }

    /// Bits of sets: allowed, and reserved ones.
    private static func bits(_ type: String) -> (allowed: UInt16, reserved: UInt16)? {
        switch type {
        case "KeyFlags", "ReplaceFlags": (1, 0)
        case "OrderFlags": (1, 2)
        default: nil
        }
    }

    /// The first field of a command that is refused.
    static func refusal(_ command: Command) -> Refusal? {
        guard let message = messages[command.template] else { preconditionFailure("a command of an unknown template") }
        for field in message.fields {
            if let reason = reason(field, command) { return Refusal(reason, UInt64(field.offset)) }
        }
        return nil
    }

    private static func reason(_ field: FieldDescription, _ command: Command) -> Reason? {
        let value = number(command.message, field.offset, field.size)
        if field.name.hasPrefix("reserved") { return value == 0 ? nil : .invalidField }
        switch (command.template, field.name) {
        case (Template.createAccount, "flags"): return value == 0 ? nil : .invalidField
        case (Template.killSwitch, "engage"): return value <= 1 ? nil : .invalidField
        case (Template.setTradingState, "state"):
            let isVenue = SetTradingStateMessage(command.message).instrument == Null.u32
            return stateReason(UInt8(value), isVenue: isVenue)
        case (Template.listInstrument, "state"): return stateReason(UInt8(value), isVenue: false)
        case (Template.setTradingState, "reason"):
            let bytes = (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
            return bytes.allSatisfy { (0x20...0x7E).contains($0) } ? nil : .invalidField
        case (Template.stateCommitment, "through"): return value < command.sequence ? nil : .invalidField
        case (Template.newOrder, "expiry"): return value == Null.u64 ? nil : .unsupportedFeature
        case (Template.newOrder, "displayLots"), (Template.newOrder, "minimumLots"),
            (Template.newOrder, "stopPriceTicks"):
            return value == UInt64(Null.u32) ? nil : .unsupportedFeature
        default: return typeReason(field.type, value, mayBeNull: field.optional)
        }
    }

    private static func typeReason(_ type: String, _ value: UInt64, mayBeNull: Bool) -> Reason? {
        if let (allowed, reserved) = values(type) {
            if mayBeNull && value == UInt64(Null.u8) { return nil }
            if reserved.contains(UInt8(value)) { return .unsupportedFeature }
            return allowed.contains(UInt8(value)) ? nil : .invalidField
        }
        if let (allowed, reserved) = bits(type) {
            if UInt16(value) & ~(allowed | reserved) != 0 { return .invalidField }
            return UInt16(value) & reserved == 0 ? nil : .unsupportedFeature
        }
        return nil
    }

    private static func stateReason(_ value: UInt8, isVenue: Bool) -> Reason? {
        switch TradingState(rawValue: value) {
        case .closed, .continuous, .cancelOnly, .halted: nil
        case .endOfMessages: isVenue ? nil : .invalidField
        case nil: .invalidField
        default: .unsupportedFeature
        }
    }

    /// Fields of a batch entry: name, offset, bytes, type, and the kinds that name it.
    private static let entry: [(offset: Int, size: Int, type: String, kinds: Set<BatchEntryKind>)] = [
        (0, 1, "BatchEntryKind", [.new, .cancel, .replace]), (1, 1, "Side", [.new]), (2, 1, "OrderType", [.new]),
        (3, 1, "TimeInForce", [.new]), (4, 1, "SelfTradePrevention", [.new]), (5, 1, "zero", []),
        (6, 2, "flags", [.new, .replace]), (8, 4, "", [.new]), (12, 4, "", [.new, .replace]),
        (16, 4, "", [.new, .replace]), (20, 4, "zero", []), (24, 8, "", [.new, .cancel, .replace]),
        (32, 8, "", [.cancel, .replace]), (40, 8, "", [.replace]),
    ]

    /// The first field of a batch entry that is refused (BAT-2). `at` is the entry's offset in the message.
    static func refusal(entry base: UnsafeRawPointer, at: Int) -> Refusal? {
        let kind = BatchEntryKind(rawValue: base.load(as: UInt8.self))
        for field in entry {
            let value = number(base, field.offset, field.size)
            let null = field.size == 8 ? UInt64.max : 1 << (8 * UInt64(field.size)) - 1
            var reason: Reason?
            if field.type == "zero" || field.type == "flags" && kind == .cancel {
                reason = value == 0 ? nil : .invalidField
            } else if field.type == "flags" {
                reason = typeReason(kind == .new ? "OrderFlags" : "ReplaceFlags", value, mayBeNull: false)
            } else if let kind, !field.kinds.contains(kind) {
                reason = value == null ? nil : .invalidField
            } else {
                reason = typeReason(field.type, value, mayBeNull: false)
            }
            if let reason { return Refusal(reason, UInt64(at + field.offset)) }
        }
        return nil
    }

    private static func number(_ base: UnsafeRawPointer, _ offset: Int, _ size: Int) -> UInt64 {
        var value: UInt64 = 0
        for index in 0..<min(size, 8) {
            value |= UInt64(base.load(fromByteOffset: offset + index, as: UInt8.self)) << (8 * UInt64(index))
        }
        return value
    }
}
