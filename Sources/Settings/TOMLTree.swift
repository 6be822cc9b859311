import TOMLKit

/// A TOML document as plain values, taken out of the parser's memory at once.
enum TOMLTree: Equatable {
    case integer(Int)
    case string(String)
    case boolean(Bool)
    case float(Double)
    case time
    case array([TOMLTree])
    case table([String: TOMLTree])

    /// Parses a document.
    static func parse(_ text: String) throws(SettingsError) -> [String: TOMLTree] {
        // The parser takes a C string and would not see what follows a zero byte.
        guard !text.utf8.contains(0) else {
            throw .syntax(line: 1, column: 1, reason: "the text contains a zero byte")
        }
        do {
            return entries(try TOMLTable(string: text))
        } catch {
            guard let error = error as? TOMLParseError else {
                throw .syntax(line: 1, column: 1, reason: "\(error)")
            }
            let begin = error.source.begin
            throw .syntax(line: begin.line, column: begin.column, reason: error.description)
        }
    }

    private static func entries(_ table: TOMLTable) -> [String: TOMLTree] {
        var entries: [String: TOMLTree] = [:]
        for (key, value) in table { entries[key] = convert(value) }
        return entries
    }

    private static func convert(_ value: any TOMLValueConvertible) -> TOMLTree {
        switch value.type {
        case .int: .integer(value.int!)
        case .string: .string(value.string!)
        case .bool: .boolean(value.bool!)
        case .double: .float(value.double!)
        case .date, .time, .dateTime: .time
        case .array: .array(value.array!.map { convert($0) })
        case .table: .table(entries(value.table!))
        }
    }

    /// What an error calls a value of this type.
    var typeName: String {
        switch self {
        case .integer: "an integer"
        case .string: "a string"
        case .boolean: "a boolean"
        case .float: "a floating-point number"
        case .time: "a date or time"
        case .array: "a list"
        case .table: "a table"
        }
    }
}
