import Wire

/// Which records are to be printed; what is nil does not restrict.
public struct RecordFilter: Sendable {
    /// First sequence.
    public var from: UInt64?
    /// Last sequence.
    public var through: UInt64?
    public var kind: RecordKind?
    /// An account that the command or an effect names.
    public var account: UInt32?
    /// An instrument that the command or an effect names.
    public var instrument: UInt32?

    public init(
        from: UInt64? = nil, through: UInt64? = nil, kind: RecordKind? = nil, account: UInt32? = nil,
        instrument: UInt32? = nil
    ) {
        self.from = from
        self.through = through
        self.kind = kind
        self.account = account
        self.instrument = instrument
    }

    /// Whether a record is to be printed.
    public func matches(_ record: RecordView) -> Bool {
        if let from, record.sequence < from { return false }
        if let through, record.sequence > through { return false }
        if let kind, record.kind != kind { return false }
        if account == nil, instrument == nil { return true }
        let messages = DecodedRecord(record).messages
        if let account, !messages.contains(where: { names(account, "account", $0) }) { return false }
        if let instrument, !messages.contains(where: { names(instrument, "instrument", $0) }) { return false }
        return true
    }

    /// Whether a field of that kind (`account`, `takerAccount`, …) holds the number.
    private func names(_ number: UInt32, _ kind: String, _ message: DecodedMessage) -> Bool {
        message.fields.contains { field in
            field.name.lowercased().hasSuffix(kind) && field.value == .unsigned(UInt64(number))
        }
    }
}
