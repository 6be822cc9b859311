import Cryptography
import Proof
import Testing
import Wire

@testable import Audit

/// Histories whose chain holds, and whose content does not: each has its verdict, at its record.
@Suite struct LyingHistoryTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let name: String
        let step: AuditFixture.Step
        let verdict: Verdict
        let change: @Sendable (inout AuditFixture.Draft) -> Bool

        var testDescription: String { name }

        init(
            _ name: String, _ step: AuditFixture.Step, _ verdict: Verdict,
            _ change: @escaping @Sendable (inout AuditFixture.Draft) -> Void
        ) {
            (self.name, self.step, self.verdict) = (name, step, verdict)
            self.change = {
                change(&$0)
                return true
            }
        }

        /// The record is left out: the next one takes its place.
        init(without step: AuditFixture.Step, _ verdict: Verdict) {
            (name, self.step, self.verdict) = ("without \(step)", step, verdict)
            change = { _ in false }
        }
    }

    static let cases: [Case] = [
        Case("another signature", .firstOrder, .signature) { $0.signature[5] ^= 1 },
        Case("no signature", .crossing, .signature) { $0.signature = Array(repeating: 0, count: 64) },
        Case("another price", .firstOrder, .signature) { $0.set(UInt32(2), at: 48) },
        Case("another account's key", .firstOrder, .signature) { $0.set(UInt32(4), at: 8) },
        Case("a nonce again", .last, .nonce) { $0.set(UInt64(1), at: 16) },
        Case("the largest nonce", .last, .nonce) { $0.set(UInt64.max, at: 16) },
        Case("a slot without key", .last, .unknownKey) { $0.set(UInt16(3), at: 12) },
        Case("an account that is none", .last, .unknownKey) { $0.set(UInt32(7), at: 8) },
        Case("a revoked key", .afterCrossing, .revokedKey) { $0.set(UInt16(1), at: 12) },
        Case("a template that is none", .last, .commandStructure) { $0.set(UInt16(9999), at: 2) },
        Case("another length", .last, .commandStructure) { $0.message += [0, 0, 0, 0, 0, 0, 0, 0] },
        Case("a proof that is said to hold", .badProof, .proofs) { $0.flags = .proofsHold },
        Case("a proof that is said not to hold", .addKey, .proofs) { $0.flags = [] },
        Case("a rotation that is said not to hold", .rotateKey, .proofs) { $0.flags = [] },
        Case("a flag on an order", .firstOrder, .proofs) { $0.flags = .proofsHold },
        Case("an unknown flag", .firstOrder, .recordStructure) { $0.flags = RecordFlags(rawValue: 2) },
        Case("a time that goes back", .last, .timeBack) { $0.time -= 5000 },
        Case("an epoch that goes back", .last, .epoch) { $0.epoch = 1 },
        Case("an epoch without a restart", .firstOrder, .epoch) { $0.epoch = 2 },
        Case("a restart without an epoch", .restart, .epoch) { $0.epoch = 1 },
        Case("another sequence", .last, .sequence) { $0.sequence += 1 },
        Case("another previous hash", .last, .chainBroken) { $0.previousHash.word0 ^= 1 },
        Case("a feed sequence ahead", .firstOrder, .feedSequence) { $0.feedSequence += 1 },
        Case("a generation that is skipped", .restart, .restart) { $0.set(UInt32(9), at: 80) },
        Case("another head before a restart", .restart, .restart) { $0.set(UInt32(9), at: 8) },
        Case("a second genesis", .deposit, .recordStructure) {
            $0.kind = .genesis; $0.signature = []
        },
        Case("a reserved word of a restart", .restart, .recordStructure) { $0.set(UInt32(1), at: 84) },
        Case("a continuation of another command", .continuation, .continuation) { $0.set(UInt64(5), at: 8) },
        Case("a bit of a trade", .crossing, .effects) { $0.effects[$0.effects.count / 2] ^= 1 },
        Case("a fee", .continuation, .effects) { $0.effects[$0.effects.count - 12] ^= 1 },
        Case("a balance", .withdraw, .effects) { $0.effects[16] ^= 1 },
        Case("an effect less", .firstOrder, .effects) { $0.effects.removeLast(8) },
        Case("no effects", .deposit, .effects) { $0.effects = [] },
        Case("other rules", .genesis, .foreignVenue) { $0.set(UInt32(2), at: 8 + 172) },
        Case(without: .continuation, .continuation),
        Case(without: .afterCrossing, .feedSequence),
    ]

    @Test(arguments: cases)
    func isCaughtAtItsRecord(_ test: Case) throws {
        let fixture = AuditFixture { step, draft in step == test.step ? test.change(&draft) : true }
        let honest = AuditFixture(orders: 1)
        let published = try Published()
        try published.writeTiles(fixture.records, log: fixture.log)
        let report = audit(.tiles(published.tiles), fixture.anchors)
        let finding = try #require(report.finding)
        #expect(finding.verdict == test.verdict, "\(finding)")
        #expect(finding.sequence == fixture.sequences[test.step], "\(finding)")
        #expect(report.exitStatus == 1)
        #expect(honest.venueId == fixture.venueId, "the change is in the record, not in the venue")
    }

    /// The first record of a step is the one that counts: two accounts are opened, four deposits made.
    @Test func firstOfTwoLiesIsNamed() throws {
        let fixture = AuditFixture { step, draft in
            if step == .firstOrder || step == .last { draft.signature[0] ^= 1 }
            return true
        }
        let published = try Published()
        try published.writeTiles(fixture.records, log: fixture.log)
        let report = audit(.tiles(published.tiles), fixture.anchors)
        #expect(report.finding?.verdict == .signature && report.finding?.sequence == fixture.sequences[.firstOrder])
    }

    @Test func hashThatDoesNotHoldIsFound() throws {
        let fixture = AuditFixture()
        var records = fixture.records
        records[20][RecordLayout.arrivalTime] ^= 1
        let published = try Published()
        try published.writeTiles(records, log: fixture.log)
        let report = audit(.tiles(published.tiles), fixture.anchors)
        #expect(report.finding?.verdict == .recordHash && report.finding?.sequence == 21, "\(report)")
    }

    @Test func signaturesAreLeftOutWhenNobodyAsks() throws {
        let fixture = AuditFixture { step, draft in
            if step == .last { draft.signature[0] ^= 1 }
            return true
        }
        let published = try Published()
        try published.writeTiles(fixture.records, log: fixture.log)
        try published.writeBatches([fixture.batch(1...20)])
        let report = audit(.tiles(published.tiles), fixture.anchors) { $0.checksSignatures = false }
        #expect(report.exitStatus == 0 && report.counts.signatures == 0)
    }
}
