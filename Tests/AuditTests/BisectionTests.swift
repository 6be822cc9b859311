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
        let (first, second) = (try Published(), try Published())
        try first.writeJournal(fixture.records, venueId: fixture.venueId)
        try second.writeTiles(other.records, log: other.log)
        guard case .differ(let sequence, let own, let theirs) = Bisection.compare(first.journal, second.tiles) else {
            Issue.record("no difference")
            return
        }
        #expect(sequence == other.sequences[.crossing] && own != theirs && own.hasPrefix("\(sequence) "))
        guard case .diverges(let finding) = Bisection.replay(second.tiles) else {
            Issue.record("no divergence")
            return
        }
        #expect(finding.verdict == .effects && finding.sequence == sequence)
    }

    @Test func oneThatEndsBeforeTheOtherDoesNotDiffer() throws {
        let fixture = AuditFixture(orders: 300)
        let (long, short) = (try Published(), try Published())
        try long.writeTiles(fixture.records, log: fixture.log)
        try short.writeJournal(Array(fixture.records.prefix(100)), venueId: fixture.venueId)
        for (places, which) in [([long.tiles, short.journal], "second"), ([short.journal, long.tiles], "first")] {
            let outcome = Bisection.compare(places[0], places[1])
            guard case .ends(100, let shorter, let next) = outcome else {
                Issue.record("\(outcome)")
                return
            }
            #expect(shorter.rawValue == which && next.hasPrefix("101 ") && outcome.exitStatus == 1)
            let said = try Executables.run("verifier", ["bisect"] + places)
            let longer = which == "first" ? "second  " : "first   "
            let words = "the same through record 100, where the \(which) ends\n\(longer)\(next)\n"
            #expect(said.output == words && said.status == 1, "\(said)")
        }
        // A difference that comes before either ends is one.
        let other = AuditFixture(orders: 300) { step, draft in
            if step == .crossing { draft.effects[200] ^= 1 }
            return true
        }
        let cut = try Published()
        try cut.writeJournal(other.records.dropLast(5), venueId: other.venueId)
        guard case .differ(let sequence, _, _) = Bisection.compare(cut.journal, long.tiles) else {
            Issue.record("no difference")
            return
        }
        #expect(sequence == other.sequences[.crossing])
    }

    @Test func nothingIsNotSame() throws {
        let published = try Published()
        #expect(Bisection.compare(published.directory, published.directory).exitStatus == 2)
        #expect(Bisection.replay("/nonexistent").exitStatus == 2)
        #expect(try Executables.run("verifier", ["bisect", "/nonexistent", "ftp://x"]).status == 64)
        // A journal that was made, and nothing written.
        let (empty, fixture) = (try Published(), AuditFixture(orders: 1))
        try empty.writeJournal([], venueId: fixture.venueId)
        try published.writeJournal(fixture.records, venueId: fixture.venueId)
        for (first, second) in [(empty, published), (published, empty), (empty, empty)] {
            let outcome = Bisection.compare(first.journal, second.journal)
            #expect(outcome == .unreadable("\(empty.journal) holds no record"))
        }
    }
}
