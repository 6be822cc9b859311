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
            let comparison = try accuser.comparison(head: kept)
            if isLiar, case .contradiction(let evidence) = comparison {
                #expect(try verdict(evidence) == .rewrittenHistory)
            } else {
                #expect(!isLiar && comparison == .continues)
            }
            #expect(try verdict(accuser.evidence(record: 290)) == (isLiar ? .feedSequence : nil))
            #expect(try verdict(accuser.evidence(record: 289)) == nil)
            #expect(throws: AccuserError.self) { try accuser.evidence(record: log.lastSequence + 1) }
            #expect(throws: AccuserError.self) { try accuser.comparison(head: [1]) }
            #expect(throws: AccuserError.self) { try accuser.evidence(receipt: [1]) }
        }
    }

    @Test("a kept checkpoint is continued, or the published one is shorter, or nothing can be said")
    func keptHead() throws {
        let honest = log(), place = try Published()
        try place.writeTiles(honest.records, sizes: [280], log: honest.logSigner)
        func write(_ name: String, _ bytes: [UInt8]) throws -> String {
            try Data(bytes).write(to: URL(fileURLWithPath: "\(place.directory)/\(name)"))
            return "\(place.directory)/\(name)"
        }
        let anchors = try write("anchors", Array(honest.anchors().text.utf8))
        let (small, large) = (try write("small", honest.checkpoint(270)), try write("large", honest.checkpoint(300)))
        let evidence = place.directory + "/evidence"
        func accuse(_ head: String) throws -> (status: Int32, output: String) {
            try Executables.run(
                "verifier", ["accuse", place.tiles, "--anchors", anchors, "--head", head, "--output", evidence])
        }
        let continued = try accuse(small)
        #expect(continued.status == 0 && continued.output.contains("continues the one given"), "\(continued)")
        let shorter = try accuse(large)
        #expect(shorter.status == 1 && shorter.output.hasPrefix("ALARM goes-back: "), "\(shorter)")
        // Tiles that cannot be read prove nothing; that the log is shorter still stands.
        try FileManager.default.removeItem(atPath: place.tiles + "/tile")
        let unreadable = try accuse(small)
        #expect(unreadable.status == 2 && unreadable.output.hasPrefix("NOT CHECKED: "), "\(unreadable)")
        #expect(try accuse(large).status == 1)
        let accuser = Accuser(place.tiles, anchors: honest.anchors())
        #expect(try accuser.comparison(head: honest.checkpoint(300)) == .shorter(published: 280, kept: 300))
        #expect(!FileManager.default.fileExists(atPath: evidence))
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

    @Test("entries that are published later than checkpoints keep nobody from accusing")
    func delayed() throws {
        let liar = log { if $0.sequence == 200 { $0.feedSequence += 1 } }
        let place = try Published()
        try place.writeTiles(
            liar.records, sizes: [250, liar.records.count], entryCount: 250, log: liar.logSigner)
        let accuser = Accuser(place.tiles, anchors: liar.anchors())
        guard case .convicted(let conviction) = try liar.judge(accuser.evidence(record: 200)) else {
            Issue.record("not convicted")
            return
        }
        #expect(conviction.verdict == .feedSequence && conviction.sequence == 200)
        #expect(throws: AccuserError.self) { try accuser.evidence(record: 251) }
    }

    @Test("a place with nothing in it accuses nobody")
    func empty() throws {
        let place = try Published()
        let log = SignedLog()
        let accuser = Accuser(place.tiles, anchors: log.anchors())
        #expect(throws: AccuserError.self) { try accuser.evidence(record: 1) }
        #expect(throws: AccuserError.self) { try accuser.comparison(head: log.checkpoint()) }
    }
}
