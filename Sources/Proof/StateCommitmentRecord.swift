import Cryptography
import Wire

/// What settlement said of the state, in a record by which the venue accepted it: the one reading of such records, for
/// settlement, who hands out proofs, and who judges.
///
/// A StateCommitment command whose one effect is CommitmentAccepted, of the same record `through`. One that the venue
/// refused says nothing: anybody can send it.
public struct StateCommitmentRecord: Equatable, Sendable {
    /// Its own sequence, as the record says it.
    public let sequence: UInt64
    /// Last record of the state.
    public let through: UInt64
    /// Root of the state.
    public let stateRoot: Hash256
    /// Hash of that record.
    public let chainHead: Hash256
    /// Last record that is available elsewhere; 0 for none.
    public let dataThrough: UInt64
    /// Digest of the batch that ends there.
    public let dataDigest: Hash256

    /// Reads a record's bytes, which may be any bytes; nil when they are no such record. They are nobody else's: what
    /// another may change while it is read has to be copied before.
    public init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= RecordLayout.bytesMin, let base = bytes.baseAddress else { return nil }
        let record = RecordView(base)
        guard record.length == bytes.count, record.kind == .command, record.sizesAddUp else { return nil }
        self.init(record)
    }

    /// Reads a record's bytes, which may be any bytes; nil when they are no such record.
    public init?(_ bytes: [UInt8]) {
        guard let found = bytes.withUnsafeBytes({ StateCommitmentRecord($0) }) else { return nil }
        self = found
    }

    /// Reads a record whose sizes were checked; nil when it is no such record.
    public init?(_ record: RecordView) {
        guard record.kind == .command, record.messageLength == StateCommitmentMessage.size,
            CommandHeader(record.command).templateId == Template.stateCommitment,
            MessageStructure.refusal(record.command, count: record.messageLength) == nil
        else { return nil }
        let message = StateCommitmentMessage(record.command)
        var effects = record.effects
        guard let effect = effects.read(), effects.isAtEnd, effect.template == Template.commitmentAccepted,
            CommitmentAcceptedMessage(effect.base).through == message.through
        else { return nil }
        sequence = record.sequence
        through = message.through
        stateRoot = Hash256(loading: message.stateRootPointer)
        chainHead = Hash256(loading: message.chainHeadPointer)
        dataThrough = message.dataThrough
        dataDigest = Hash256(loading: message.dataDigestPointer)
    }
}
