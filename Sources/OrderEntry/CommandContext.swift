import Wire

/// What replies say of the command that they answer, besides what its effects say.
///
/// It stands in the command's own record; the continuation records of the command only name that record. So a reader
/// carries the context from record to record, and one that begins with a continuation begins with its cause instead.
@frozen public struct CommandContext: Sendable {
    /// Sequence of the command's record; 0 = none known.
    public private(set) var cause: UInt64 = 0
    /// Account that signed.
    public private(set) var account: UInt32 = 0
    /// Template of the command.
    public private(set) var templateId: UInt16 = 0
    /// Nonce of the command.
    public private(set) var nonce: UInt64 = 0

    public init() {}

    /// Goes on to a record, which follows the one before.
    ///
    /// - Returns: the sequence of the record that has to be read first: of a continuation whose command is unknown.
    @discardableResult
    public mutating func enter(_ record: RecordView) -> UInt64? {
        switch record.kind {
        case .command:
            let header = CommandHeader(record.command)
            cause = record.sequence
            account = header.account
            templateId = header.templateId
            nonce = header.nonce
        case .continuation:
            let named = ContinuationMessage(record.command).cause
            if named != cause { return named }
        default:
            self = CommandContext()
        }
        return nil
    }
}
