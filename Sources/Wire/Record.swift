/// Where the parts of a journal record stand; the format is specified in `Journal.md`.
@frozen public enum RecordLayout {
    /// u32 length of the record, then its complement: one aligned word, stored last.
    public static let length = 0
    public static let complement = 4
    public static let sequence = 8
    public static let time = 16
    public static let arrivalTime = 24
    public static let arrivalTicket = 32
    public static let epoch = 40
    public static let kind = 44
    public static let flags = 46
    public static let feedSequence = 48
    public static let commandLength = 56
    public static let effectsLength = 60
    public static let previousHash = 64
    /// Command, then effects.
    public static let body = 96
    public static let hashBytes = 32
    /// Smallest record: head, previous hash, hash.
    public static let bytesMin = body + hashBytes

    /// Bytes of a command in a record, padding included.
    @inlinable public static func padded(_ bytes: Int) -> Int { (bytes + 7) & ~7 }
}

/// What stands in the command part of a record.
@frozen public enum RecordKind: UInt16, Sendable, CaseIterable {
    /// The first record: a genesis message of journal.xml.
    case genesis = 1
    /// The node started again: a restart message.
    case restart = 2
    /// A timer is due: a tick message.
    case tick = 3
    /// Goes on with an earlier command: a continuation message.
    case continuation = 4
    /// A client's message of order-entry.xml and its signature, verbatim.
    case command = 5
}

/// Flags of a record.
@frozen public struct RecordFlags: OptionSet, Sendable {
    public let rawValue: UInt16
    @inlinable public init(rawValue: UInt16) { self.rawValue = rawValue }
    /// The command carries signatures besides its own (proof of possession, rotation) and keys, and all of them hold.
    @inlinable public static var proofsHold: RecordFlags { RecordFlags(rawValue: 1) }
}

/// A whole record in memory, read in place. Its structure was checked by who made the view.
@frozen public struct RecordView {
    /// Where the length word stands.
    public let base: UnsafeRawPointer

    @inlinable public init(_ base: UnsafeRawPointer) { self.base = base }

    /// Bytes of the whole record.
    @inlinable public var length: Int { Int(base.loadUnaligned(fromByteOffset: RecordLayout.length, as: UInt32.self)) }
    /// Journal sequence, from 1.
    @inlinable public var sequence: UInt64 {
        base.loadUnaligned(fromByteOffset: RecordLayout.sequence, as: UInt64.self)
    }
    /// Sequencer time, ns Unix UTC; never goes back.
    @inlinable public var time: UInt64 { base.loadUnaligned(fromByteOffset: RecordLayout.time, as: UInt64.self) }
    /// When the command arrived, ns Unix UTC.
    @inlinable public var arrivalTime: UInt64 {
        base.loadUnaligned(fromByteOffset: RecordLayout.arrivalTime, as: UInt64.self)
    }
    /// Number of the arrival since the node started.
    @inlinable public var arrivalTicket: UInt64 {
        base.loadUnaligned(fromByteOffset: RecordLayout.arrivalTicket, as: UInt64.self)
    }
    /// Number of the start of the node.
    @inlinable public var epoch: UInt32 { base.loadUnaligned(fromByteOffset: RecordLayout.epoch, as: UInt32.self) }
    /// Kind; nil when it is unknown.
    @inlinable public var kind: RecordKind? {
        RecordKind(rawValue: base.loadUnaligned(fromByteOffset: RecordLayout.kind, as: UInt16.self))
    }
    /// Flags.
    @inlinable public var flags: RecordFlags {
        RecordFlags(rawValue: base.loadUnaligned(fromByteOffset: RecordLayout.flags, as: UInt16.self))
    }
    /// Sequence of the first market-data message of this record, or of the next one when it has none.
    @inlinable public var feedSequence: UInt64 {
        base.loadUnaligned(fromByteOffset: RecordLayout.feedSequence, as: UInt64.self)
    }
    /// Bytes of the command, signature included, padding not.
    @inlinable public var commandLength: Int {
        Int(base.loadUnaligned(fromByteOffset: RecordLayout.commandLength, as: UInt32.self))
    }
    /// Bytes of the effects.
    @inlinable public var effectsLength: Int {
        Int(base.loadUnaligned(fromByteOffset: RecordLayout.effectsLength, as: UInt32.self))
    }
    /// Hash of the record before.
    @inlinable public var previousHash: Bytes32 { Bytes32(from: base + RecordLayout.previousHash) }
    /// Where the command stands.
    @inlinable public var command: UnsafeRawPointer { base + RecordLayout.body }
    /// Bytes of the SBE message of the command, signature not included.
    @inlinable public var messageLength: Int {
        kind == .command ? commandLength - Limits.signatureBytes : commandLength
    }
    /// Where the effects stand.
    @inlinable public var effectsBase: UnsafeRawPointer {
        base + RecordLayout.body + RecordLayout.padded(commandLength)
    }
    /// The effects, in order.
    @inlinable public var effects: EffectCursor { EffectCursor(effectsBase, count: effectsLength) }
    /// Hash of this record.
    @inlinable public var hash: Bytes32 { Bytes32(from: base + length - RecordLayout.hashBytes) }

    /// Whether the sizes of the parts add up to `length`, which the memory holds: what a reader checks before the hash.
    @inlinable public var sizesAddUp: Bool {
        let command = commandLength, effects = effectsLength
        return command <= Limits.recordBytesMax && effects <= Limits.recordBytesMax && effects % 8 == 0
            && length == RecordLayout.bytesMin + RecordLayout.padded(command) + effects
            && !(kind == .command && command < Limits.signatureBytes + MessageHeader.size)
    }
}
