import Cryptography
import Wire

/// Prints records for people and for programs: one line, one JSON object, or every field with its offset.
public enum RecordPrinter {
    /// One line: sequence, time, kind, command, effects. Reserved fields and absent ones are left out.
    ///
    ///     7 2026-11-21T05:12:06.000001000Z epoch 1 command NewOrder{account=4 …} -> Accepted{…} Rested{…}
    public static func line(_ record: DecodedRecord) -> String {
        var text = "\(record.sequence) \(time(record)) epoch \(number(record, "epoch")) \(record.kind) "
        text += message(record.command)
        if !record.effects.isEmpty { text += " -> " + record.effects.map(message).joined(separator: " ") }
        return text
    }

    /// One JSON object on one line. Integers are JSON numbers of up to 64 bits; hashes, keys and signatures are
    /// hexadecimal strings; absent fields are null.
    public static func json(_ record: DecodedRecord) -> String {
        var parts = record.head.filter { $0.name != "complement" && $0.name != "kind" }.map(member)
        parts.insert("\"kind\":\(quoted(record.kind))", at: 1)
        parts.append("\"command\":\(json(record.command))")
        if let signature = record.signature { parts.append("\"signature\":\(quoted(signature))") }
        parts.append("\"effects\":[\(record.effects.map(json).joined(separator: ","))]")
        parts.append("\"hash\":\(quoted(record.hash))")
        return "{\(parts.joined(separator: ","))}"
    }

    /// Every field on a line of its own: offset in the record, bytes, name, value; reserved and absent ones as well.
    public static func table(_ record: DecodedRecord) -> String {
        var lines: [String] = []
        func add(_ offset: Int, _ size: Int, _ name: String, _ value: String) {
            lines.append("\(padded("\(offset)", 6)) \(padded("\(size)", 5))  \(name) \(value)")
        }
        func add(_ message: DecodedMessage, _ prefix: String) {
            lines.append("\(padded("\(message.offset)", 6))        \(prefix)\(message.name)")
            for field in message.header + message.fields {
                add(field.offset, field.size, "\(prefix)  \(field.name)", text(field.value))
            }
            for entry in message.entries { add(entry, prefix + "  ") }
        }
        lines.append("offset bytes  field value")
        for field in record.head { add(field.offset, field.size, field.name, text(field.value)) }
        add(record.command, "command ")
        let length = Int(number(record, "length")) ?? 0
        if let signature = record.signature {
            let offset = 96 + (Int(number(record, "commandLength")) ?? 64) - 64
            add(offset, 64, "signature", signature)
        }
        for effect in record.effects { add(effect, "effect ") }
        add(length - 32, 32, "hash", record.hash)
        return lines.joined(separator: "\n")
    }

    /// One effect: its name and fields.
    public static func effect(_ effect: Effect) -> String {
        message(FieldReader(base: effect.base).message(at: 0, limit: effect.size, tables: RecordTables.journal))
    }

    /// 64 lower-case hexadecimal digits.
    public static func hexadecimal(_ bytes: Bytes32) -> String { withUnsafeBytes(of: bytes) { Hexadecimal.encode($0) } }

    /// Nanoseconds since 1970 UTC as ISO 8601 with nine decimals.
    public static func timestamp(_ nanoseconds: UInt64) -> String {
        let seconds = nanoseconds / 1_000_000_000
        let (year, month, day) = civil(Int(seconds / 86_400))
        let second = seconds % 86_400
        let date = "\(digits(UInt64(year), 4))-\(digits(UInt64(month), 2))-\(digits(UInt64(day), 2))"
        let clock = "\(digits(second / 3600, 2)):\(digits(second / 60 % 60, 2)):\(digits(second % 60, 2))"
        return "\(date)T\(clock).\(digits(nanoseconds % 1_000_000_000, 9))Z"
    }

    private static func time(_ record: DecodedRecord) -> String { timestamp(UInt64(number(record, "time")) ?? 0) }

    /// Year, month and day of a day number since 1970-01-01: days counted from 1 March of year 0, in eras of 400 years.
    private static func civil(_ days: Int) -> (Int, Int, Int) {
        let shifted = days + 719_468
        let era = shifted / 146_097, dayOfEra = shifted % 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shiftedMonth = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
        let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }

    private static func number(_ record: DecodedRecord, _ name: String) -> String {
        record.head.first { $0.name == name }.map { text($0.value) } ?? ""
    }

    private static func message(_ message: DecodedMessage) -> String {
        let fields = message.fields.filter { !$0.isReserved && $0.value != .absent }
        var parts = fields.map { "\($0.name)=\(text($0.value))" }
        parts += message.entries.map(Self.message)
        return "\(message.name){\(parts.joined(separator: " "))}"
    }

    private static func json(_ message: DecodedMessage) -> String {
        var parts = ["\"message\":\(quoted(message.name))"]
        parts += message.fields.filter { !$0.isReserved }.map(member)
        if !message.entries.isEmpty {
            parts.append("\"entries\":[\(message.entries.map(json).joined(separator: ","))]")
        }
        return "{\(parts.joined(separator: ","))}"
    }

    private static func member(_ field: DecodedField) -> String {
        let value =
            switch field.value {
            case .unsigned(let number): "\(number)"
            case .signed(let number): "\(number)"
            case .text(let text), .bytes(let text): quoted(text)
            case .absent: "null"
            }
        return "\"\(field.name)\":\(value)"
    }

    private static func text(_ value: DecodedField.Value) -> String {
        switch value {
        case .unsigned(let number): "\(number)"
        case .signed(let number): "\(number)"
        case .text(let text), .bytes(let text): text
        case .absent: "-"
        }
    }

    /// Printable ASCII only stands in a record's texts; quotes and backslashes are the two that JSON escapes.
    private static func quoted(_ text: String) -> String {
        var result = "\""
        for character in text {
            if character == "\"" || character == "\\" { result.append("\\") }
            result.append(character)
        }
        return result + "\""
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.utf8.count)) + text
    }

    private static func digits(_ number: UInt64, _ width: Int) -> String {
        let text = "\(number)"
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
}
