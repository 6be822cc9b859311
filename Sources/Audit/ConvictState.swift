import Proof

extension EvidenceJudge {
    func data(_ exhibits: inout Exhibits) throws(Doubt) -> Conviction { throw .unproven("data") }
    func liabilities(_ exhibits: inout Exhibits) throws(Doubt) -> Conviction { throw .unproven("liabilities") }
}
