import Testing
import Wire

@testable import Audit

@Suite struct BisectionTests {
    @Test func sameHistoryInThreeFormsIsTheSame() throws {
        let fixture = AuditFixture(orders: 300)
        let published = try Published()
        try published.writeJournal(fixture.records, venueId: fixture.venueId)
        try published.writeTiles(fixture.records, log: fixture.log)
        try published.writeBatches([fixture.batch(1...UInt64(fixture.records.count))])
        let same = Bisection.Outcome.same(records: UInt64(fixture.records.count))
        #expect(Bisection.compare(published.journal, published.tiles) == same)
        #expect(Bisection.compare(published.tiles, published.data) == same)
        #expect(Bisection.replay(published.journal) == same)
    }

    @Test func firstDifferenceIsNamed() throws {
        let fixture = AuditFixture(orders: 300)
        let other = AuditFixture(orders: 300) { step, draft in
            if step == .crossing { draft.effects[200] ^= 1 }
            return true
        }
        let (first, second, short) = (try Published(), try Published(), try Published())
        try first.writeJournal(fixture.records, venueId: fixture.venueId)
        try second.writeTiles(other.records, log: other.log)
        try short.writeJournal(Array(fixture.records.prefix(100)), venueId: fixture.venueId)
        guard case .differ(let sequence, let own, let theirs) = Bisection.compare(first.journal, second.tiles) else {
            Issue.record("no difference")
            return
        }
        #expect(sequence == other.sequences[.crossing] && own != theirs && own.hasPrefix("\(sequence) "))
        guard case .differ(101, _, let end) = Bisection.compare(first.journal, short.journal) else {
            Issue.record("no difference")
            return
        }
        #expect(end == "the end, behind record 100")
        guard case .diverges(let finding) = Bisection.replay(second.tiles) else {
            Issue.record("no divergence")
            return
        }
        #expect(finding.verdict == .effects && finding.sequence == sequence)
    }

    @Test func nothingIsNotSame() throws {
        let published = try Published()
        #expect(Bisection.compare(published.directory, published.directory).exitStatus == 2)
        #expect(Bisection.replay("/nonexistent").exitStatus == 2)
    }
}
