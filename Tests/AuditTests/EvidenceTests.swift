import Cryptography
import Proof
import Testing
import Wire

@testable import Audit

/// Each kind of evidence convicts a liar, and nobody else.
@Suite struct EvidenceTests {
    /// A log whose record of a sequence is changed; everything else is as it should be.
    private func liar(at sequence: UInt64, _ lie: @escaping (inout SignedLog.Draft) -> Void) -> SignedLog {
        let log = SignedLog { if $0.sequence == sequence { lie(&$0) } }
        log.open()
        return log
    }

    private func honest() -> SignedLog {
        let log = SignedLog()
        log.open()
        return log
    }

    private func expect(
        _ judgement: Judgement, _ verdict: ConvictionVerdict, _ sequence: UInt64,
        _ location: SourceLocation = #_sourceLocation
    ) {
        guard case .convicted(let conviction) = judgement else {
            Issue.record("\(judgement)", sourceLocation: location)
            return
        }
        #expect(conviction.verdict == verdict, "\(conviction)", sourceLocation: location)
        #expect(conviction.sequence == sequence, "\(conviction)", sourceLocation: location)
    }

    private func expectNothing(_ judgement: Judgement, _ location: SourceLocation = #_sourceLocation) {
        if case .convicted(let conviction) = judgement { Issue.record("\(conviction)", sourceLocation: location) }
    }

    // MARK: Heads

    @Test("two roots of one size convict, one root of one size and two sizes do not")
    func equivocation() throws {
        let log = honest(), other = liar(at: 9) { $0.time += 1 }
        expect(try log.judge(.equivocation(log.checkpoint(12), other.checkpoint(12))), .equivocation, 12)
        expectNothing(try log.judge(.equivocation(log.checkpoint(12), log.checkpoint(12))))
        expectNothing(try log.judge(.equivocation(log.checkpoint(8), other.checkpoint(12))))
        let stranger = SignedLog(random: 2)
        stranger.open()
        expectNothing(try log.judge(.equivocation(log.checkpoint(12), stranger.checkpoint(12))))
    }

    @Test(
        "a newer head that continues another old tree convicts, at every size", arguments: [1, 2, 3, 4, 7, 8, 11, 12])
    func rewritten(old: UInt64) throws {
        let log = honest(), other = liar(at: 1) { $0.time -= 1 }
        #expect(log.leaves.count > 12)
        let size = other.lastSequence
        let proof = try MerkleTree.consistencyProof(old: old, size: size, LeafSource(other.leaves))
        let root = MerkleTree.root(Array(other.leaves.prefix(Int(old))))
        let claim = ConsistencyClaim(oldSize: old, oldRoot: root, proof: proof)
        expect(
            try log.judge(.rewrittenHistory(old: log.checkpoint(old), new: other.checkpoint(), claim: claim)),
            .rewrittenHistory, old)
        // The same claim about a log that did continue.
        expectNothing(
            try log.judge(.rewrittenHistory(old: other.checkpoint(old), new: other.checkpoint(), claim: claim)))
        // A root that is only claimed.
        let invented = ConsistencyClaim(oldSize: old, oldRoot: Sha256.hash([1]), proof: proof)
        expectNothing(
            try log.judge(.rewrittenHistory(old: log.checkpoint(old), new: other.checkpoint(), claim: invented)))
    }

    // MARK: Promises

    @Test("a receipt and another record at its place are an omission")
    func omission() throws {
        let log = honest(), other = liar(at: 14) { $0.time += 1 }
        let receipt = log.receipt(14)
        let leaf = LeafRange(first: 14, last: 14, of: other.leaves)
        let command = log.records[13].withUnsafeBytes { bytes in
            let record = RecordView(bytes.baseAddress!)
            return Array(UnsafeRawBufferPointer(start: record.command, count: record.commandLength))
        }
        expect(
            try log.judge(
                .omission(receipt: receipt.encoded, command: command, head: other.checkpoint(), other: leaf)),
            .omission, 14)
        expect(
            try log.judge(.omission(receipt: receipt.encoded, head: other.checkpoint(), other: leaf)), .omission, 14)
        // The record is there.
        expectNothing(
            try log.judge(
                .omission(
                    receipt: receipt.encoded, head: log.checkpoint(),
                    other: LeafRange(first: 14, last: 14, of: log.leaves))))
        // Another record of the same log.
        expectNothing(
            try log.judge(
                .omission(
                    receipt: receipt.encoded, head: log.checkpoint(),
                    other: LeafRange(first: 15, last: 15, of: log.leaves))))
        // Somebody else's command.
        expectNothing(
            try log.judge(
                .omission(
                    receipt: receipt.encoded, command: [UInt8](repeating: 1, count: 80), head: other.checkpoint(),
                    other: leaf)))
    }

    @Test("a receipt by a key that was replaced before its range convicts all the same")
    func replacedKey() throws {
        func log(_ change: @escaping (inout SignedLog.Draft) -> Void = { _ in }) -> SignedLog {
            let log = SignedLog(change: change)
            log.open()
            log.rotateReceiptKey(to: SigningKey(insecureDeterministic: 33))
            log.order(3, .sell, 140, 1)
            return log
        }
        let honest = log(), last = honest.lastSequence
        let other = log { if $0.sequence == last { $0.time += 1 } }
        let effects = honest.records[Int(last) - 2].withUnsafeBytes { bytes in
            var effects = RecordView(bytes.baseAddress!).effects
            return effects.read()?.template
        }
        #expect(effects == Template.venueKeyRotated, "the change is in force before the order")
        expect(
            try honest.judge(
                .omission(
                    receipt: honest.receipt(last).encoded, head: other.checkpoint(),
                    other: LeafRange(first: last, last: last, of: other.leaves))), .omission, last)
    }

    @Test("heads that witnesses saw too late convict only when no quorum can have seen the record in time")
    func late() throws {
        let log = honest()
        let receipt = log.receipt(14)
        let promised = receipt.promisedBy / 1_000_000_000, after = promised + 20
        func short(_ size: UInt64, _ cosigned: [(Int, UInt64)]) -> [UInt8] {
            log.checkpoint(size, cosigned: cosigned.map { (witness: $0.0, time: $0.1) })
        }
        func judge(_ heads: [[UInt8]], _ quorum: Int, later: Bool = false) throws -> Judgement {
            let proof = LeafRange(first: 14, last: 14, of: log.leaves)
            return try log.judge(
                .omission(
                    receipt: receipt.encoded, short: heads, later: later ? (log.checkpoint(), proof) : nil),
                witnesses: 3, quorum: quorum)
        }
        // One witness of three, and a quorum of two could do without it.
        expectNothing(try judge([short(12, [(0, after)])], 2))
        expect(try judge([short(12, [(0, after), (1, after)])], 2), .late, 14)
        expect(try judge([short(12, [(0, after)])], 3), .late, 14)
        // Nobody is asked when a checkpoint was there.
        expectNothing(try judge([short(12, [(0, after), (1, after), (2, after)])], 0))
        // In time, or within what clocks may differ.
        expectNothing(try judge([short(12, [(0, promised - 1)])], 3))
        expectNothing(try judge([short(12, [(0, promised + 5)])], 3))
        // A witness that was away, or is new, sees the heads of an honest log late, one after the other.
        let goesOn = [short(11, [(0, after)]), short(13, [(0, after + 5)])]
        expect(try judge(goesOn, 3), .late, 14)
        // It came in the end.
        expect(try judge(goesOn, 3, later: true), .late, 14)
        // It was there in time: others have seen it.
        let proof = LeafRange(first: 14, last: 14, of: log.leaves)
        func answer(_ times: [UInt64], _ quorum: Int) throws -> Judgement {
            let seen = log.checkpoint(cosigned: times.enumerated().map { (witness: $0.offset, time: $0.element) })
            let heads = [short(12, [(0, after), (1, after), (2, after)])]
            return try log.judge(
                .omission(receipt: receipt.encoded, short: heads, later: (seen, proof)), witnesses: 3, quorum: quorum)
        }
        expectNothing(try answer([promised - 5, promised], 2))
        expect(try answer([promised - 5, after], 2), .late, 14)
        expectNothing(try judge([], 3, later: true))
        // A head that has the record.
        expectNothing(try judge([short(14, [(0, after)])], 3))
    }

    @Test("a record from after the promise, in the place of none, is an omission")
    func wentOn() throws {
        let log = honest()
        let receipt = log.receipt(14)
        func judge(_ seconds: UInt64, at sequence: UInt64) throws -> Judgement {
            let other = SignedLog {
                if $0.sequence == sequence { $0.time = receipt.promisedBy + seconds * 1_000_000_000 }
            }
            other.open()
            return try log.judge(
                .omission(
                    receipt: receipt.encoded, head: other.checkpoint(), later: other.range(sequence, sequence)))
        }
        expect(try judge(3_600, at: 13), .omission, 14)
        // Within what clocks may differ.
        expectNothing(try judge(10, at: 13))
        // The log has more records than were promised: what stands at the receipt's place decides.
        expectNothing(try judge(3_600, at: 14))
        expectNothing(
            try log.judge(.omission(receipt: receipt.encoded, head: log.checkpoint(), later: log.range(13, 13))))
    }

    // MARK: Replay

    @Test("a record that is not what the rules make of those before it convicts")
    func effects() throws {
        // The last record is the trade: quantities of an Executed.
        let length = honest().lastSequence
        let log = liar(at: length) { draft in
            SignedLog.Draft.set(&draft.effects, UInt32(101), at: AcceptedMessage.size + 8 + 12)
        }
        expect(try log.judge(.replay(head: log.checkpoint(), records: log.range(1, length))), .effects, length)
        let good = honest()
        expectNothing(try good.judge(.replay(head: good.checkpoint(), records: good.range(1, length))))
        // Not from the beginning, and no state.
        expectNothing(try log.judge(.replay(head: log.checkpoint(), records: log.range(2, length))))
        // Records that the head does not have.
        expectNothing(try log.judge(.replay(head: good.checkpoint(), records: log.range(1, length))))
    }

    @Test("every lie about a record has its verdict")
    func replayVerdicts() throws {
        let cases: [(UInt64, ConvictionVerdict, (inout SignedLog.Draft) -> Void)] = [
            (14, .timeBack, { $0.time -= 1_000_000 }),
            (14, .chainBroken, { $0.previousHash = .zero }),
            (14, .sequence, { $0.sequence = 15 }),
            (14, .epoch, { $0.epoch = 2 }),
            (14, .feedSequence, { $0.feedSequence += 1 }),
            (14, .signature, { $0.command[40] ^= 1 }),
            (5, .proofs, { $0.flags = [] }),
        ]
        for (sequence, verdict, lie) in cases {
            let log = liar(at: sequence, lie)
            let judgement = try log.judge(.replay(head: log.checkpoint(), records: log.range(1, log.lastSequence)))
            guard case .convicted(let conviction) = judgement else {
                Issue.record("\(verdict): \(judgement)")
                continue
            }
            // A command that was changed does something else, so effects come before signatures.
            #expect([verdict, .effects].contains(conviction.verdict), "\(conviction)")
            #expect(conviction.sequence == sequence, "\(conviction)")
        }
    }

    // MARK: Records

    @Test("a signature that does not hold convicts with the record that gave the key")
    func signature() throws {
        let log = liar(at: 14) { $0.command[$0.command.count - 1] ^= 1 }
        // Account 3 is created by record 5.
        expect(try log.judge(.records(head: log.checkpoint(), [log.range(5, 5), log.range(14, 14)])), .signature, 14)
        // Without the key nothing is known.
        expectNothing(try log.judge(.records(head: log.checkpoint(), [log.range(14, 14)])))
        let good = honest()
        expectNothing(try good.judge(.records(head: good.checkpoint(), [good.range(5, 5), good.range(14, 14)])))
        // The operator's key stands in the genesis message.
        let forged = liar(at: 6) { $0.command[$0.command.count - 1] ^= 1 }
        expect(
            try forged.judge(.records(head: forged.checkpoint(), [forged.range(6, 6)], genesis: forged.genesis)),
            .signature, 6)
        let stranger = SignedLog(random: 2)
        expectNothing(
            try forged.judge(.records(head: forged.checkpoint(), [forged.range(6, 6)], genesis: stranger.genesis)))
    }

    @Test("records that contradict each other convict without a replay")
    func contradictions() throws {
        let cases: [(UInt64, ConvictionVerdict, (inout SignedLog.Draft) -> Void)] = [
            (14, .timeBack, { $0.time -= 1_000_000 }),
            (14, .chainBroken, { $0.previousHash = .zero }),
            (14, .sequence, { $0.sequence = 15 }),
            (14, .nonce, { SignedLog.Draft.set(&$0.command, UInt64(1), at: 16) }),
            (5, .proofs, { $0.command[8 + 40] ^= 1 }),
        ]
        for (sequence, verdict, lie) in cases {
            let log = liar(at: sequence, lie)
            let pair = log.range(sequence - 1, sequence)
            expect(try log.judge(.records(head: log.checkpoint(), [pair])), verdict, sequence)
        }
        let log = honest()
        expectNothing(
            try log.judge(
                .records(head: log.checkpoint(), [log.range(1, log.lastSequence)], genesis: log.genesis)))
    }

    @Test("bytes that are no record convict")
    func noRecord() throws {
        let log = honest()
        log.write([])
        log.write([UInt8](repeating: 7, count: 200))
        let last = log.lastSequence
        expect(
            try log.judge(.records(head: log.checkpoint(), [log.range(last - 1, last - 1)])), .recordStructure, last - 1
        )
        expect(try log.judge(.records(head: log.checkpoint(), [log.range(last, last)])), .recordStructure, last)
        expect(
            try log.judge(.replay(head: log.checkpoint(), records: log.range(1, last))), .recordStructure, last - 1)
    }
}

/// Leaf hashes as the source of a tree.
struct LeafSource: TreeSource {
    let leaves: [Hash256]

    init(_ leaves: [Hash256]) { self.leaves = leaves }

    func hash(level: Int, index: UInt64) -> Hash256 {
        MerkleTree.root(Array(leaves[Int(index << UInt64(level))..<Int((index + 1) << UInt64(level))]))
    }
}
