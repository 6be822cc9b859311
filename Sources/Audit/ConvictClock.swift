import Proof

extension EvidenceJudge {
    /// A record that is in heads which witnesses cosigned before the time that it says.
    func clock(_ exhibits: inout Exhibits) throws(Doubt) -> Conviction {
        guard anchors.quorum > 0 else {
            throw .unproven("the anchors ask for no witness, so nobody says what the time was")
        }
        var record: ProvenRecord?
        var seen: [VerifierKey: UInt64] = [:]
        repeat {
            let head = try exhibits.head(cosigned: true)
            let records = try exhibits.records(in: head)
            guard records.count == 1, record == nil || record == records[0] else {
                throw .unproven("each head has to be followed by the same one record")
            }
            record = records[0]
            for cosignature in head.witnesses {
                // 0 is what a cosignature says that tells no time.
                guard let time = cosignature.time, time > 0 else { continue }
                seen[cosignature.key] = min(seen[cosignature.key] ?? .max, time)
            }
        } while exhibits.next != nil
        guard let record else { throw .unproven("no record") }
        if let fault = record.fault() { return fault }
        let time = record.withView { $0.time }
        let early = seen.values.filter { Self.isAhead(time, of: $0) }
        guard let latest = early.max(), early.count >= clockWitnessesNeeded else {
            throw .unproven(
                "\(early.count) witnesses have seen record \(record.sequence) before its time, \(clockWitnessesNeeded) "
                    + "are needed")
        }
        return Conviction(
            .timeAhead, record.sequence,
            "its time is \(time) ns, and \(early.count) witnesses have seen it by \(latest) s")
    }

    /// Witnesses that have to agree about the time: a quorum, and so many that no quorum is left without one of them.
    var clockWitnessesNeeded: Int { max(anchors.quorum, anchors.witnesses.count - anchors.quorum + 1) }

    /// Whether a time is beyond the second that a cosignature names, and beyond what clocks may differ.
    static func isAhead(_ nanoseconds: UInt64, of seconds: UInt64) -> Bool {
        let end = seconds.addingReportingOverflow(1 + clockSkewSeconds)
        let limit = end.partialValue.multipliedReportingOverflow(by: 1_000_000_000)
        return !end.overflow && !limit.overflow && nanoseconds > limit.partialValue
    }
}
