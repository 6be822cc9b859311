import Cryptography
import Proof
import Wire

/// Bytes that are proven to stand at their place in the log. The log may have signed anything: they need not be a
/// record.
struct ProvenRecord: Equatable {
    /// Place in the log: index of the leaf plus 1.
    let sequence: UInt64
    /// What the log has there.
    let bytes: [UInt8]

    /// Reads the record in place; its structure was checked.
    func withView<Value>(_ body: (RecordView) throws -> Value) rethrows -> Value {
        try bytes.withUnsafeBytes { try body(RecordView($0.baseAddress!)) }
    }

    /// What is wrong with the record by itself; nil when it is one.
    func fault() -> Conviction? {
        if let fault = bytes.withUnsafeBytes({ RecordStructure.fault($0) }) {
            return Conviction(.recordStructure, sequence, "the log holds \(fault)")
        }
        return withView { record in
            if record.sequence != sequence {
                return Conviction(.sequence, sequence, "the record says \(record.sequence)")
            }
            let hash = Blake2b256.hash(record.base, count: record.length - RecordLayout.hashBytes)
            if Bytes32(hash) != record.hash {
                return Conviction(.recordHash, sequence, "the record ends with \(hexadecimal(record.hash))")
            }
            if (record.kind == .genesis) != (sequence == 1) {
                return Conviction(.genesis, sequence, "a genesis record stands first and only there")
            }
            if record.kind == .tick { return Conviction(.tick, sequence, "the rules have no timer") }
            if record.kind == .command, let fault = RecordStructure.commandFault(record) {
                return Conviction(.commandStructure, sequence, fault)
            }
            return nil
        }
    }

    /// The state commitment of this record, if it is one that the venue accepted; its structure was checked.
    func commitment() -> StateCommitmentRecord? { withView { StateCommitmentRecord($0) } }
}
