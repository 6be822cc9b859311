/// What an audit finds first: a closed list of stable names, for people and for programs that read `--json`.
public enum Verdict: String, Sendable, CaseIterable {
    // What stands there is not what the log holds.
    /// A hash tile is not that of the checkpoint's tree.
    case tile = "tile"
    /// An entry bundle does not hold the leaves of its hash tile.
    case entries = "entries"

    // What stands there is not a record of this log.
    /// A header of a segment, a durable mark or a tail of a journal does not hold.
    case journalDamage = "journal-damage"
    /// Length, sizes, padding, kind, flags or reserved fields of a record do not hold.
    case recordStructure = "record-structure"
    /// A record's own hash does not hold.
    case recordHash = "record-hash"
    /// A record does not name the hash of the one before.
    case chainBroken = "chain-broken"
    /// A record has another sequence than its place.
    case sequence = "sequence"
    /// The epoch goes back, jumps, or changes without a restart.
    case epoch = "epoch"
    /// Time goes back.
    case timeBack = "time-back"
    /// A record is later than a witness saw a checkpoint that holds it.
    case timeAhead = "time-ahead"

    // What may never be journaled.
    /// The first record is not a genesis record of these rules, or a later one is.
    case genesis = "genesis"
    /// The genesis record is not the one whose hash the anchors name.
    case foreignVenue = "foreign-venue"
    /// A restart record does not follow from what stands before it.
    case restart = "restart"
    /// A continuation is missing, or continues nothing, or something else.
    case continuation = "continuation"
    /// A timer fired; these rules have none.
    case tick = "tick"
    /// A command has not the structure of its template.
    case commandStructure = "command-structure"
    /// A command names a key that its account never had.
    case unknownKey = "unknown-key"
    /// A command is signed with a key that was revoked before.
    case revokedKey = "revoked-key"
    /// A nonce is not above the mark of its key.
    case nonce = "nonce"
    /// A signature does not hold under the key in force.
    case signature = "signature"
    /// A record says that proofs inside its command hold, or that they do not, and that is not so.
    case proofs = "proofs"

    // What follows from the records.
    /// The effects are not those of the rules.
    case effects = "effects"
    /// The sums of balances are not deposits minus withdrawals.
    case conservation = "conservation"
    /// The number of the next market-data message is wrong.
    case feedSequence = "feed-sequence"
    /// A captured market-data message is not the one that follows from the records.
    case feed = "feed"

    // What was said about the records.
    /// A state commitment speaks of a record that it cannot speak of.
    case commitmentThrough = "commitment-through"
    /// A state commitment names another chain head.
    case commitmentHead = "commitment-head"
    /// A state commitment names another state root.
    case stateRoot = "state-root"
    /// A state commitment names other available data.
    case commitmentData = "commitment-data"
    /// A checkpoint is no checkpoint, or is not signed by the log.
    case checkpoint = "checkpoint"
    /// A checkpoint's root is not that of the records.
    case checkpointRoot = "checkpoint-root"
    /// A checkpoint is signed for more records than there are.
    case truncated = "truncated"
    /// A cosignature of a known witness does not hold.
    case cosignature = "cosignature"
    /// Fewer witnesses than the quorum have cosigned a checkpoint.
    case quorum = "quorum"
    /// A batch of the data-availability layer is not what its certificate or the log says.
    case data = "data"
}

/// The first failure of an audit.
public struct Finding: Error, Equatable, Sendable {
    /// What it is.
    public var verdict: Verdict
    /// Sequence of the record that it is about; nil when it is about none.
    public var sequence: UInt64?
    /// What was expected.
    public var expected: String
    /// What stands there.
    public var found: String

    public init(_ verdict: Verdict, _ sequence: UInt64?, expected: String, found: String) {
        self.verdict = verdict
        self.sequence = sequence
        self.expected = expected
        self.found = found
    }

    /// Whether this one comes before another: by sequence, then by the order of the verdicts, which is that of the
    /// checks. Findings about no record come last.
    func precedes(_ other: Finding) -> Bool {
        let (own, others) = (sequence ?? UInt64.max, other.sequence ?? UInt64.max)
        if own != others { return own < others }
        return verdict.rank < other.verdict.rank
    }
}

extension Finding: CustomStringConvertible {
    public var description: String {
        let place = sequence.map { " at record \($0)" } ?? ""
        return "\(verdict.rawValue)\(place): expected \(expected); found \(found)"
    }
}

extension Verdict {
    /// Place in the order of the checks.
    var rank: Int { Self.allCases.firstIndex(of: self)! }
}
