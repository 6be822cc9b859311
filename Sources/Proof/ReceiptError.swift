/// Why bytes are no receipt, or a receipt does not hold. Closed: a `switch` over it is total.
public enum ReceiptError: Error, Equatable, Sendable, CaseIterable, CustomStringConvertible {
    /// The bytes end too early.
    case truncated
    /// Bytes follow behind the end.
    case trailing
    /// It does not begin with `GLASSRCP`.
    case magic
    /// A version that this reader does not know.
    case version
    /// A count above its limit, or a reserved field that is not zero.
    case field
    /// The range is empty, too long, or begins at 0; ranges of a file overlap, leave a gap or leave the file.
    case range
    /// The sequence is not in the signed range.
    case sequence
    /// The genesis message is not that of the venue.
    case genesis
    /// The body speaks of another venue.
    case venue
    /// A change of the receipt key is not signed by the key before it and by itself.
    case rotation
    /// The signature is not by a receipt key of the venue.
    case signature
    /// The path does not lead from the leaf to the signed root.
    case path
    /// The command is not the one that the receipt is for.
    case command
    /// The record is not the one that the receipt promises.
    case record
    /// A published file has no range with this sequence.
    case absent

    public var description: String {
        switch self {
        case .truncated: "the bytes end too early"
        case .trailing: "bytes follow behind the end"
        case .magic: "it is no receipt"
        case .version: "its version is not known"
        case .field: "a count or a reserved field is out of range"
        case .range: "the range of records does not hold"
        case .sequence: "the sequence is not in the signed range"
        case .genesis: "the genesis message is not that of the venue"
        case .venue: "it is of another venue"
        case .rotation: "a change of the receipt key is not signed by the old key and the new one"
        case .signature: "the signature is not by the venue's receipt key"
        case .path: "the path does not lead to the signed root"
        case .command: "the command is another one than the receipt's"
        case .record: "the record is another one than the receipt promises"
        case .absent: "no range of the file has this sequence"
        }
    }
}
