import Wire

/// The place of each record in the log: sequence, chain, epoch, time. Hashes are checked elsewhere, over the same
/// bytes.
struct ChainCheck {
    /// Sequence of the next record.
    private(set) var nextSequence: UInt64 = 1
    /// Hash of the record before, as it stands there; zero before the first.
    private(set) var head = Bytes32.zero
    /// Time of the record before, ns.
    private(set) var time: UInt64 = 0
    private var epoch: UInt32 = 0
    /// Epoch of the last genesis or restart record.
    private var startEpoch: UInt32 = 0

    /// The beginning of a log.
    init() {}

    /// What follows a record that is known.
    ///
    /// - Parameter startEpoch: epoch of the last genesis or restart record.
    init(after record: RecordView, startEpoch: UInt32) {
        nextSequence = record.sequence + 1
        head = record.hash
        time = record.time
        epoch = record.epoch
        self.startEpoch = startEpoch
    }

    /// Checks a record whose structure holds.
    func check(_ record: RecordView, _ kind: RecordKind) throws(Finding) {
        func fail(_ verdict: Verdict, _ expected: String, _ found: String) -> Finding {
            Finding(verdict, nextSequence, expected: expected, found: found)
        }
        guard record.previousHash == head else {
            throw fail(.chainBroken, "previous hash \(hexadecimal(head))", hexadecimal(record.previousHash))
        }
        guard record.sequence == nextSequence else { throw fail(.sequence, "\(nextSequence)", "\(record.sequence)") }
        guard record.time >= time else { throw fail(.timeBack, "\(time) ns or later", "\(record.time) ns") }
        guard (kind == .genesis) == (nextSequence == 1) else {
            throw fail(.genesis, "a genesis record first and only there", "a record of kind \(kind)")
        }
        try checkEpoch(record, kind, fail)
    }

    /// Epochs count the restart records. A start finishes what was pending and then writes its own; one that dies in
    /// between leaves its epoch to the next.
    private func checkEpoch(
        _ record: RecordView, _ kind: RecordKind, _ fail: (Verdict, String, String) -> Finding
    ) throws(Finding) {
        let own = UInt64(record.epoch), next = UInt64(startEpoch) + 1
        let holds =
            switch kind {
            case .genesis: own == 1
            case .restart: own == next
            case .continuation: own == UInt64(epoch) || own == next
            case .command, .tick: own == UInt64(startEpoch) && epoch == startEpoch
            }
        if !holds {
            throw fail(.epoch, "\(startEpoch), or \(next) with a restart", "\(own) in a record of kind \(kind)")
        }
    }

    /// Goes past a record that was checked.
    mutating func advance(_ record: RecordView, _ kind: RecordKind) {
        nextSequence += 1
        head = record.hash
        time = record.time
        epoch = record.epoch
        if kind == .genesis || kind == .restart { startEpoch = record.epoch }
    }
}
