import Cryptography

/// What an auditor trusts, and has from outside: never from what is audited.
///
/// A text file of UTF-8, at most 65,536 bytes, one entry a line, in any order; empty lines and lines that begin with
/// `#` are passed over. One space separates the parts of an entry, and nothing else stands in a line:
///
/// | Line | Times | Is |
/// |---|---|---|
/// | `venue <64 hexadecimal digits>` | once | id of the venue: BLAKE2b-256 of the genesis body |
/// | `log <vkey>` | 1 to 16 | a verifier key of the log (signed-note), type 1; its name is the log's origin |
/// | `witness <vkey>` | 0 to 63 | a witness's verifier key, type 4 (`cosignature/v1`) |
/// | `quorum <decimal>` | at most once | cosignatures that a checkpoint needs; 0 when the line is missing |
///
/// A log whose key was replaced (rule ACC-4) has a line for each key that is still to be believed, all of one name.
/// Which of them was in force at a checkpoint says the history; what is judged without a history may be signed by any.
///
/// Keys of operator, receipts and settlement are not in it: the genesis message holds them, and its hash is the venue
/// id.
public struct Anchors: Equatable, Sendable {
    /// Largest file, bytes.
    public static let byteCountMax = 65_536
    /// Most witnesses.
    public static let witnessesMax = 63
    /// Most keys of the log.
    public static let logsMax = 16

    /// BLAKE2b-256 of the genesis body.
    public let venue: Hash256
    /// The log's keys, at least one, of one name and each only once.
    public let logs: [VerifierKey]
    /// The witnesses' keys.
    public let witnesses: [VerifierKey]
    /// Cosignatures of different witnesses that a checkpoint needs.
    public let quorum: Int

    /// Anchors of these parts.
    ///
    /// - Throws: what does not fit together.
    public init(
        venue: Hash256, logs: [VerifierKey], witnesses: [VerifierKey] = [], quorum: Int = 0
    ) throws(AnchorsError) {
        guard let first = logs.first else { throw .missing("log") }
        for (index, log) in logs.enumerated() {
            guard log.kind == .ed25519 else { throw .kind(log.name, expected: 1) }
            guard log.name.utf8.elementsEqual(first.name.utf8) else { throw .origin(log.name, expected: first.name) }
            guard !logs[..<index].contains(where: { $0.id == log.id }) else { throw .twice("log") }
        }
        guard witnesses.count <= Self.witnessesMax, logs.count <= Self.logsMax else { throw .tooMany }
        for (index, witness) in witnesses.enumerated() {
            guard witness.kind == .cosignature else { throw .kind(witness.name, expected: 4) }
            let others = logs + witnesses[..<index]
            guard !others.contains(where: { $0.key == witness.key || $0.name == witness.name }) else {
                throw .twice(witness.name)
            }
        }
        guard (0...witnesses.count).contains(quorum) else { throw .quorum(quorum, witnesses: witnesses.count) }
        self.venue = venue
        self.logs = logs
        self.witnesses = witnesses
        self.quorum = quorum
    }

    /// Anchors of a log whose key was never replaced.
    public init(venue: Hash256, log: VerifierKey, witnesses: [VerifierKey] = [], quorum: Int = 0) throws(AnchorsError) {
        try self.init(venue: venue, logs: [log], witnesses: witnesses, quorum: quorum)
    }

    /// Name of the log, and of its keys.
    public var origin: String { logs[0].name }

    /// Reads the bytes of a file.
    public init(_ bytes: [UInt8]) throws(AnchorsError) {
        guard bytes.count <= Self.byteCountMax else { throw .tooMany }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .line(1, "UTF-8") }
        var venue: Hash256?, quorum: Int?
        var logs: [VerifierKey] = [], witnesses: [VerifierKey] = []
        for (index, line) in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated() {
            guard line.last != 0x0D else { throw .line(index + 1, "lines that end with LF, not with CR LF") }
            if line.isEmpty || line.first == UInt8(ascii: "#") { continue }
            let entry = String(line)?.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false) ?? []
            guard entry.count == 2 else { throw .line(index + 1, "venue, log, witness or quorum, and a value") }
            switch entry[0] {
            case "venue":
                guard venue == nil else { throw .twice("venue") }
                guard let id = Hash256(hexadecimal: entry[1]) else {
                    throw .line(index + 1, "venue and 64 hexadecimal digits")
                }
                venue = id
            case "log": logs.append(try Self.key(entry[1], index + 1))
            case "witness": witnesses.append(try Self.key(entry[1], index + 1))
            case "quorum":
                guard quorum == nil else { throw .twice("quorum") }
                guard let number = Self.decimal(entry[1]) else { throw .line(index + 1, "quorum and a number") }
                quorum = number
            default: throw .line(index + 1, "venue, log, witness or quorum")
            }
        }
        guard let venue else { throw .missing("venue") }
        try self.init(venue: venue, logs: logs, witnesses: witnesses, quorum: quorum ?? 0)
    }

    private static func key(_ text: Substring, _ line: Int) throws(AnchorsError) -> VerifierKey {
        do throws(LogError) { return try VerifierKey(text) } catch { throw .key(line, error) }
    }

    private static func decimal(_ text: Substring) -> Int? {
        guard (1...2).contains(text.utf8.count), text == "0" || text.first != "0",
            text.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return Int(text)
    }

    /// The file, as `init` reads it.
    public var text: String {
        let keys = logs.map { "log \($0)\n" } + witnesses.map { "witness \($0)\n" }
        return "venue \(venue.hexadecimal)\n\(keys.joined())quorum \(quorum)\n"
    }
}

/// Why anchors are refused.
public enum AnchorsError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A line (from 1) is not what was expected.
    case line(Int, String)
    /// A line (from 1) has a key that is none.
    case key(Int, LogError)
    /// An entry that has to be there is missing.
    case missing(String)
    /// An entry, a key or a name of a key stands there twice.
    case twice(String)
    /// Keys of the log have different names.
    case origin(String, expected: String)
    /// A key is of another type.
    case kind(String, expected: UInt8)
    /// More witnesses are asked for than there are.
    case quorum(Int, witnesses: Int)
    /// Too many bytes, witnesses or keys of the log.
    case tooMany

    public var description: String {
        switch self {
        case .line(let line, let expected): "anchors, line \(line): expected \(expected)"
        case .key(let line, let error): "anchors, line \(line): \(error)"
        case .missing(let entry): "anchors: no line `\(entry) …`"
        case .twice(let entry): "anchors: \(entry) stands there twice"
        case .origin(let name, let expected): "anchors: log keys of \(expected) and of \(name): of one log only"
        case .kind(let name, let expected): "anchors: the key \(name) is not of type \(expected)"
        case .quorum(let quorum, let witnesses): "anchors: a quorum of \(quorum) out of \(witnesses) witnesses"
        case .tooMany:
            "anchors: more than \(Anchors.byteCountMax) bytes, \(Anchors.witnessesMax) witnesses or "
                + "\(Anchors.logsMax) log keys"
        }
    }
}
