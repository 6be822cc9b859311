import Cryptography
import Journal
import Proof
import Reference
import Wire

/// State commitments, compared with the state that the reference has at the record that each speaks of.
struct Commitments: ~Copyable {
    private var index: CommitmentIndex
    private var roots = StateRoots()
    /// What was true of the records that are spoken of.
    private var facts: [UInt64: Fact] = [:]
    /// Commitments whose head and root were compared.
    private(set) var checked: UInt64 = 0
    /// Commitments that say of data that it is available, of which no batch was found that ends there.
    private(set) var unknownData: UInt64 = 0
    /// Commitments that speak of records before the start, or of data before the first batch that is known.
    private(set) var earlier: UInt64 = 0, earlierData: UInt64 = 0
    /// Sequence of the commitment that bears out the state at the start; nil before it was compared.
    private(set) var basis: UInt64?

    private struct Fact {
        var head: Bytes32
        /// Nil where a command was unfinished, and there is no state to speak of.
        var root: Hash256?
    }

    init(_ index: CommitmentIndex) {
        self.index = index
        roots.isWanted = (index.through.last ?? 0) > index.start
    }

    /// Begins behind a record whose state is known.
    init(_ index: CommitmentIndex, head: Bytes32, root: Hash256) {
        self.init(index)
        facts[index.start] = Fact(head: head, root: root)
    }

    /// Whether no commitment speaks of a later record.
    func isLast(_ sequence: UInt64) -> Bool { sequence == index.through.last }

    /// After each record: notes what a later commitment speaks of.
    mutating func passed(_ record: RecordView, _ venue: borrowing Reference) throws(Finding) {
        guard roots.isWanted else { return }
        roots.passed(record)
        let sequence = record.sequence
        guard index.speaks(of: sequence) else { return }
        let isLast = sequence == index.through.last
        do throws(StateTreeError) {
            let root = try roots.root(venue, through: sequence, whole: isLast)
            facts[sequence] = Fact(head: record.hash, root: root)
        } catch {
            throw Finding(.conservation, sequence, expected: "a state that has a root", found: "\(error)")
        }
        if isLast { roots.isWanted = false }
    }

    /// After an accepted commitment.
    ///
    /// - Parameter digest: of the batch that ends with a sequence, where it is known.
    mutating func check(_ commitment: StateCommitmentRecord, digest: (UInt64) -> Hash256?) throws(Finding) {
        func fail(_ verdict: Verdict, _ expected: String, _ found: String) -> Finding {
            Finding(verdict, commitment.sequence, expected: expected, found: found)
        }
        guard commitment.through >= index.start else {
            earlier += 1
            return
        }
        guard let fact = facts[commitment.through], let root = fact.root else {
            throw fail(.commitmentThrough, "a record behind which no command is unfinished", "\(commitment.through)")
        }
        guard commitment.chainHead == Hash256(fact.head) else {
            throw fail(
                .commitmentHead, "head \(hexadecimal(fact.head)) of record \(commitment.through)",
                "\(commitment.chainHead)")
        }
        guard commitment.stateRoot == root else {
            throw fail(
                .stateRoot, "state root \(root) behind record \(commitment.through)", "\(commitment.stateRoot)")
        }
        let found = commitment.dataDigest
        if commitment.dataThrough == 0 {
            guard found == .zero else { throw fail(.commitmentData, "no digest of no data", "\(found)") }
        } else if commitment.dataThrough >= commitment.sequence {
            throw fail(.commitmentData, "data before record \(commitment.sequence)", "\(commitment.dataThrough)")
        } else if index.start > 0, commitment.dataThrough <= index.data?.through ?? .max {
            // The batch is not known, but two commitments cannot give it two digests.
            if let data = index.data, commitment.dataThrough == data.through, found != data.digest {
                throw fail(
                    .commitmentData, "digest \(data.digest) of data through \(data.through), as before", "\(found)")
            }
            earlierData += 1
        } else if let digest = digest(commitment.dataThrough) {
            guard found == digest else {
                throw fail(.commitmentData, "digest \(digest) of data through \(commitment.dataThrough)", "\(found)")
            }
        } else {
            unknownData += 1
        }
        if index.start > 0, commitment.through == index.start, basis == nil { basis = commitment.sequence }
        checked += 1
    }
}
