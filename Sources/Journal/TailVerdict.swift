/// What recovery knows where the chain of valid records ends.
public struct TailEvidence: Equatable, Sendable {
    /// The record that should stand there is above the durable mark.
    public var aboveMark: Bool
    /// Something is written there that is not the next record.
    public var written: Bool
    /// A valid record stands behind it, at a place that reserved lengths give, or a later segment was begun.
    public var follower: Bool
    /// The machine was not started again since the journal was written.
    public var sameBoot: Bool
    /// A page that the record reaches looks as if it had never got to the disk.
    public var pageLost: Bool
}

/// What the end of the chain of valid records is.
public enum TailVerdict: Equatable, Sendable, CaseIterable {
    /// The journal ends here.
    case end
    /// The writer was stopped while it wrote: what stands here was never promised and is cut.
    case torn
    /// Records that were promised do not hold any more: nothing may be changed.
    case damage

    /// One line of the decision table; nil = either.
    struct Rule: Sendable {
        let aboveMark: Bool?, written: Bool?, follower: Bool?, sameBoot: Bool?, pageLost: Bool?
        let verdict: TailVerdict
    }

    /// The decision table: the first rule that fits counts, and one always fits.
    ///
    /// 1. A record at or below the mark was synchronised: whatever is wrong with it came later.
    /// 2. A tail where nothing is written and nothing follows is how every orderly journal ends.
    /// 3. Nothing follows: the writer was stopped inside this record, or the power went.
    /// 4. A record is begun after the one before it is committed. What a killed process stored is all there, so in
    ///    the same boot a record with a follower was whole once.
    /// 5. The power may have gone, but every page of the record got to the disk: then it was whole there.
    /// 6. The power went while pages were on their way, in any order: one of this record's is missing, and a later
    ///    one, never promised either, got through.
    static let rules: [Rule] = [
        Rule(aboveMark: false, written: nil, follower: nil, sameBoot: nil, pageLost: nil, verdict: .damage),
        Rule(aboveMark: true, written: false, follower: false, sameBoot: nil, pageLost: nil, verdict: .end),
        Rule(aboveMark: true, written: true, follower: false, sameBoot: nil, pageLost: nil, verdict: .torn),
        Rule(aboveMark: true, written: nil, follower: true, sameBoot: true, pageLost: nil, verdict: .damage),
        Rule(aboveMark: true, written: nil, follower: true, sameBoot: false, pageLost: false, verdict: .damage),
        Rule(aboveMark: true, written: nil, follower: true, sameBoot: false, pageLost: true, verdict: .torn),
    ]

    /// Looks the evidence up in the table.
    public init(_ evidence: TailEvidence) {
        let rule = Self.rules.first { $0.fits(evidence) }
        guard let rule else { preconditionFailure("the table of verdicts is total") }
        self = rule.verdict
    }
}

extension TailVerdict.Rule {
    func fits(_ evidence: TailEvidence) -> Bool {
        func agrees(_ rule: Bool?, _ value: Bool) -> Bool { rule == nil || rule == value }
        return agrees(aboveMark, evidence.aboveMark) && agrees(written, evidence.written)
            && agrees(follower, evidence.follower) && agrees(sameBoot, evidence.sameBoot)
            && agrees(pageLost, evidence.pageLost)
    }
}
