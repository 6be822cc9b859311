/// Why a configuration is refused: always which key, what was expected and what was found. The codes are stable.
public enum SettingsError: Error, Equatable, Sendable {
    /// The file cannot be read.
    case unreadable(path: String, reason: String)
    /// The text is not TOML.
    case syntax(line: Int, column: Int, reason: String)
    /// A key that has to be there is not.
    case missing(key: String, expected: String)
    /// A key that nobody reads: most likely a misspelling, of `suggestion` if there is one near enough.
    case unknown(key: String, suggestion: String?)
    /// A value of another TOML type.
    case wrongType(key: String, expected: String, found: String)
    /// A value of the right type that is not allowed.
    case invalid(key: String, expected: String, found: String)
    /// Values that are allowed each and not together.
    case inconsistent(key: String, reason: String)

    /// The stable number of the reason.
    public var code: Int {
        switch self {
        case .unreadable: 1
        case .syntax: 2
        case .missing: 3
        case .unknown: 4
        case .wrongType: 5
        case .invalid: 6
        case .inconsistent: 7
        }
    }

    /// The full name of the key concerned, such as `order_entry.port` or `venue.instrument[0].symbol`.
    public var key: String? {
        switch self {
        case .unreadable, .syntax: nil
        case .missing(let key, _), .unknown(let key, _), .wrongType(let key, _, _), .invalid(let key, _, _),
            .inconsistent(let key, _):
            key
        }
    }
}

extension SettingsError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .unreadable(let path, let reason):
            "\(path): cannot be read: \(reason)"
        case .syntax(let line, let column, let reason):
            "line \(line), column \(column): \(reason)"
        case .missing(let key, let expected):
            "\(key) is missing; expected \(expected)"
        case .unknown(let key, .some(let suggestion)):
            "\(key) is not a known key; did you mean \(suggestion)?"
        case .unknown(let key, .none):
            "\(key) is not a known key"
        case .wrongType(let key, let expected, let found):
            "\(key) is \(found); expected \(expected)"
        case .invalid(let key, let expected, let found):
            "\(key) = \(found); expected \(expected)"
        case .inconsistent(let key, let reason):
            "\(key): \(reason)"
        }
    }
}
