import Wire

/// CMD-3 and BAT-2, from the tables of the schema: every field by its type, in the order of the offsets.
struct FieldRules {
    /// What a field may hold.
    private enum Rule {
        /// 0: it is reserved.
        case zero
        /// One byte, one of these; some are reserved; null where the schema says so.
        case values(allowed: [UInt8], reserved: [UInt8], mayBeNull: Bool)
        /// No other bits than these; some are reserved.
        case bits(allowed: UInt16, reserved: UInt16)
        /// At most this.
        case atMost(UInt64)
        /// The null value of a reserved field.
        case null(UInt64)
        /// A trading state, of an instrument or, in SetTradingState without one, of the venue.
        case state
        /// Four printable characters.
        case printable
        /// The sequence of a record before this one: they begin with 1.
        case earlier
    }

    /// A field that may not hold everything.
    private struct Field {
        var offset: Int
        var size: Int
        var rule: Rule
    }

    /// By template: made once, from the schema's own tables.
    private static let messages: [UInt16: [Field]] = Dictionary(
        uniqueKeysWithValues: FieldTables.orderEntry.map { message in
            let fields = message.fields.compactMap { field in
                rule(field, of: message.templateId).map {
                    Field(offset: field.offset, size: field.size, rule: $0)
                }
            }
            return (message.templateId, fields)
        })

    private static func rule(_ field: FieldDescription, of template: UInt16) -> Rule? {
        if field.name.hasPrefix("reserved") { return .zero }
        switch (template, field.name) {
        case (Template.createAccount, "flags"): return .zero
        case (Template.killSwitch, "engage"): return .atMost(1)
        case (Template.setTradingState, "state"), (Template.listInstrument, "state"): return .state
        case (Template.setTradingState, "reason"): return .printable
        case (Template.stateCommitment, "through"): return .earlier
        case (Template.newOrder, "expiry"): return .null(Null.u64)
        case (Template.newOrder, "displayLots"), (Template.newOrder, "minimumLots"),
            (Template.newOrder, "stopPriceTicks"):
            return .null(UInt64(Null.u32))
        default: return rule(ofType: field.type, mayBeNull: field.optional)
        }
    }

    /// Enumerations and sets: the values that the schema has, allowed and reserved ones.
    private static func rule(ofType type: String, mayBeNull: Bool) -> Rule? {
        func values(_ allowed: [UInt8], _ reserved: [UInt8] = []) -> Rule {
            .values(allowed: allowed, reserved: reserved, mayBeNull: mayBeNull)
        }
        return switch type {
        case "Side": values([1, 2])
        case "OrderType": values([1, 2], [3, 4])
        case "TimeInForce": values([1, 3, 4], [0, 6])
        case "SelfTradePrevention": values([1, 2, 3, 4])
        case "FeeMode", "LimitScope": values([1, 2])
        case "VenueKeyPurpose": values([1, 2, 3, 4])
        case "BatchEntryKind": values([1, 2, 3])
        case "KeyFlags", "ReplaceFlags": .bits(allowed: 1, reserved: 0)
        case "OrderFlags": .bits(allowed: 1, reserved: 2)
        default: nil
        }
    }

    /// The first field of a command that is refused.
    static func refusal(_ command: Command) -> Refusal? {
        guard let fields = messages[command.template] else { preconditionFailure("a command of an unknown template") }
        for field in fields {
            let value = number(command.message, field.offset, field.size)
            if let reason = reason(field.rule, value, command) { return Refusal(reason, UInt64(field.offset)) }
        }
        return nil
    }

    private static func reason(_ rule: Rule, _ value: UInt64, _ command: Command) -> Reason? {
        switch rule {
        case .zero: return value == 0 ? nil : .invalidField
        case .atMost(let most): return value <= most ? nil : .invalidField
        case .null(let null): return value == null ? nil : .unsupportedFeature
        case .earlier: return value > 0 && value < command.sequence ? nil : .invalidField
        case .printable:
            let bytes = (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * UInt64($0))) }
            return bytes.allSatisfy { (0x20...0x7E).contains($0) } ? nil : .invalidField
        case .state:
            let isVenue =
                command.template == Template.setTradingState
                && SetTradingStateMessage(command.message).instrument == Null.u32
            return stateReason(UInt8(value), isVenue: isVenue)
        case .values, .bits: return typeReason(rule, value)
        }
    }

    private static func typeReason(_ rule: Rule, _ value: UInt64) -> Reason? {
        switch rule {
        case .values(let allowed, let reserved, let mayBeNull):
            if mayBeNull && value == UInt64(Null.u8) { return nil }
            if reserved.contains(UInt8(value)) { return .unsupportedFeature }
            return allowed.contains(UInt8(value)) ? nil : .invalidField
        case .bits(let allowed, let reserved):
            if UInt16(value) & ~(allowed | reserved) != 0 { return .invalidField }
            return UInt16(value) & reserved == 0 ? nil : .unsupportedFeature
        default: preconditionFailure("no rule of a type")
        }
    }

    private static func stateReason(_ value: UInt8, isVenue: Bool) -> Reason? {
        switch TradingState(rawValue: value) {
        case .closed, .continuous, .cancelOnly, .halted: nil
        case .endOfMessages: isVenue ? nil : .invalidField
        case nil: .invalidField
        default: .unsupportedFeature
        }
    }

    /// A field of a batch entry, and the kinds that name it.
    private struct EntryField {
        var offset: Int
        var size: Int
        var type: String
        var kinds: [BatchEntryKind]
        /// Its rule in a new order, and in a replace.
        var ofNew: Rule?
        var ofReplace: Rule?

        init(_ offset: Int, _ size: Int, _ type: String, _ kinds: [BatchEntryKind]) {
            (self.offset, self.size, self.type, self.kinds) = (offset, size, type, kinds)
            ofNew = rule(ofType: type == "flags" ? "OrderFlags" : type, mayBeNull: false)
            ofReplace = rule(ofType: type == "flags" ? "ReplaceFlags" : type, mayBeNull: false)
        }
    }

    private static let entry: [EntryField] = [
        EntryField(0, 1, "BatchEntryKind", [.new, .cancel, .replace]), EntryField(1, 1, "Side", [.new]),
        EntryField(2, 1, "OrderType", [.new]), EntryField(3, 1, "TimeInForce", [.new]),
        EntryField(4, 1, "SelfTradePrevention", [.new]), EntryField(5, 1, "zero", []),
        EntryField(6, 2, "flags", [.new, .replace]), EntryField(8, 4, "", [.new]),
        EntryField(12, 4, "", [.new, .replace]), EntryField(16, 4, "", [.new, .replace]),
        EntryField(20, 4, "zero", []), EntryField(24, 8, "", [.new, .cancel, .replace]),
        EntryField(32, 8, "", [.cancel, .replace]), EntryField(40, 8, "", [.replace]),
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
            } else if let kind, field.type != "flags", !field.kinds.contains(kind) {
                reason = value == null ? nil : .invalidField
            } else if let rule = kind == .new ? field.ofNew : field.ofReplace {
                reason = typeReason(rule, value)
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
