import Availability
import Cryptography
import Proof
import Testing
import Wire

@testable import Audit

/// Evidence that begins with a committed state, and evidence about commitments themselves.
@Suite struct EvidenceStateTests {
    /// A log with a commitment, more trades, and a second commitment, which is its last record.
    private struct Committed {
        let log: SignedLog
        /// The first state, the record it ends with, and the commitment that names it.
        let state: [UInt8], through: UInt64, commitment: UInt64

        init(
            _ change: @escaping (inout SignedLog.Draft) -> Void = { _ in }, secondRoot: Hash256? = nil,
            secondHead: Bytes32? = nil
        ) throws {
            log = SignedLog(change: change)
            log.open()
            (state, through) = (log.state, log.lastSequence)
            log.commit(stateRoot: try StateTree(canonical: state).root(through: through))
            commitment = log.lastSequence
            log.order(4, .buy, 104, 7)
            log.order(3, .sell, 90, 3)
            log.order(4, .buy, 95, 12)
            let root = try StateTree(canonical: log.state).root(through: log.lastSequence)
            log.commit(stateRoot: secondRoot ?? root, chainHead: secondHead)
        }

        func evidence(first: UInt64? = nil, last: UInt64? = nil, state other: [UInt8]? = nil) -> Evidence {
            .replay(
                head: log.checkpoint(), records: log.range(first ?? through, last ?? log.lastSequence),
                state: (other ?? state, log.range(commitment, commitment)))
        }
    }

    private func convicted(_ judgement: Judgement) -> Conviction? {
        if case .convicted(let conviction) = judgement { return conviction }
        return nil
    }

    @Test("an honest log is what the rules make of its committed state")
    func honest() throws {
        let venue = try Committed()
        let judgement = try venue.log.judge(venue.evidence())
        #expect(judgement == .notConvicted("the records are what the rules make of them"))
    }

    @Test("a wrong match after a committed state convicts")
    func effects() throws {
        let place = try Committed().commitment + 1
        // The quantity of a trade.
        let venue = try Committed({ draft in
            if draft.sequence == place {
                SignedLog.Draft.set(&draft.effects, UInt32(6), at: AcceptedMessage.size + 8 + 16)
            }
        })
        let conviction = try #require(convicted(try venue.log.judge(venue.evidence())))
        #expect(conviction.verdict == .effects && conviction.sequence == place, "\(conviction)")
        // Another state, however true, is not the one that was committed.
        #expect(convicted(try venue.log.judge(venue.evidence(state: venue.log.state))) == nil)
        // The state does not say what came before it.
        #expect(convicted(try venue.log.judge(venue.evidence(first: venue.through - 1))) == nil)
        #expect(convicted(try venue.log.judge(venue.evidence(first: venue.through + 1))) == nil)
    }

    @Test("a wrong state root convicts, from the state before and from the beginning")
    func stateRoot() throws {
        let venue = try Committed(secondRoot: Sha256.hash([1]))
        let last = venue.log.lastSequence
        let evidence = [
            venue.evidence(), .replay(head: venue.log.checkpoint(), records: venue.log.range(1, last)),
        ]
        for evidence in evidence {
            let conviction = try #require(convicted(try venue.log.judge(evidence)))
            #expect(conviction.verdict == .stateRoot && conviction.sequence == last, "\(conviction)")
        }
    }

    @Test("a wrong chain head convicts, with a replay and without")
    func chainHead() throws {
        let venue = try Committed(secondHead: Bytes32(7))
        let last = venue.log.lastSequence
        let evidence = [
            venue.evidence(), .records(head: venue.log.checkpoint(), [venue.log.range(last - 1, last)]),
        ]
        for evidence in evidence {
            let conviction = try #require(convicted(try venue.log.judge(evidence)))
            #expect(conviction.verdict == .commitmentHead && conviction.sequence == last, "\(conviction)")
        }
    }

    @Test("two commitments that name different states of one sequence convict")
    func twoStates() throws {
        let log = SignedLog()
        log.open()
        let through = log.lastSequence, head = log.head
        log.commit(through: through, stateRoot: Sha256.hash([1]), chainHead: head)
        log.commit(through: through, stateRoot: Sha256.hash([2]), chainHead: head)
        let evidence = Evidence.records(head: log.checkpoint(), [log.range(through + 1, through + 2)])
        let conviction = try #require(convicted(try log.judge(evidence)))
        #expect(conviction.verdict == .stateRoot && conviction.sequence == through + 2, "\(conviction)")
    }

    @Test("a commitment that speaks of no record before it convicts alone", arguments: [0, 1 << 40])
    func noRecordBefore(through: UInt64) throws {
        let log = SignedLog { draft in
            let template = draft.command.withUnsafeBytes { MessageHeader($0.baseAddress!).templateId }
            guard template == Template.stateCommitment else { return }
            // The venue refuses it: that it was accepted is the lie.
            draft.effects = [UInt8](repeating: 0, count: CommitmentAcceptedMessage.size)
            draft.effects.withUnsafeMutableBytes {
                CommitmentAcceptedMessage.encode(at: $0.baseAddress!, account: 2, through: through)
            }
        }
        log.open()
        log.commit(through: through, stateRoot: Sha256.hash([1]))
        let last = log.lastSequence
        for (evidence, verdict) in [
            (Evidence.records(head: log.checkpoint(), [log.range(last, last)]), ConvictionVerdict.commitmentThrough),
            (.replay(head: log.checkpoint(), records: log.range(1, last)), .effects),
        ] {
            let conviction = try #require(convicted(try log.judge(evidence)))
            #expect(conviction.verdict == verdict && conviction.sequence == last, "\(conviction)")
        }
    }

    @Test("a commitment that the venue refused names nothing")
    func refusedCommitment() throws {
        let log = SignedLog()
        log.open()
        let through = log.lastSequence
        // Account 3 is not settlement.
        log.command(3, SignedLog.key(3), StateCommitmentMessage.size, commitment: true) { base, nonce in
            StateCommitmentMessage.encode(
                at: base, account: 3, keySlot: 0, nonce: nonce, deadline: 0, through: through,
                stateRoot: Bytes32(1), chainHead: Bytes32(2), dataThrough: 0, dataDigest: Bytes32())
        }
        let last = log.lastSequence
        let evidence: [Evidence] = [
            .records(head: log.checkpoint(), [log.range(through, last)]),
            .replay(head: log.checkpoint(), records: log.range(1, last)),
        ]
        for evidence in evidence { #expect(convicted(try log.judge(evidence)) == nil) }
    }

    // MARK: Data

    private func batch(_ records: ArraySlice<[UInt8]>, first: UInt64, previous: Hash256, _ log: SignedLog) -> Batch {
        var draft = Batch.Draft(venue: log.venueId, previous: previous, first: first)
        for record in records { record.withUnsafeBytes { draft.append(RecordView($0.baseAddress!)) } }
        return draft.finish()
    }

    @Test("a batch with another record than the log convicts, also through links; a true one does not")
    func data() throws {
        for isTrue in [false, true] {
            let log = SignedLog()
            log.open()
            var records = log.records
            if !isTrue { records[7][20] ^= 1 }
            let first = batch(records[0..<10], first: 1, previous: .zero, log)
            let second = batch(records[10..<12], first: 11, previous: first.digest, log)
            log.commit(stateRoot: Sha256.hash([1]), dataThrough: 12, dataDigest: second.digest)
            let commitment = log.range(log.lastSequence, log.lastSequence)
            let leaves = LeafRange(first: 1, last: 10, of: log.leaves)
            func judge(_ batches: [[UInt8]], _ leaves: LeafRange) throws -> Conviction? {
                convicted(
                    try log.judge(
                        .data(head: log.checkpoint(), commitment: commitment, batches: batches, leaves: leaves)))
            }
            let conviction = try judge([second.bytes, first.bytes], leaves)
            #expect(conviction?.verdict == (isTrue ? nil : .data))
            #expect(conviction?.sequence == (isTrue ? nil : 8))
            #expect(try judge([second.bytes], leaves) == nil)
            #expect(try judge([first.bytes], leaves) == nil)
            #expect(try judge([second.bytes, first.bytes], LeafRange(first: 11, last: 12, of: log.leaves)) == nil)
        }
    }

    @Test("a digest of bytes that are no batch convicts")
    func noBatch() throws {
        let log = SignedLog()
        log.open()
        let bytes = [UInt8](repeating: 3, count: 500)
        log.commit(stateRoot: Sha256.hash([1]), dataThrough: 12, dataDigest: Sha256.hash(bytes))
        let evidence = Evidence.data(
            head: log.checkpoint(), commitment: log.range(log.lastSequence, log.lastSequence), batches: [bytes],
            leaves: LeafRange(first: 1, last: 1, of: log.leaves))
        let conviction = try #require(convicted(try log.judge(evidence)))
        #expect(conviction.verdict == .data && conviction.sequence == 12)
    }

    // MARK: Liabilities

    @Test("committed sums that are not the total convict, also wrapped ones; true sums do not")
    func liabilities() throws {
        let log = SignedLog()
        log.open()
        let through = log.lastSequence
        let tree = try StateTree(canonical: log.state)
        let key = SignedLog.key(3).publicKey.bytes
        let made = tree.balanceProof(account: 3, asset: 0, ownerKey: key, through: through)
        let proof = try #require(made)
        var forged = proof.bytes
        // The lowest byte of the asset's total stands behind symbol and decimals.
        let total = 64 + StateTree.accountDepth * SumNode.byteCount + 9
        forged[total] ^= 1
        var wrapped = proof.bytes
        // The highest byte of the sum of the first sibling: it now takes the sum past 2^128.
        wrapped[64 + 32] = 0xFF
        wrapped[48] = 0xFF
        for (bytes, isFraud) in [(proof.bytes, false), (forged, true), (wrapped, true)] {
            let log = SignedLog()
            log.open()
            let claim = try #require(BalanceProof(bytes).sumClaim)
            #expect(claim.isBacked != isFraud)
            log.commit(stateRoot: claim.stateRoot)
            let commitment = log.range(log.lastSequence, log.lastSequence)
            let judgement = try log.judge(
                .liabilities(head: log.checkpoint(), commitment: commitment, balance: bytes))
            #expect(convicted(judgement)?.verdict == (isFraud ? .liabilities : nil))
            #expect(convicted(judgement)?.sequence == (isFraud ? log.lastSequence : nil))
            // A proof that leads to another root was made up by somebody else.
            for other in [forged, wrapped] where other != bytes {
                #expect(
                    convicted(
                        try log.judge(.liabilities(head: log.checkpoint(), commitment: commitment, balance: other)))
                        == nil)
            }
        }
    }
}
