import Cryptography

/// What an auditor trusts, and has from outside: never from what is audited.
///
/// A text file of UTF-8, at most 65,536 bytes, one entry a line, in any order; empty lines and lines that begin with
/// `#` are passed over. One space separates the parts of an entry, and nothing else stands in a line:
///
/// | Line | Times | Is |
/// |---|---|---|
/// | `venue <64 hexadecimal digits>` | once | id of the venue: BLAKE2b-256 of the genesis body |
/// | `log <vkey>` | once | the log's verifier key (signed-note), type 1; its name is the log's origin |
/// | `witness <vkey>` | 0 to 63 | a witness's verifier key, type 4 (`cosignature/v1`) |
/// | `quorum <decimal>` | at most once | cosignatures that a checkpoint needs; 0 when the line is missing |
///
/// Keys of operator, receipts and settlement are not in it: the genesis message holds them, and its hash is the venue
/// id.
public struct Anchors: Equatable, Sendable {
    /// Largest file, bytes.
    public static let byteCountMax = 65_536
    /// Most witnesses.
    public static let witnessesMax = 63

    /// BLAKE2b-256 of the genesis body.
    public let venue: Hash256
    /// The log's key.
    public let log: VerifierKey
    /// The witnesses' keys.
    public let witnesses: [VerifierKey]
    /// Cosignatures of different witnesses that a checkpoint needs.
    public let quorum: Int

    /// Anchors of these parts.
    ///
    /// - Throws: what does not fit together.
    public init(venue: Hash256, log: VerifierKey, witnesses: [VerifierKey] = [], quorum: Int = 0) throws(AnchorsError) {
        guard log.kind == .ed25519 else { throw .kind(log.name, expected: 1) }
        guard witnesses.count <= Self.witnessesMax else { throw .tooMany }
        for (index, witness) in witnesses.enumerated() {
            guard witness.kind == .cosignature else { throw .kind(witness.name, expected: 4) }
            let others = [log] + witnesses[..<index]
            guard !others.contains(where: { $0.key == witness.key || $0.name == witness.name }) else {
                throw .twice(witness.name)
            }
        }
        guard (0...witnesses.count).contains(quorum) else { throw .quorum(quorum, witnesses: witnesses.count) }
        self.venue = venue
        self.log = log
        self.witnesses = witnesses
        self.quorum = quorum
    }

    /// Reads the bytes of a file.
    public init(_ bytes: [UInt8]) throws(AnchorsError) {
        guard bytes.count <= Self.byteCountMax else { throw .tooMany }
        guard let text = String(validating: bytes, as: UTF8.self) else { throw .line(1, "UTF-8") }
        var venue: Hash256?, log: VerifierKey?, quorum: Int?
        var witnesses: [VerifierKey] = []
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
            case "log":
                guard log == nil else { throw .twice("log") }
                log = try Self.key(entry[1], index + 1)
            case "witness": witnesses.append(try Self.key(entry[1], index + 1))
            case "quorum":
                guard quorum == nil else { throw .twice("quorum") }
                guard let number = Self.decimal(entry[1]) else { throw .line(index + 1, "quorum and a number") }
                quorum = number
            default: throw .line(index + 1, "venue, log, witness or quorum")
            }
        }
        guard let venue else { throw .missing("venue") }
        guard let log else { throw .missing("log") }
        try self.init(venue: venue, log: log, witnesses: witnesses, quorum: quorum ?? 0)
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
        let witnesses = witnesses.map { "witness \($0)\n" }.joined()
        return "venue \(venue.hexadecimal)\nlog \(log)\n\(witnesses)quorum \(quorum)\n"
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
    /// A key is of another type.
    case kind(String, expected: UInt8)
    /// More witnesses are asked for than there are.
    case quorum(Int, witnesses: Int)
    /// Too many bytes or witnesses.
    case tooMany

    public var description: String {
        switch self {
        case .line(let line, let expected): "anchors, line \(line): expected \(expected)"
        case .key(let line, let error): "anchors, line \(line): \(error)"
        case .missing(let entry): "anchors: no line `\(entry) …`"
        case .twice(let entry): "anchors: \(entry) stands there twice"
        case .kind(let name, let expected): "anchors: the key \(name) is not of type \(expected)"
        case .quorum(let quorum, let witnesses): "anchors: a quorum of \(quorum) out of \(witnesses) witnesses"
        case .tooMany: "anchors: more than \(Anchors.byteCountMax) bytes or \(Anchors.witnessesMax) witnesses"
        }
    }
}
