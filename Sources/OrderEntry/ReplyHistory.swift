import Wire

/// Picks one account's replies out of records and writes them one after the other, a buffer at a time: resume, the
/// answer to a resend, drop copies of the past. What it writes are the bytes that were sent live, but for `resent`.
@frozen public struct ReplyHistory: Sendable {
    /// The account whose replies are wanted.
    public let account: UInt32
    /// The first reply that is still wanted.
    public private(set) var next: ReplyNumber
    /// Level that the replies name.
    public let durability: Durability
    /// Whether they say that they were sent before.
    public let resent: Bool
    var context = CommandContext()

    public init(account: UInt32, from next: ReplyNumber, durability: Durability, resent: Bool) {
        self.account = account
        self.next = next
        self.durability = durability
        self.resent = resent
    }

    /// What became of a record.
    @frozen public enum Step: Equatable, Sendable {
        /// All that is wanted of it is written: bytes. Go on with the next record.
        case done(Int)
        /// The memory is full after so many bytes: come again with the same record.
        case full(Int)
        /// The record goes on with an earlier one, which has to be read first: its sequence.
        case needsCause(UInt64)
    }

    /// Writes what is wanted of a record into `memory`. Records come in order, from `next.sequence` or before.
    public mutating func append(_ record: RecordView, to memory: UnsafeMutableRawBufferPointer) -> Step {
        if let cause = context.enter(record) { return .needsCause(cause) }
        if record.sequence < next.sequence { return .done(0) }
        if record.sequence > next.sequence { next = ReplyNumber(sequence: record.sequence, index: 0) }
        var written = 0
        var cursor = ReplyCursor(record, context)
        while let reply = cursor.next() {
            guard reply.account == account, reply.index >= next.index else { continue }
            guard let base = memory.baseAddress, memory.count - written >= reply.frameBytes else {
                next.index = reply.index
                return .full(written)
            }
            written += reply.encode(at: base + written, durability: durability, resent: resent)
        }
        next = ReplyNumber(sequence: record.sequence + 1, index: 0)
        return .done(written)
    }

    /// Whether a record belongs to the command that was read last: what a resend goes on with.
    public func continues(_ record: RecordView) -> Bool {
        record.kind == .continuation && ContinuationMessage(record.command).cause == context.cause
    }
}
