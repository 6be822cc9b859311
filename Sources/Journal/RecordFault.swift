import CPlatform
import Cryptography
import Wire

/// Why bytes are not the next record of a journal.
public enum RecordFault: String, Equatable, Sendable, CaseIterable, CustomStringConvertible {
    case unwritten = "nothing is written"
    case reserved = "it was begun and not committed"
    case length = "its length and complement do not agree, or no record has that length"
    case sizes = "the sizes of its parts do not add up to its length"
    case hash = "its hash does not hold"
    case sequence = "it has another sequence"
    case previousHash = "it does not follow from the record before"
    case epoch = "its epoch went back"
    case time = "its time went back"
    case padding = "its padding is not zero"

    public var description: String { rawValue }

    /// Whether a writer that stopped between two stores leaves this behind.
    var isUncommitted: Bool { self == .unwritten || self == .reserved }
}

/// What the next record has to follow from.
public struct ChainState: Equatable, Sendable {
    /// Sequence that comes next.
    public var nextSequence: UInt64
    /// Hash of the record before; zero before the first.
    public var previousHash: Bytes32
    /// Time of the record before, ns; 0 before the first.
    public var time: UInt64 = 0
    /// Epoch of the record before; 0 before the first.
    public var epoch: UInt32 = 0
    /// Whether that epoch began with continuations, and has no restart record yet.
    public private(set) var startIsUnfinished = false

    /// Before the record `nextSequence`.
    public init(nextSequence: UInt64 = 1, previousHash: Bytes32 = .zero) {
        self.nextSequence = nextSequence
        self.previousHash = previousHash
    }

    /// Goes past a record that was checked.
    mutating func advance(over record: RecordView) {
        nextSequence += 1
        previousHash = record.hash
        time = record.time
        startIsUnfinished = record.kind == .continuation && (startIsUnfinished || record.epoch != epoch)
        epoch = record.epoch
    }

    /// Why the record at `base` is not the next one; nil when it is.
    ///
    /// `base` is aligned to 8 and `Limits.recordBytesMax` bytes may be read from it. The length word is loaded with
    /// acquire, so that a committed record is seen whole while another process writes.
    func fault(at base: UnsafeRawPointer, hashing: Bool = true) -> RecordFault? {
        if let fault = Self.ownFault(at: base, hashing: hashing) { return fault }
        let record = RecordView(base)
        if record.sequence != nextSequence { return .sequence }
        if record.previousHash != previousHash { return .previousHash }
        if record.epoch < epoch { return .epoch }
        if record.time < time { return .time }
        return nil
    }

    /// What is wrong with the record at `base` by itself, whatever stands before it; nil when it holds.
    static func ownFault(at base: UnsafeRawPointer, hashing: Bool) -> RecordFault? {
        switch LengthWord(platform_load_acquire_u64(base)) {
        case .unwritten: return .unwritten
        case .reserved: return .reserved
        case .broken: return .length
        case .committed: break
        }
        let record = RecordView(base)
        if !record.sizesAddUp { return .sizes }
        if hashing, !hashHolds(record) { return .hash }
        if !paddingIsZero(record) { return .padding }
        return nil
    }

    private static func hashHolds(_ record: RecordView) -> Bool {
        let hashed = record.length - RecordLayout.hashBytes
        return Blake2b256.hash(record.base, count: hashed).matches(record.base + hashed)
    }

    private static func paddingIsZero(_ record: RecordView) -> Bool {
        let length = record.commandLength
        for offset in length..<RecordLayout.padded(length)
        where record.command.load(fromByteOffset: offset, as: UInt8.self) != 0 {
            return false
        }
        return true
    }
}
