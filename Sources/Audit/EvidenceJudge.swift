import Cryptography
import Proof

/// Judges evidence by the anchors alone: no network, no other file, nothing from the accused.
///
/// Total on hostile bytes. A conviction always rests on signatures of the venue's own keys: the log's on checkpoints,
/// the receipt key's on receipts, and on what the log has committed to.
public struct EvidenceJudge: Sendable {
    /// What is trusted.
    public let anchors: Anchors

    public init(_ anchors: Anchors) { self.anchors = anchors }

    /// Judges the bytes of a file.
    ///
    /// - Throws: the bytes are no evidence.
    public func judge(_ bytes: [UInt8]) throws(EvidenceError) -> Judgement { try judge(Evidence(bytes)) }

    /// Judges evidence.
    ///
    /// - Throws: a section is not what its type says.
    public func judge(_ evidence: Evidence) throws(EvidenceError) -> Judgement {
        var exhibits = Exhibits(evidence.sections, anchors)
        do throws(Doubt) {
            let conviction =
                switch evidence.kind {
                case .equivocation: try equivocation(&exhibits)
                case .rewrittenHistory: try rewrittenHistory(&exhibits)
                case .omission: try omission(&exhibits)
                case .replay: try replay(&exhibits)
                case .records: try records(&exhibits)
                case .data: try data(&exhibits)
                case .liabilities: try liabilities(&exhibits)
                case .clock: try clock(&exhibits)
                }
            return .convicted(conviction)
        } catch {
            switch error {
            case .unreadable(let error): throw error
            case .unproven(let reason): return .notConvicted(reason)
            }
        }
    }

    private func equivocation(_ exhibits: inout Exhibits) throws(Doubt) -> Conviction {
        let first = try exhibits.head().checkpoint, second = try exhibits.head().checkpoint
        try exhibits.finish()
        guard first.size == second.size else {
            throw .unproven("the heads have the sizes \(first.size) and \(second.size), which says nothing")
        }
        guard first.root != second.root else { throw .unproven("both heads have the same root") }
        return Conviction(
            .equivocation, first.size, "the log signed the roots \(first.root) and \(second.root) for one size")
    }

    private func rewrittenHistory(_ exhibits: inout Exhibits) throws(Doubt) -> Conviction {
        let old = try exhibits.head().checkpoint, new = try exhibits.head().checkpoint
        let claim = try exhibits.consistency()
        try exhibits.finish()
        guard claim.oldSize == old.size, old.size > 0, old.size < new.size else {
            throw .unproven("a claim about size \(claim.oldSize) for heads of \(old.size) and \(new.size)")
        }
        let isProven = MerkleTree.isConsistent(
            old: old.size, oldRoot: claim.oldRoot, size: new.size, root: new.root, proof: claim.proof)
        guard isProven else { throw .unproven("the newer head does not prove the root that is claimed") }
        guard claim.oldRoot != old.root else { throw .unproven("the newer head continues the older one") }
        return Conviction(
            .rewrittenHistory, old.size,
            "the log signed root \(old.root), and \(new.size) records whose first \(old.size) have \(claim.oldRoot)")
    }
}

/// The sections of evidence, taken one after the other; each says what it has to be.
struct Exhibits {
    private var sections: ArraySlice<EvidenceSection>
    private let anchors: Anchors

    init(_ sections: [EvidenceSection], _ anchors: Anchors) {
        self.sections = sections[...]
        self.anchors = anchors
    }

    /// Type of the next section; nil at the end.
    var next: EvidenceSectionType? { sections.first?.type }

    /// The bytes of the next section, which has to be of a type.
    mutating func take(_ type: EvidenceSectionType) throws(Doubt) -> [UInt8] {
        guard let section = sections.first, section.type == type else {
            let found = sections.first.map { "\($0.type)" } ?? "the end"
            throw .unproven("expected a section \(type), found \(found)")
        }
        sections.removeFirst()
        return section.bytes
    }

    /// Nothing may follow.
    func finish() throws(Doubt) {
        if let next { throw .unproven("a section \(next) that belongs to nothing") }
    }

    /// A checkpoint that the log signed.
    ///
    /// - Parameter cosigned: whether cosignatures count: then those of known witnesses have to hold.
    mutating func head(cosigned: Bool = false) throws(Doubt) -> SignedCheckpoint {
        let bytes = try take(.head)
        do throws(LogError) {
            return try SignedCheckpoint(bytes, logs: anchors.logs, witnesses: cosigned ? anchors.witnesses : [])
        } catch { throw .unproven("a head: \(error)") }
    }

    /// What a head proves of a smaller size.
    mutating func consistency() throws(Doubt) -> ConsistencyClaim {
        let bytes = try take(.consistency)
        do throws(EvidenceError) { return try ConsistencyClaim(bytes) } catch { throw .unreadable(error) }
    }

    /// Leaf hashes that are in the log, as a head says.
    mutating func leaves(in head: SignedCheckpoint) throws(Doubt) -> LeafRange {
        let bytes = try take(.leaves)
        let range: LeafRange
        do throws(EvidenceError) { range = try LeafRange(bytes) } catch { throw .unreadable(error) }
        guard range.isIncluded(size: head.checkpoint.size, root: head.checkpoint.root) else {
            throw .unproven("leaves from \(range.first) on are not proven to be in the log")
        }
        return range
    }

    /// Records that are in the log, as a head says.
    mutating func records(in head: SignedCheckpoint) throws(Doubt) -> [ProvenRecord] {
        let bytes = try take(.records)
        let range: RecordRange
        do throws(EvidenceError) { range = try RecordRange(bytes) } catch { throw .unreadable(error) }
        guard range.leaves.isIncluded(size: head.checkpoint.size, root: head.checkpoint.root) else {
            throw .unproven("records from \(range.first) on are not proven to be in the log")
        }
        return range.records.enumerated().map { ProvenRecord(sequence: range.first + UInt64($0), bytes: $1) }
    }
}
