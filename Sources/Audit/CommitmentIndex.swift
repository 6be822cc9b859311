import Proof
import Wire

/// The records that state commitments speak of, found in a first walk over the history, because a commitment stands
/// behind the record that it speaks of, and the state is gone by then.
struct CommitmentIndex {
    /// Sequences that are spoken of, ascending, each once.
    private(set) var through: [UInt64] = []
    /// Records that the walk has seen.
    private(set) var records: UInt64 = 0
    private var next = 0

    /// Takes bytes that stand where a record is expected. What they are is checked in the second walk.
    mutating func take(_ bytes: UnsafeRawBufferPointer) {
        records += 1
        guard let base = bytes.baseAddress, bytes.count >= RecordLayout.bytesMin else { return }
        let record = RecordView(base)
        guard record.kind == .command, MessageHeader(record.command).templateId == Template.stateCommitment,
            // The bytes may change under the reader.
            let through = StateCommitmentRecord(Array(bytes))?.through
        else { return }
        // Almost always they come in order; what does not, waits for the sort.
        if through > 0, self.through.last != through { self.through.append(through) }
    }

    /// Ends the walk.
    mutating func finish() {
        through.sort()
        var once: [UInt64] = []
        for sequence in through where sequence != once.last { once.append(sequence) }
        through = once
    }

    /// Whether a commitment speaks of that record. Asked of ascending sequences.
    mutating func speaks(of sequence: UInt64) -> Bool {
        while next < through.count, through[next] < sequence { next += 1 }
        return next < through.count && through[next] == sequence
    }
}
