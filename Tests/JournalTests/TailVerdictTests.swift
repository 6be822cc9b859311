import Testing

@testable import Journal

@Suite struct TailVerdictTests {
    static let all: [TailEvidence] = (0..<32).map { bits in
        TailEvidence(
            aboveMark: bits & 1 != 0, written: bits & 2 != 0, follower: bits & 4 != 0, sameBoot: bits & 8 != 0,
            pageLost: bits & 16 != 0)
    }

    @Test func exactlyOneRuleFitsEveryEvidence() {
        for evidence in Self.all {
            #expect(TailVerdict.rules.filter { $0.fits(evidence) }.count == 1, "\(evidence)")
        }
        for (index, rule) in TailVerdict.rules.enumerated() {
            #expect(Self.all.contains { rule.fits($0) }, "rule \(index + 1) never fits")
        }
    }

    @Test func verdictsFollowFromThePromises() {
        for evidence in Self.all {
            let verdict = TailVerdict(evidence)
            // What survives a loss of power is never cut.
            if !evidence.aboveMark { #expect(verdict == .damage) }
            // What survives a killed process is never cut: only the last record can be half written then.
            if evidence.sameBoot, evidence.follower { #expect(verdict == .damage) }
            // A record that was whole on disk is never cut because of one that follows it.
            if evidence.follower, !evidence.pageLost { #expect(verdict == .damage) }
            // Nothing at all is no reason to stop, and none to cut.
            if evidence.aboveMark, !evidence.written, !evidence.follower { #expect(verdict == .end) }
        }
    }
}
