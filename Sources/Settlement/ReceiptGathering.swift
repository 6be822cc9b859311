import Cryptography
import Proof
import Wire

/// The records of the next receipt range, gathered until one of these ends it: the end of a published file, another
/// epoch, or a change of the receipt key. A pure state machine.
struct ReceiptGathering {
    /// What became of a record.
    enum Step: Equatable {
        /// It is in the range, which may go on.
        case taken
        /// It is in the range, and is its last.
        case ends
        /// It is not in the range, which ended before it: to be offered again when that one was signed.
        case startsNext
    }

    /// Leaves of the range, in order.
    private(set) var leaves: [ReceiptLeaf] = []
    /// Epoch of its records.
    private(set) var epoch: UInt32 = 0
    /// Time of its last record, ns Unix UTC.
    private(set) var time: UInt64 = 0
    /// The change of the receipt key that its last record made.
    private(set) var rotation: ReceiptKeys.Rotation?
    /// Whether nothing more can be taken.
    private(set) var isComplete = false

    init() { leaves.reserveCapacity(ReceiptBody.recordsMax) }

    /// Offers the next record.
    mutating func take(_ record: RecordView) -> Step {
        if isComplete || (!leaves.isEmpty && record.epoch != epoch) {
            isComplete = true
            return .startsNext
        }
        leaves.append(ReceiptLeaf(record))
        epoch = record.epoch
        time = record.time
        rotation = Self.rotation(record)
        isComplete = rotation != nil || record.sequence == ReceiptFile.last(of: record.sequence)
        return isComplete ? .ends : .taken
    }

    /// Begins the next range.
    mutating func clear() {
        leaves.removeAll(keepingCapacity: true)
        isComplete = false
        rotation = nil
    }

    /// The change of the receipt key that a record made; nil for every other record.
    static func rotation(_ record: RecordView) -> ReceiptKeys.Rotation? {
        guard record.kind == .command, MessageHeader(record.command).templateId == Template.rotateVenueKey,
            record.messageLength >= RotateVenueKeyMessage.size
        else { return nil }
        let message = RotateVenueKeyMessage(record.command)
        guard message.purpose == .receipt else { return nil }
        var effects = record.effects
        while let effect = effects.read() {
            guard effect.template == Template.venueKeyRotated else { continue }
            return ReceiptKeys.Rotation(
                newKey: PublicKey(loading: message.newKeyPointer),
                oldProof: Signature(loading: message.oldProofPointer),
                newProof: Signature(loading: message.newProofPointer))
        }
        return nil
    }
}
