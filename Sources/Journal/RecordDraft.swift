import Wire

/// Room for one record at the tail of the journal: the caller writes the command and the effects in place, then
/// commits. There is at most one draft at a time; what is in it counts for nothing until then.
@frozen public struct RecordDraft {
    @usableFromInline let base: UnsafeMutableRawPointer
    /// Bytes of the command, as reserved.
    public let commandLength: Int

    @inlinable init(base: UnsafeMutableRawPointer, commandLength: Int) {
        self.base = base
        self.commandLength = commandLength
    }

    /// Where the command goes: `commandLength` bytes.
    @inlinable public var command: UnsafeMutableRawPointer { base + RecordLayout.body }
    /// Where the effects go: `effectsCapacity` bytes.
    @inlinable public var effects: UnsafeMutableRawPointer {
        base + RecordLayout.body + RecordLayout.padded(commandLength)
    }
    /// Bytes of effects that fit.
    @inlinable public var effectsCapacity: Int { Self.effectsCapacity(commandLength: commandLength) }

    /// Bytes of effects that fit beside a command of that length; negative when the command is too long.
    @inlinable public static func effectsCapacity(commandLength: Int) -> Int {
        Limits.recordBytesMax - RecordLayout.bytesMin - RecordLayout.padded(commandLength)
    }
}

/// What the head of a record says besides its place in the chain.
@frozen public struct RecordHead: Sendable {
    /// Sequencer time, ns Unix UTC; never goes back.
    public var time: UInt64
    /// When the command arrived, ns Unix UTC.
    public var arrivalTime: UInt64
    /// Number of the arrival since the node started.
    public var arrivalTicket: UInt64
    public var kind: RecordKind
    public var flags: RecordFlags
    /// Sequence of the first market-data message of this record, or of the next one when it has none.
    public var feedSequence: UInt64
    /// Market-data messages that follow from this record.
    public var feedMessages: Int
    /// Bytes of effects that were written: a multiple of 8.
    public var effectsLength: Int

    @inlinable public init(
        time: UInt64, arrivalTime: UInt64, arrivalTicket: UInt64, kind: RecordKind, flags: RecordFlags = [],
        feedSequence: UInt64, feedMessages: Int, effectsLength: Int
    ) {
        self.time = time
        self.arrivalTime = arrivalTime
        self.arrivalTicket = arrivalTicket
        self.kind = kind
        self.flags = flags
        self.feedSequence = feedSequence
        self.feedMessages = feedMessages
        self.effectsLength = effectsLength
    }
}
