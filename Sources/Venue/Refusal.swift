import Wire

/// Why a command, or an entry of a batch, is refused, and what was expected.
struct Refusal {
    let reason: Reason
    let expected: UInt64

    init(_ reason: Reason, _ expected: UInt64 = 0) {
        self.reason = reason
        self.expected = expected
    }

    init(_ reason: Reason, _ expected: UInt32) { self.init(reason, UInt64(expected)) }

    /// A field with a value that it cannot have; the offset counts from the start of the message.
    static func field(_ offset: Int) -> Refusal { Refusal(.invalidField, UInt64(offset)) }

    /// A field with a value that version 1 does not have.
    static func unsupported(_ offset: Int) -> Refusal { Refusal(.unsupportedFeature, UInt64(offset)) }
}

/// Whose effects are being made: what a Rejected names.
struct Origin {
    /// The account that signed.
    let account: UInt32
    /// Entry of the batch, or null.
    var entry = Null.u16
    /// As the command has it.
    var clientOrderId = Null.u64
    /// As the command has it.
    var orderId = Null.u64
}
