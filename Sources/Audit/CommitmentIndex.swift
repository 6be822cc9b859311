import Cryptography
import Proof
import Wire

/// The records that state commitments speak of, found in a first walk over the history, because a commitment stands
/// behind the record that it speaks of, and the state is gone by then.
struct CommitmentIndex {
    /// Sequences that are spoken of, ascending, each once.
    private(set) var through: [UInt64] = []
    /// Record of the last one that the walk has seen.
    private(set) var records: UInt64
    /// Record behind which the walk began.
    let start: UInt64
    /// The first commitment that speaks of that record; nil when none does.
    private(set) var ofStart: StateCommitmentRecord?
    /// The first end of a batch at or behind that record that a commitment names, and its digest.
    private(set) var data: (through: UInt64, digest: Hash256)?
    private var next = 0

    /// - Parameter start: the record behind which the walk begins; 0 for the first.
    init(after start: UInt64 = 0) { (self.start, records) = (start, start) }

    /// Takes bytes that stand where a record is expected. What they are is checked in the second walk.
    mutating func take(_ bytes: UnsafeRawBufferPointer) {
        records += 1
        guard let base = bytes.baseAddress, bytes.count >= RecordLayout.bytesMin else { return }
        let record = RecordView(base)
        guard record.kind == .command, MessageHeader(record.command).templateId == Template.stateCommitment,
            // The bytes may change under the reader.
            let commitment = StateCommitmentRecord(Array(bytes))
        else { return }
        let through = commitment.through
        if start > 0 {
            if through == start, ofStart == nil { ofStart = commitment }
            if commitment.dataThrough >= start, commitment.dataThrough < data?.through ?? .max {
                data = (commitment.dataThrough, commitment.dataDigest)
            }
        }
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
