/// What a venue is given: one command, checked for authenticity, with everything that may influence its effects.
@frozen public struct Command {
    /// Where the SBE message stands (schema 1 for clients' commands, schema 2 for the node's own).
    public let message: UnsafeRawPointer
    /// Bytes of the message, signature not included.
    public let count: Int
    /// What kind of record it becomes.
    public let kind: RecordKind
    /// Sequence of its record.
    public let sequence: UInt64
    /// Sequencer time, ns Unix UTC.
    public let time: UInt64
    /// Whether keys and proofs inside the message are valid (create account, add key, rotate key).
    public let proofsHold: Bool

    @inlinable public init(
        message: UnsafeRawPointer, count: Int, kind: RecordKind, sequence: UInt64, time: UInt64, proofsHold: Bool
    ) {
        self.message = message
        self.count = count
        self.kind = kind
        self.sequence = sequence
        self.time = time
        self.proofsHold = proofsHold
    }

    /// The command of a record.
    @inlinable public init(_ record: RecordView) {
        self.init(
            message: record.command, count: record.messageLength, kind: record.kind!, sequence: record.sequence,
            time: record.time, proofsHold: record.flags.contains(.proofsHold))
    }

    /// Template of the message.
    @inlinable public var template: UInt16 { MessageHeader(message).templateId }
}

/// Whether a command is done with its record.
@frozen public enum Progress: Sendable {
    /// All its effects are written.
    case done
    /// The record is full: a continuation record comes next, before any other command.
    case more
}

/// Takes the canonical bytes of a venue's state: a hash.
public protocol StateSink: ~Copyable {
    mutating func write(_ bytes: UnsafeRawBufferPointer)
}

/// The canonical bytes of a state, gathered.
public struct StateBytes: StateSink {
    public private(set) var bytes: [UInt8]

    /// - Parameters:
    ///   - head: what stands before them.
    ///   - capacity: bytes that there is room for from the start: up to these, none is copied to make room.
    public init(behind head: [UInt8] = [], capacity: Int = 0) {
        bytes = []
        bytes.reserveCapacity(capacity)
        bytes += head
    }

    public mutating func write(_ more: UnsafeRawBufferPointer) { bytes.append(contentsOf: more) }

    /// Hands over what was gathered, and has none of it then.
    public mutating func take() -> [UInt8] {
        defer { bytes = [] }
        return bytes
    }
}

extension StateSink where Self: ~Copyable {
    /// Writes an integer, little-endian.
    @inlinable public mutating func write<Value: FixedWidthInteger>(_ value: Value) {
        withUnsafeBytes(of: value.littleEndian) { write($0) }
    }

    /// Writes 32 bytes.
    @inlinable public mutating func write(_ value: Bytes32) {
        withUnsafeBytes(of: value) { write($0) }
    }
}
