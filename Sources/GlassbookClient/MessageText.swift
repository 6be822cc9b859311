import Cryptography
import Wire

/// Messages as text: the schema's name of the message, then `name=value` for each of its fields, one space between.
/// Numbers are decimal; keys, hashes and references are hexadecimal; enumerations and reasons stand there by name. What
/// is absent is left out.
enum MessageText {
    /// A line of fields; those that are nil are left out.
    static func line(_ name: String, _ fields: KeyValuePairs<String, Any?>) -> String {
        fields.reduce(name) { line, field in field.value.map { "\(line) \(field.key)=\($0)" } ?? line }
    }

    /// The schema's name of a message.
    static func name(_ template: UInt16) -> String { description(template)?.name ?? "template\(template)" }

    /// A reason by its name; one that this client does not know by its number.
    static func reason(_ code: UInt16) -> String { Reason(rawValue: code).map { "\($0)" } ?? "\(code)" }

    /// The fields from `start` on of the message or entry at `base`.
    fileprivate static func fields(
        _ fields: [FieldDescription], from start: Int, at base: UnsafeRawPointer
    ) -> [String] {
        fields.compactMap { field in
            guard field.offset >= start, !field.name.hasPrefix("reserved") else { return nil }
            return value(field, base + field.offset).map { "\(field.name)=\($0)" }
        }
    }

    fileprivate static func description(_ template: UInt16) -> MessageDescription? {
        FieldTables.orderEntry.first { $0.templateId == template }
    }

    private static func value(_ field: FieldDescription, _ pointer: UnsafeRawPointer) -> String? {
        if field.size > 8 {
            return Hexadecimal.encode(UnsafeRawBufferPointer(start: pointer, count: field.size))
        }
        let bits = UInt64(8 * field.size)
        let number = (0..<field.size).reduce(0 as UInt64) { number, index in
            number | UInt64(pointer.load(fromByteOffset: index, as: UInt8.self)) << UInt64(8 * index)
        }
        if field.type == "symbol" || field.type == "char4" { return FixedText.string(number, field.size) }
        if field.type.hasPrefix("int") {
            if field.optional && number == 1 << (bits - 1) { return nil }
            return "\(Int64(truncatingIfNeeded: number << (64 - bits)) >> Int64(64 - bits))"
        }
        if field.optional && number == UInt64.max >> (64 - bits) { return nil }
        return FieldTables.enumNames[field.type]?[number] ?? "\(number)"
    }
}

extension CommandBody: CustomStringConvertible {
    /// The message and its own fields; those that every command has are its signer's.
    public var description: String {
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: messageBytes, alignment: 8)
        defer { memory.deallocate() }
        let name = MessageText.name(template)
        guard let base = memory.baseAddress, let table = MessageText.description(template) else { return name }
        let nobody = CommandSender(account: 0, keySlot: 0, nonce: 0, deadline: 0)
        do throws(ClientError) { try encode(at: base, nobody) } catch { return "\(name) (\(error))" }
        let start = MessageHeader.size + 24
        var parts = [name] + MessageText.fields(table.fields, from: start, at: base)
        if case .batch(let items) = self {
            for index in items.indices {
                let entry = base + BatchMessage.size + index * BatchEntry.size
                let fields = MessageText.fields(FieldTables.batchEntry, from: 0, at: entry)
                parts.append("entry\(index){\(fields.joined(separator: " "))}")
            }
        }
        return parts.joined(separator: " ")
    }
}

extension Reply: CustomStringConvertible {
    /// The message, whose it is, where it stands in the journal, and what it says.
    public var description: String {
        let head = MessageText.line(
            "",
            [
                "account": account, "sequence": number.sequence, "index": number.index, "entry": entry,
                "durability": durability, "resent": isResent ? 1 : nil,
            ])
        let words = body.description.split(separator: " ", maxSplits: 1)
        return words[0] + head + (words.count > 1 ? " " + words[1] : "")
    }
}

extension Reply.Body: CustomStringConvertible {
    /// The message and its own fields.
    public var description: String {
        switch self {
        case .orderAccepted(let body):
            MessageText.line(
                "OrderAccepted",
                [
                    "orderId": body.orderId, "clientOrderId": body.clientOrderId, "instrument": body.instrument,
                    "priceTicks": body.priceTicks, "quantityLots": body.quantityLots, "side": body.side,
                    "orderType": body.type, "timeInForce": body.timeInForce,
                ])
        case .commandRejected(let body):
            MessageText.line(
                "CommandRejected",
                [
                    "command": MessageText.name(body.template), "nonce": body.nonce, "code": body.reasonCode,
                    "reason": MessageText.reason(body.reasonCode), "expected": body.expected,
                    "clientOrderId": body.clientOrderId, "orderId": body.orderId,
                ])
        case .orderExecuted(let body):
            MessageText.line(
                "OrderExecuted",
                [
                    "orderId": body.orderId, "clientOrderId": body.clientOrderId, "instrument": body.instrument,
                    "matchNumber": body.matchNumber, "priceTicks": body.priceTicks, "quantityLots": body.quantityLots,
                    "leavesLots": body.leavesLots, "fee": body.fee, "feeAsset": body.feeAsset, "side": body.side,
                    "liquidity": body.liquidity,
                ])
        case .orderCancelled(let body):
            MessageText.line(
                "OrderCancelled",
                [
                    "orderId": body.orderId, "clientOrderId": body.clientOrderId, "instrument": body.instrument,
                    "priceTicks": body.priceTicks, "quantityLots": body.quantityLots, "leavesLots": body.leavesLots,
                    "reason": MessageText.reason(body.reasonCode), "side": body.side,
                ])
        case .orderReplaced(let body):
            MessageText.line(
                "OrderReplaced",
                [
                    "originalOrderId": body.originalOrderId, "orderId": body.orderId,
                    "originalClientOrderId": body.originalClientOrderId, "clientOrderId": body.clientOrderId,
                    "instrument": body.instrument, "priceTicks": body.priceTicks, "quantityLots": body.quantityLots,
                    "side": body.side, "keptPriority": body.keptPriority ? 1 : 0,
                ])
        case .commandAccepted(let body):
            MessageText.line(
                "CommandAccepted",
                [
                    "command": MessageText.name(body.template), "nonce": body.nonce,
                    "subject": body.subject == Null.u32 ? nil : body.subject,
                    "orders": body.template == Template.massCancel ? body.value : nil,
                ])
        case .balanceUpdate(let body):
            MessageText.line(
                "BalanceUpdate",
                [
                    "asset": body.asset, "cause": body.cause, "amount": body.amount, "available": body.available,
                    "held": body.held,
                ])
        }
    }
}

extension Message: CustomStringConvertible {
    /// The message and its fields.
    public var description: String {
        switch self {
        case .logonAccepted(let account, let keySlot, let nonceMark, let sequence):
            MessageText.line(
                "LogonAccepted",
                ["account": account, "keySlot": keySlot, "nonceMark": nonceMark, "sequence": sequence])
        case .logonRejected(let account, let reasonCode):
            MessageText.line(
                "LogonRejected",
                ["account": account, "code": reasonCode, "reason": MessageText.reason(reasonCode)])
        case .established(let sessionId, let accounts):
            MessageText.line("Established", ["sessionId": sessionId, "accounts": accounts])
        case .resumeComplete(let account, let throughSequence):
            MessageText.line("ResumeComplete", ["account": account, "throughSequence": throughSequence])
        case .reply(let reply): reply.description
        }
    }
}
