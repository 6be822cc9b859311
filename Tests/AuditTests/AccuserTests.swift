import Cryptography
import Foundation
import Proof
import Testing
import Wire

@testable import Audit

/// Evidence made from published files.
@Suite struct AccuserTests {
    private func published(_ log: SignedLog) throws -> Published {
        let place = try Published()
        try place.writeTiles(log.records, log: log.logSigner)
        return place
    }

    private func log(_ change: @escaping (inout SignedLog.Draft) -> Void = { _ in }) -> SignedLog {
        let log = SignedLog(change: change)
        log.open()
        for index in UInt32(0)..<300 { log.order(3, .sell, 200 + index, 1) }
        return log
    }

    @Test("a receipt, a kept checkpoint and a wrong record convict; of an honest venue nothing does")
    func accuse() throws {
        let honest = log(), liar = log { if $0.sequence == 290 { $0.feedSequence += 1 } }
        let receipt = honest.receipt(290).encoded, kept = honest.checkpoint(291)
        for (log, isLiar) in [(honest, false), (liar, true)] {
            let place = try published(log)
            let accuser = Accuser(place.tiles, anchors: log.anchors())
            func verdict(_ evidence: Evidence?) throws -> ConvictionVerdict? {
                guard let evidence, case .convicted(let conviction) = try log.judge(evidence) else { return nil }
                return conviction.verdict
            }
            #expect(try verdict(accuser.evidence(receipt: receipt)) == (isLiar ? .omission : nil))
            #expect(try verdict(accuser.evidence(head: kept)) == (isLiar ? .rewrittenHistory : nil))
            #expect(try verdict(accuser.evidence(record: 290)) == (isLiar ? .feedSequence : nil))
            #expect(try verdict(accuser.evidence(record: 289)) == nil)
            #expect(throws: AccuserError.self) { try accuser.evidence(record: log.lastSequence + 1) }
            #expect(throws: AccuserError.self) { try accuser.evidence(head: [1]) }
            #expect(throws: AccuserError.self) { try accuser.evidence(receipt: [1]) }
        }
    }

    @Test("from the last commitment on evidence is short, and convicts")
    func fromCommitment() throws {
        var committed: UInt64 = 0
        let log = SignedLog { if committed > 0, $0.sequence == committed + 5 { $0.feedSequence += 1 } }
        log.open()
        for index in UInt32(0)..<300 { log.order(3, .sell, 200 + index, 1) }
        log.commit(stateRoot: try StateTree(canonical: log.state).root(through: log.lastSequence))
        committed = log.lastSequence
        for index in UInt32(0)..<10 { log.order(4, .buy, 20 + index, 1) }
        // One that names nothing true does not help, and is convicted itself.
        log.commit(stateRoot: Sha256.hash([1]))
        let place = try published(log)
        let accuser = Accuser(place.tiles, anchors: log.anchors())
        let evidence = try accuser.evidence(record: committed + 5)
        #expect(evidence.sections.contains { $0.type == .state })
        #expect(try RecordRange(evidence.sections[3].bytes).records.count == 7)
        guard case .convicted(let conviction) = try log.judge(evidence) else {
            Issue.record("not convicted")
            return
        }
        #expect(conviction.verdict == .feedSequence && conviction.sequence == committed + 5)
        let honest = try accuser.evidence(record: committed + 4)
        guard case .notConvicted = try log.judge(honest) else {
            Issue.record("convicted")
            return
        }
    }

    @Test("a place with nothing in it accuses nobody")
    func empty() throws {
        let place = try Published()
        let log = SignedLog()
        let accuser = Accuser(place.tiles, anchors: log.anchors())
        #expect(throws: AccuserError.self) { try accuser.evidence(record: 1) }
        #expect(throws: AccuserError.self) { try accuser.evidence(head: log.checkpoint()) }
    }
}
