import Wire

/// A field of a decoded message.
public struct DecodedField: Equatable, Sendable {
    /// What a field holds.
    public enum Value: Equatable, Sendable {
        case unsigned(UInt64)
        case signed(Int64)
        /// An enum value, a symbol.
        case text(String)
        /// Lower-case hexadecimal digits.
        case bytes(String)
        /// The null value of an optional field.
        case absent
    }

    /// Name in the schema.
    public let name: String
    /// Offset from the start of the record, bytes.
    public let offset: Int
    /// Bytes.
    public let size: Int
    public let value: Value
    /// Whether the schema keeps it for later: shown only with offsets.
    public var isReserved: Bool { name.hasPrefix("reserved") }
}

/// A decoded SBE message of a record: the command, an entry of a batch, or an effect.
public struct DecodedMessage: Equatable, Sendable {
    /// Name in the schema; `unknown` for a template that this version does not know.
    public let name: String
    /// Offset of its SBE header (of an entry: of its first byte) from the start of the record, bytes.
    public let offset: Int
    /// Fields of the SBE header and, of a batch, of the group's header; an entry has none.
    public let header: [DecodedField]
    public let fields: [DecodedField]
    /// Entries of a batch.
    public let entries: [DecodedMessage]
}

/// A record with everything in it, by the field tables of `Wire`. For tools; not for hot code.
public struct DecodedRecord: Sendable {
    public let head: [DecodedField]
    public let kind: String
    public let sequence: UInt64
    public let command: DecodedMessage
    /// The client's signature, as hexadecimal digits; nil where the node itself is the author.
    public let signature: String?
    public let effects: [DecodedMessage]
    /// Hash of the record, as hexadecimal digits.
    public let hash: String

    /// Decodes a record whose structure was checked.
    public init(_ record: RecordView) {
        let reader = FieldReader(base: record.base)
        sequence = record.sequence
        kind = record.kind.map { "\($0)" } ?? "unknown"
        head = RecordTables.head.map { reader.field($0, at: 0) }
        let isClient = record.kind == .command
        command = reader.message(
            at: RecordLayout.body, limit: record.messageLength,
            tables: isClient ? RecordTables.orderEntry : RecordTables.journal)
        let signatureOffset = RecordLayout.body + record.messageLength
        signature = isClient ? reader.hexadecimal(signatureOffset, Limits.signatureBytes) : nil
        var effects: [DecodedMessage] = []
        var cursor = record.effects
        while let effect = cursor.read() {
            effects.append(
                reader.message(
                    at: UnsafeRawPointer(effect.base) - record.base, limit: effect.size, tables: RecordTables.journal))
        }
        if !cursor.isAtEnd {
            // What the tables do not know ends what can be told apart.
            let read = effects.reduce(0) { $0 + RecordTables.size(of: $1) }
            let start = record.effectsBase - record.base
            effects.append(reader.unknown(at: start + read, count: record.effectsLength - read))
        }
        self.effects = effects
        hash = reader.hexadecimal(record.length - RecordLayout.hashBytes, RecordLayout.hashBytes)
    }

    /// Every message of the record, entries of a batch included.
    public var messages: [DecodedMessage] { [command] + command.entries + effects }
}

/// The field tables by template, and the head of a record as one.
enum RecordTables {
    static let orderEntry = byTemplate(FieldTables.orderEntry)
    static let journal = byTemplate(FieldTables.journal)

    struct HeadField: Sendable {
        let name: String, type: String, offset: Int, size: Int
    }

    static let head: [HeadField] = [
        HeadField(name: "length", type: "uint32", offset: RecordLayout.length, size: 4),
        HeadField(name: "complement", type: "uint32", offset: RecordLayout.complement, size: 4),
        HeadField(name: "sequence", type: "uint64", offset: RecordLayout.sequence, size: 8),
        HeadField(name: "time", type: "uint64", offset: RecordLayout.time, size: 8),
        HeadField(name: "arrivalTime", type: "uint64", offset: RecordLayout.arrivalTime, size: 8),
        HeadField(name: "arrivalTicket", type: "uint64", offset: RecordLayout.arrivalTicket, size: 8),
        HeadField(name: "epoch", type: "uint32", offset: RecordLayout.epoch, size: 4),
        HeadField(name: "kind", type: "uint16", offset: RecordLayout.kind, size: 2),
        HeadField(name: "flags", type: "uint16", offset: RecordLayout.flags, size: 2),
        HeadField(name: "feedSequence", type: "uint64", offset: RecordLayout.feedSequence, size: 8),
        HeadField(name: "commandLength", type: "uint32", offset: RecordLayout.commandLength, size: 4),
        HeadField(name: "effectsLength", type: "uint32", offset: RecordLayout.effectsLength, size: 4),
        HeadField(name: "previousHash", type: "bytes32", offset: RecordLayout.previousHash, size: 32),
    ]

    static let messageHeader: [HeadField] = [
        HeadField(name: "blockLength", type: "uint16", offset: 0, size: 2),
        HeadField(name: "templateId", type: "uint16", offset: 2, size: 2),
        HeadField(name: "schemaId", type: "uint16", offset: 4, size: 2),
        HeadField(name: "version", type: "uint16", offset: 6, size: 2),
    ]

    /// Header of the group of a batch, offsets from the batch's SBE header.
    static let groupHeader: [HeadField] = [
        HeadField(name: "entryBlockLength", type: "uint16", offset: 36, size: 2),
        HeadField(name: "entryCount", type: "uint16", offset: 38, size: 2),
    ]

    /// Bytes of an effect that was decoded by its table.
    static func size(of message: DecodedMessage) -> Int {
        let block = FieldTables.journal.first { $0.name == message.name }?.blockLength
        return block.map { MessageHeader.size + $0 } ?? 0
    }

    private static func byTemplate(_ messages: [MessageDescription]) -> [UInt16: MessageDescription] {
        Dictionary(uniqueKeysWithValues: messages.map { ($0.templateId, $0) })
    }
}

/// Reads fields of a record by their descriptions.
struct FieldReader {
    let base: UnsafeRawPointer

    func field(_ description: RecordTables.HeadField, at start: Int) -> DecodedField {
        DecodedField(
            name: description.name, offset: start + description.offset, size: description.size,
            value: value(description.type, start + description.offset, description.size, optional: false))
    }

    func message(at offset: Int, limit: Int, tables: [UInt16: MessageDescription]) -> DecodedMessage {
        guard limit >= MessageHeader.size else { return unknown(at: offset, count: limit) }
        let header = MessageHeader(base + offset)
        guard let table = tables[header.templateId], Int(header.blockLength) == table.blockLength,
            MessageHeader.size + table.blockLength <= limit
        else { return unknown(at: offset, count: limit) }
        if header.schemaId == MessageHeader.orderEntrySchema, table.templateId == Template.batch,
            limit >= BatchMessage.size
        {
            return batch(table, at: offset, limit: limit)
        }
        let fields = table.fields.map { field($0, at: offset) }
        return DecodedMessage(
            name: table.name, offset: offset, header: RecordTables.messageHeader.map { self.field($0, at: offset) },
            fields: fields, entries: [])
    }

    /// A batch: its group's header and its entries besides its fields.
    private func batch(_ table: MessageDescription, at offset: Int, limit: Int) -> DecodedMessage {
        let batch = BatchMessage(base + offset)
        let count = min(Int(batch.entryCount), (limit - BatchMessage.size) / BatchEntry.size)
        let entries = (0..<count).map { index in
            let start = batch.entry(index).base - base
            let fields = FieldTables.batchEntry.map { field($0, at: start) }
            return DecodedMessage(name: "entry\(index)", offset: start, header: [], fields: fields, entries: [])
        }
        let header = RecordTables.messageHeader + RecordTables.groupHeader
        return DecodedMessage(
            name: table.name, offset: offset, header: header.map { field($0, at: offset) },
            fields: table.fields.map { field($0, at: offset) }, entries: entries)
    }

    func unknown(at offset: Int, count: Int) -> DecodedMessage {
        let bytes = DecodedField(
            name: "bytes", offset: offset, size: count, value: .bytes(hexadecimal(offset, count)))
        return DecodedMessage(name: "unknown", offset: offset, header: [], fields: [bytes], entries: [])
    }

    private func field(_ description: FieldDescription, at start: Int) -> DecodedField {
        DecodedField(
            name: description.name, offset: start + description.offset, size: description.size,
            value: value(
                description.type, start + description.offset, description.size, optional: description.optional))
    }

    private func value(_ type: String, _ offset: Int, _ size: Int, optional: Bool) -> DecodedField.Value {
        guard size <= 8 else { return .bytes(hexadecimal(offset, size)) }
        let number = unsigned(offset, size)
        if type == "symbol" || type == "char4" { return .text(FixedText.string(number, size)) }
        if type.hasPrefix("int") {
            let value = Int64(truncatingIfNeeded: number << UInt64(64 - 8 * size)) >> Int64(64 - 8 * size)
            return optional && number == 1 << UInt64(8 * size - 1) ? .absent : .signed(value)
        }
        if optional, number == UInt64.max >> UInt64(64 - 8 * size) { return .absent }
        if type == "Reason", let reason = Reason(rawValue: UInt16(number)) { return .text("\(reason)") }
        if let name = FieldTables.enumNames[type]?[number] { return .text(name) }
        return .unsigned(number)
    }

    private func unsigned(_ offset: Int, _ size: Int) -> UInt64 {
        (0..<size).reduce(0) { number, index in
            number | UInt64(base.load(fromByteOffset: offset + index, as: UInt8.self)) << UInt64(8 * index)
        }
    }

    func hexadecimal(_ offset: Int, _ count: Int) -> String {
        let digits: [Character] = Array("0123456789abcdef")
        var text = ""
        for index in 0..<count {
            let byte = base.load(fromByteOffset: offset + index, as: UInt8.self)
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
        return text
    }
}
