/// Reads one table of the configuration: every key it may have is named when the reader is made, and has to be there.
struct TableReader {
    let path: String
    private let entries: [String: TOMLTree]

    /// - Parameters:
    ///   - path: full name of the table, empty for the document.
    ///   - keys: all the keys of the table.
    /// - Throws: `unknown` for a key that is not in `keys`. It is looked for before anything is missed, because a
    ///   misspelt key is both, and the misspelling is what the reader of the error can see.
    init(_ path: String, _ entries: [String: TOMLTree], keys: [String]) throws(SettingsError) {
        self.path = path
        self.entries = entries
        let missing = keys.filter { entries[$0] == nil }
        for key in entries.keys.sorted() where !keys.contains(key) {
            let nearest = Spelling.nearest(to: key, among: missing) ?? Spelling.nearest(to: key, among: keys)
            throw .unknown(key: name(key), suggestion: nearest.map(name))
        }
    }

    /// The full name of a key of this table.
    func name(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    private func value(_ key: String, expected: String) throws(SettingsError) -> TOMLTree {
        guard let value = entries[key] else { throw .missing(key: name(key), expected: expected) }
        return value
    }

    /// An integer of a range; `unit` says what it counts.
    func integer<Integer: FixedWidthInteger>(
        _ key: String, _ range: ClosedRange<Integer>, _ unit: String
    ) throws(SettingsError) -> Integer {
        let expected = "an integer from \(range.lowerBound) to \(range.upperBound) (\(unit))"
        let value = try value(key, expected: expected)
        guard case .integer(let number) = value else {
            throw .wrongType(key: name(key), expected: expected, found: value.typeName)
        }
        guard let integer = Integer(exactly: number), range.contains(integer) else {
            throw .invalid(key: name(key), expected: expected, found: "\(number)")
        }
        return integer
    }

    /// An integer of a range that passes a further test, which `expected` describes.
    func integer<Integer: FixedWidthInteger>(
        _ key: String, _ range: ClosedRange<Integer>, _ unit: String, _ expected: String,
        where isAllowed: (Integer) -> Bool
    ) throws(SettingsError) -> Integer {
        let integer = try integer(key, range, unit)
        guard isAllowed(integer) else {
            throw .invalid(key: name(key), expected: "\(expected) (\(unit))", found: "\(integer)")
        }
        return integer
    }

    /// A string that passes a test, which `expected` describes.
    func string(
        _ key: String, _ expected: String, where isAllowed: (String) -> Bool = { !$0.isEmpty }
    ) throws(SettingsError) -> String {
        let value = try value(key, expected: expected)
        guard case .string(let string) = value else {
            throw .wrongType(key: name(key), expected: expected, found: value.typeName)
        }
        guard isAllowed(string) else {
            throw .invalid(key: name(key), expected: expected, found: "\"\(string)\"")
        }
        return string
    }

    /// True or false.
    func boolean(_ key: String) throws(SettingsError) -> Bool {
        let expected = "true or false"
        let value = try value(key, expected: expected)
        guard case .boolean(let boolean) = value else {
            throw .wrongType(key: name(key), expected: expected, found: value.typeName)
        }
        return boolean
    }

    /// The name of a directory; a relative one is completed.
    func path(_ key: String, relativeTo directory: String) throws(SettingsError) -> String {
        let path = try string(key, "the name of a directory") { !$0.isEmpty && !$0.utf8.contains(0) }
        return path.hasPrefix("/") || directory == "." ? path : directory + "/" + path
    }

    /// One of the words of an enumeration.
    func word<Word: RawRepresentable & CaseIterable>(_ key: String) throws(SettingsError) -> Word
    where Word.RawValue == String {
        let string = try string(key, TableReader.words(Word.self)) { Word(rawValue: $0) != nil }
        return Word(rawValue: string)!
    }

    static func words<Word: RawRepresentable & CaseIterable>(_: Word.Type) -> String where Word.RawValue == String {
        "one of " + Word.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
    }

    /// A list; its elements are read by the caller, who has their full names.
    func list(_ key: String, _ expected: String) throws(SettingsError) -> [(name: String, value: TOMLTree)] {
        let value = try value(key, expected: expected)
        guard case .array(let elements) = value else {
            throw .wrongType(key: name(key), expected: expected, found: value.typeName)
        }
        return elements.enumerated().map { ("\(name(key))[\($0.offset)]", $0.element) }
    }

    /// A table.
    func table(_ key: String, keys: [String]) throws(SettingsError) -> TableReader {
        let expected = "a table [\(name(key))]"
        let value = try value(key, expected: expected)
        guard case .table(let entries) = value else {
            throw .wrongType(key: name(key), expected: expected, found: value.typeName)
        }
        return try TableReader(name(key), entries, keys: keys)
    }

    /// A list of tables.
    func tables(_ key: String, keys: [String]) throws(SettingsError) -> [TableReader] {
        let expected = "tables [[\(name(key))]]"
        var tables: [TableReader] = []
        for (name, value) in try list(key, expected) {
            guard case .table(let entries) = value else {
                throw .wrongType(key: name, expected: "a table [[\(self.name(key))]]", found: value.typeName)
            }
            tables.append(try TableReader(name, entries, keys: keys))
        }
        return tables
    }
}
