import Cryptography

/// What a file of evidence is about.
public enum EvidenceKind: UInt16, CaseIterable, Sendable {
    /// Two signed heads of one size with different roots.
    case equivocation = 1
    /// Two signed heads of different sizes; the newer one proves another root for the older size.
    case rewrittenHistory = 2
    /// A receipt whose record is not in the log, or was not in time.
    case omission = 3
    /// Records that contradict the rules, replayed from a committed state or from the beginning.
    case replay = 4
    /// Records that contradict each other, or themselves, without a replay.
    case records = 5
    /// A batch that a state commitment names and that holds other bytes than the log.
    case data = 6
    /// A committed state whose liabilities are not deposits minus withdrawals.
    case liabilities = 7
    /// A record that is later than the cosignatures of heads that hold it.
    case clock = 8

    /// The name that is printed.
    public var name: String {
        switch self {
        case .equivocation: "equivocation"
        case .rewrittenHistory: "rewritten history"
        case .omission: "omission"
        case .replay: "replay"
        case .records: "records"
        case .data: "data availability"
        case .liabilities: "liabilities"
        case .clock: "clock"
        }
    }
}

/// What a section of evidence holds; `Evidence.md` says so byte by byte.
public enum EvidenceSectionType: UInt16, CaseIterable, Sendable {
    /// A signed checkpoint, as it was published.
    case head = 1
    /// Consecutive records, and the proof that they are in the head before.
    case records = 2
    /// Leaf hashes of consecutive records, and the same proof.
    case leaves = 3
    /// A root that a head proves for a smaller size, with the consistency proof.
    case consistency = 4
    /// The canonical bytes of a state (rule STA-1).
    case state = 5
    /// A receipt.
    case receipt = 6
    /// A command and its signature, as they were sent.
    case command = 7
    /// A batch of the data availability layer.
    case batch = 8
    /// A balance proof.
    case balance = 9
    /// The genesis message, SBE header included: 224 bytes.
    case genesis = 10
}

/// A part of evidence: what it is, and its bytes.
public struct EvidenceSection: Equatable, Sendable {
    /// What it holds.
    public var type: EvidenceSectionType
    /// Its bytes; what they say is checked by who judges.
    public var bytes: [UInt8]

    /// A section of these bytes.
    public init(_ type: EvidenceSectionType, _ bytes: [UInt8]) {
        self.type = type
        self.bytes = bytes
    }
}

/// Why bytes are no evidence.
public enum EvidenceError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The bytes end too early.
    case truncated
    /// Bytes follow behind the end.
    case trailing
    /// It does not begin with `GLASSEVI`.
    case magic
    /// A version that this reader does not know.
    case version(UInt32)
    /// A kind that this reader does not know.
    case kind(UInt16)
    /// A type of section that this reader does not know.
    case section(UInt16)
    /// A count above its limit, or a reserved field that is not zero.
    case field

    public var description: String {
        switch self {
        case .truncated: "the bytes end too early"
        case .trailing: "bytes follow behind the end"
        case .magic: "it is no evidence"
        case .version(let found): "its version is \(found), and 1 is known"
        case .kind(let found): "its kind \(found) is not known"
        case .section(let found): "a section of type \(found), which is not known"
        case .field: "a count or a reserved field is out of range"
        }
    }
}

/// Evidence: signed statements of a venue that cannot all be true, in one file that needs nothing else but the anchors.
///
/// Integers little-endian:
///
/// | Offset | Size | Field |
/// |---|---|---|
/// | 0 | 8 | `GLASSEVI` |
/// | 8 | 4 | version: 1 |
/// | 12 | 2 | kind (`EvidenceKind`) |
/// | 14 | 2 | sections: 1 to 128 |
/// | 16 | | sections: u16 type, u16 zero, u32 length, then so many bytes |
public struct Evidence: Equatable, Sendable {
    /// Most sections.
    public static let sectionsMax = 128
    /// Largest file, bytes.
    public static let byteCountMax = 1 << 30
    static let magic = Array("GLASSEVI".utf8)
    static let version: UInt32 = 1

    /// What it is about.
    public var kind: EvidenceKind
    /// Its parts, in order.
    public var sections: [EvidenceSection]

    /// Evidence of these parts, 1 to 128.
    public init(_ kind: EvidenceKind, _ sections: [EvidenceSection]) {
        precondition((1...Self.sectionsMax).contains(sections.count), "evidence has 1 to 128 sections")
        self.kind = kind
        self.sections = sections
    }

    /// Reads the bytes of a file; what the sections say is not checked.
    public init(_ bytes: [UInt8]) throws(EvidenceError) {
        guard bytes.count <= Self.byteCountMax else { throw .field }
        var reader = ByteReader<EvidenceError>(bytes)
        guard try reader.bytes(8) == Self.magic else { throw .magic }
        let version = try reader.integer(UInt32.self)
        guard version == Self.version else { throw .version(version) }
        let number = try reader.integer(UInt16.self)
        guard let kind = EvidenceKind(rawValue: number) else { throw .kind(number) }
        let count = Int(try reader.integer(UInt16.self))
        guard (1...Self.sectionsMax).contains(count) else { throw .field }
        var sections: [EvidenceSection] = []
        for _ in 0..<count {
            let number = try reader.integer(UInt16.self)
            guard let type = EvidenceSectionType(rawValue: number) else { throw .section(number) }
            guard try reader.integer(UInt16.self) == 0 else { throw .field }
            let length = Int(try reader.integer(UInt32.self))
            sections.append(EvidenceSection(type, try reader.bytes(length)))
        }
        guard reader.remaining == 0 else { throw .trailing }
        self.init(kind, sections)
    }

    /// The bytes of the file.
    public var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes += Self.magic
        bytes.append(littleEndian: Self.version)
        bytes.append(littleEndian: kind.rawValue)
        bytes.append(littleEndian: UInt16(sections.count))
        for section in sections {
            bytes.append(littleEndian: section.type.rawValue)
            bytes.append(littleEndian: UInt16(0))
            bytes.append(littleEndian: UInt32(section.bytes.count))
            bytes += section.bytes
        }
        return bytes
    }
}
