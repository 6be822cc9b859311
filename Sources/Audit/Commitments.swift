import Cryptography
import Reference
import Wire

/// State commitments, compared with the state that the reference has at the record that each speaks of.
struct Commitments {
    private var index: CommitmentIndex
    /// What was true of the records that are spoken of.
    private var facts: [UInt64: Fact] = [:]
    /// Commitments whose head and root were compared.
    private(set) var checked: UInt64 = 0
    /// Commitments whose root could not be compared.
    private(set) var withoutRoot: UInt64 = 0

    private struct Fact {
        var head: Bytes32
        /// Nil where a command was unfinished, and there is no state to speak of.
        var root: Hash256?
    }

    init(_ index: CommitmentIndex) { self.index = index }

    /// After each record: notes what a later commitment speaks of.
    mutating func passed(_ sequence: UInt64, head: Bytes32, root: () -> Hash256?) {
        guard index.speaks(of: sequence) else { return }
        facts[sequence] = Fact(head: head, root: root())
    }

    /// After an accepted commitment.
    mutating func check(_ record: RecordView) throws(Finding) {
        let message = StateCommitmentMessage(record.command)
        func fail(_ verdict: Verdict, _ expected: String, _ found: String) -> Finding {
            Finding(verdict, record.sequence, expected: expected, found: found)
        }
        guard let fact = facts[message.through] else {
            throw fail(.commitmentThrough, "a record behind which no command is unfinished", "\(message.through)")
        }
        guard message.chainHead == fact.head else {
            throw fail(
                .commitmentHead, "head \(hexadecimal(fact.head)) of record \(message.through)",
                hexadecimal(message.chainHead))
        }
        guard let root = fact.root else {
            withoutRoot += 1
            return
        }
        guard Hash256(message.stateRoot) == root else {
            throw fail(
                .stateRoot, "state root \(root) behind record \(message.through)", hexadecimal(message.stateRoot))
        }
        checked += 1
    }

    /// Whether a record is a commitment that was accepted.
    static func isAccepted(_ record: RecordView) -> Bool {
        guard record.kind == .command, MessageHeader(record.command).templateId == Template.stateCommitment else {
            return false
        }
        var effects = record.effects
        return effects.read()?.template == Template.commitmentAccepted
    }
}
