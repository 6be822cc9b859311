import Proof

/// What evidence proves: a closed list of stable names. Where an audit finds the same, its `Verdict` has the same name.
public enum ConvictionVerdict: String, Sendable, CaseIterable {
    /// The log signed two different trees of one size.
    case equivocation = "equivocation"
    /// The log signed a tree that does not continue one that it signed before.
    case rewrittenHistory = "rewritten-history"
    /// A record that a receipt promises is not in the log.
    case omission = "omission"
    /// A record that a receipt promises was not in the log in time; nothing shows that it was left out for good.
    case late = "late"
    /// The log holds bytes that are no record.
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
    /// A record is later than witnesses saw a tree that holds it.
    case timeAhead = "time-ahead"
    /// A genesis record of other rules, or one that is not the first.
    case genesis = "genesis"
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
    /// A nonce is not above one that the same key used before.
    case nonce = "nonce"
    /// A signature does not hold under the key in force.
    case signature = "signature"
    /// A record says that proofs inside its command hold, or that they do not, and that is not so.
    case proofs = "proofs"
    /// The effects are not those of the rules.
    case effects = "effects"
    /// The sums of balances are not deposits minus withdrawals.
    case conservation = "conservation"
    /// The number of the next market-data message is wrong.
    case feedSequence = "feed-sequence"
    /// A state commitment speaks of a record that it cannot speak of.
    case commitmentThrough = "commitment-through"
    /// A state commitment names another chain head.
    case commitmentHead = "commitment-head"
    /// A state commitment names another state root, or two of them name different ones for one sequence.
    case stateRoot = "state-root"
    /// A batch that a state commitment names is not what the log holds.
    case data = "data"
    /// Liabilities of a committed state are not deposits minus withdrawals.
    case liabilities = "liabilities"
}

/// What evidence proves, and about which record.
public struct Conviction: Equatable, Sendable, CustomStringConvertible {
    /// What it is.
    public var verdict: ConvictionVerdict
    /// Sequence of the record that it is about; of heads, the size that they contradict each other about.
    public var sequence: UInt64
    /// What was said, and what contradicts it.
    public var text: String

    public init(_ verdict: ConvictionVerdict, _ sequence: UInt64, _ text: String) {
        self.verdict = verdict
        self.sequence = sequence
        self.text = text
    }

    public var description: String { "\(verdict.rawValue) at record \(sequence): \(text)" }
}

/// What became of evidence.
public enum Judgement: Equatable, Sendable {
    /// Fraud is proven.
    case convicted(Conviction)
    /// The file proves nothing wrong: why.
    case notConvicted(String)
}

/// Why evidence does not convict.
enum Doubt: Error, Equatable {
    /// A section is not what its type says.
    case unreadable(EvidenceError)
    /// Something that has to be proven is not.
    case unproven(String)
}
