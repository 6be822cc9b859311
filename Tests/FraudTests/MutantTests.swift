import Audit
import Cryptography
import Foundation
import LyingVenue
import Proof
import Testing
import Wire

/// Every mutant is a venue that keeps to its own wrong rules, with every signature and hash right: the audit has to say
/// where it first went wrong.
@Suite(.serialized) struct MutantTests {
    /// Built once for all tests.
    static let build = Result { try MutantBuild(MutantTable.all) }
    static let stream = PlayedRecord.stream(Truth.history)

    @Test("without a mutant, the copy of the sources is the venue")
    func truth() throws {
        let played = try Self.build.get().play(Self.stream, mutant: 0)
        let lie = Self.history(played)
        #expect(Truth.firstDifference(lie, Truth.history) == nil)
        #expect(lie.chained() == Truth.history.chained())
    }

    @Test("a mutant whose place is gone is an error")
    func stale() {
        let stale = Mutant(999, "nothing", "Venue/Taker.swift", "", "text that is not there", "")
        #expect(throws: MutantError.self) { try stale.apply(to: "other text") }
        #expect(throws: MutantError.self) { try stale.apply(to: "text that is not there, text that is not there") }
    }

    @Test("is caught where it begins", arguments: MutantTable.venue)
    func caught(_ mutant: Mutant) throws {
        let build = try Self.build.get()
        let played = try build.play(Self.stream, mutant: mutant.number)
        let truth = try build.play(Self.stream, mutant: 0)
        let first = try #require(Self.firstDifference(played, truth), "the run does not reach the mutant")
        var lie = Lie(Self.history(played), at: first.sequence)
        #expect(first.verdict == mutant.verdict)
        let report = try Auditor.audit(lie)
        let finding = try #require(report.finding, "nothing was found")
        #expect(finding.verdict.rawValue == mutant.verdict, "\(finding)")
        #expect(finding.sequence == first.sequence, "\(finding)")

        lie.evidence = .replay(head: lie.publication.head(), records: lie.publication.range(1, first.sequence))
        let judgement = try EvidenceJudge(Truth.publication.anchors()).judge(lie.evidence!.encoded)
        guard case .convicted(let conviction) = judgement else {
            Issue.record("\(judgement)")
            return
        }
        #expect(conviction.verdict.rawValue == mutant.verdict && conviction.sequence == first.sequence, "\(conviction)")
    }

    /// Where a wrong venue first says or commits something else than the true one.
    static func firstDifference(
        _ played: [PlayedRecord], _ truth: [PlayedRecord]
    ) -> (sequence: UInt64, verdict: String)? {
        for (index, (one, other)) in zip(played, truth).enumerated() {
            if one.kind != other.kind || one.effects != other.effects { return (UInt64(index) + 1, "effects") }
            if one.state != other.state { return (UInt64(index) + 1, "state-root") }
        }
        return nil
    }

    /// What the driver made, chained, and committed to as the wrong venue itself would.
    static func history(_ played: [PlayedRecord]) -> History {
        var ticket: UInt64 = 0, epoch: UInt32 = 1
        var time: UInt64 = 0
        var history = History(venueId: Truth.history.venueId)
        for record in played {
            ticket += 1
            if record.kind == .restart { epoch += 1 }
            // A continuation was read with the time of its cause.
            time = max(record.time, time + (record.kind == .continuation ? 1000 : 0))
            history.records.append(
                HistoryRecord(
                    kind: record.kind, flags: record.flags, time: time, ticket: ticket, epoch: epoch,
                    command: record.command, effects: record.effects))
        }
        history.seal { sequence in
            let state = played[Int(sequence) - 1].state
            return state.isEmpty ? nil : NaiveStateRoot(state).root(through: sequence - 1)
        }
        return history
    }
}
