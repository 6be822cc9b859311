import Cryptography
import Proof
import Reference
import Wire

/// The records of a published log at one size, each held to its leaf hash.
struct PublishedRecords {
    private let reader: TileReader

    init(_ reader: TileReader) { self.reader = reader }

    /// Records of the log.
    var size: UInt64 { reader.size }

    /// The leaf hash of a record.
    func leaf(_ sequence: UInt64) throws(LogError) -> Hash256 { try reader.hash(level: 0, index: sequence - 1) }

    /// The leaf hash of a record, with its proof in the tree of all records.
    func leafRange(_ sequence: UInt64) throws(LogError) -> LeafRange {
        try LeafRange(first: sequence, leaves: [leaf(sequence)], size: reader.size, reader)
    }

    /// Calls `body` with records `first` to `last`, in order, until it returns false.
    private func forEach(
        _ first: UInt64, _ last: UInt64, _ body: (ProvenRecord) throws(LogError) -> Bool
    ) throws(LogError) {
        for bundle in ((first - 1) >> 8)...((last - 1) >> 8) {
            for (offset, bytes) in try reader.entries(bundle: bundle).enumerated() {
                let sequence = bundle << 8 + UInt64(offset) + 1
                guard (first...last).contains(sequence) else { continue }
                guard try body(ProvenRecord(sequence: sequence, bytes: bytes)) else { return }
            }
        }
    }

    /// Records `first` to `last` with their proof, as many as evidence holds.
    ///
    /// - Parameter size: of the tree that the proof is for; nil: that of all records.
    func range(_ first: UInt64, _ last: UInt64, size: UInt64? = nil) throws(LogError) -> RecordRange {
        var records: [[UInt8]] = [], bytes = 0
        try forEach(first, last) { record throws(LogError) in
            bytes += record.bytes.count + 4
            guard bytes < Evidence.byteCountMax / 2 else {
                throw .malformed("records \(first) to \(last)", expected: "as many as evidence holds")
            }
            records.append(record.bytes)
            return true
        }
        let leaves = try LeafRange(
            first: first, leaves: records.map { MerkleHash.leaf($0) }, size: size ?? reader.size, reader)
        return RecordRange(first: first, records: records, proof: leaves.proof)
    }

    /// Calls `body` with the commitments that the venue accepted, in order, until it returns false.
    func forEachCommitment(_ body: (StateCommitmentRecord) throws(LogError) -> Bool) throws(LogError) {
        try forEach(1, reader.size) { record throws(LogError) in
            guard record.fault() == nil, let commitment = record.commitment() else { return true }
            return try body(commitment)
        }
    }

    /// The commitment that a record is; nil when it is none that the venue accepted.
    func commitment(_ sequence: UInt64) throws(LogError) -> StateCommitmentRecord? {
        var found: StateCommitmentRecord?
        try forEach(sequence, sequence) { record throws(LogError) in
            if record.fault() == nil { found = record.commitment() }
            return false
        }
        return found
    }

    /// The last commitment before a record that the venue accepted.
    func lastCommitment(before sequence: UInt64) throws(LogError) -> StateCommitmentRecord? {
        var bundle = (sequence - 1) >> 8
        while true {
            let entries = try reader.entries(bundle: bundle)
            for (offset, bytes) in entries.enumerated().reversed() {
                let record = ProvenRecord(sequence: bundle << 8 + UInt64(offset) + 1, bytes: bytes)
                guard record.sequence < sequence, record.fault() == nil, let commitment = record.commitment(),
                    commitment.through >= 1, commitment.through < record.sequence
                else { continue }
                return commitment
            }
            guard bundle > 0 else { return nil }
            bundle -= 1
        }
    }

    /// The canonical bytes of the state that a commitment names, replayed from the beginning without signatures; nil
    /// when the records lead to another one.
    func state(of commitment: StateCommitmentRecord, venueId: Hash256) throws(LogError) -> [UInt8]? {
        var history = HistoryCheck(venueId: venueId)
        var holds = true
        try forEach(1, commitment.through) { record throws(LogError) in
            holds = record.bytes.withUnsafeBytes { bytes in (try? history.take(bytes)) != nil }
            return holds
        }
        guard holds, history.nextSequence == commitment.through + 1 else { return nil }
        let state: [UInt8]? = history.withVenue { venue in
            guard venue.pendingCause == nil else { return [] }
            var sink = StateBytes()
            venue.writeState(into: &sink)
            return sink.bytes
        }
        guard let state, let tree = try? StateTree(canonical: state),
            tree.root(through: commitment.through) == commitment.stateRoot
        else { return nil }
        return state
    }
}
