import Cryptography
import Proof
import Testing
import Wire

@testable import Audit

/// Evidence is bytes from strangers: it may say anything, and must not convict without proof, nor stop the judge.
@Suite struct EvidenceFuzzTests {
    /// A liar's log and evidence of every kind that convicts it, with the honest log beside it.
    private static func convictions() throws -> (log: SignedLog, evidence: [Evidence]) {
        let log = SignedLog()
        log.open()
        let liar = SignedLog { if $0.sequence == 14 { $0.time -= 1_000_000 } }
        liar.open()
        let receipt = log.receipt(14)
        let late = SignedLog { if $0.sequence == 13 { $0.time = receipt.promisedBy + 3_600_000_000_000 } }
        late.open()
        let proof = try MerkleTree.consistencyProof(old: 14, size: liar.lastSequence, LeafSource(liar.leaves))
        let claim = ConsistencyClaim(
            oldSize: 14, oldRoot: MerkleTree.root(Array(liar.leaves.prefix(14))), proof: proof)
        return (
            log,
            [
                .equivocation(log.checkpoint(), liar.checkpoint()),
                .rewrittenHistory(old: log.checkpoint(14), new: liar.checkpoint(), claim: claim),
                .omission(
                    receipt: receipt.encoded, head: liar.checkpoint(),
                    other: LeafRange(first: 14, last: 14, of: liar.leaves)),
                .omission(receipt: receipt.encoded, head: late.checkpoint(), later: late.range(13, 13)),
                .clock([(head: log.checkpoint(cosigned: [(0, 1)]), record: log.range(14, 14))]),
                .records(head: liar.checkpoint(), [liar.range(13, 14)], genesis: liar.genesis),
                .replay(head: liar.checkpoint(), records: liar.range(1, 14)),
            ]
        )
    }

    @Test("the evidence convicts as it is")
    func convicts() throws {
        let (log, evidence) = try Self.convictions()
        for evidence in evidence {
            guard case .convicted = try log.judge(evidence, witnesses: 1, quorum: 1) else {
                Issue.record("\(evidence.kind)")
                continue
            }
        }
    }

    @Test("cut short or made longer it is not read")
    func truncated() throws {
        let (log, evidence) = try Self.convictions()
        let judge = EvidenceJudge(log.anchors(witnesses: 1, quorum: 1))
        for evidence in evidence {
            let bytes = evidence.encoded
            for count in stride(from: 0, to: bytes.count, by: bytes.count > 4000 ? 37 : 1) {
                #expect(throws: EvidenceError.self) { try judge.judge(Array(bytes[..<count])) }
            }
            #expect(throws: EvidenceError.self) { try judge.judge(bytes + [0]) }
        }
    }

    @Test("altered, it convicts of the same or of nothing")
    func altered() throws {
        let (log, evidence) = try Self.convictions()
        let judge = EvidenceJudge(log.anchors(witnesses: 1, quorum: 1))
        var random = SplitMix(seed: 1)
        for evidence in evidence {
            let bytes = evidence.encoded
            guard case .convicted(let conviction) = try judge.judge(bytes) else { continue }
            for _ in 0..<400 {
                var altered = bytes
                for _ in 0..<(1 + random.next() % 3) {
                    let index = Int(random.next() % UInt64(altered.count))
                    altered[index] ^= UInt8(1 << (random.next() % 8))
                }
                guard let judgement = try? judge.judge(altered), case .convicted(let other) = judgement else {
                    continue
                }
                // What still convicts was altered where nothing is said: a signature by somebody unknown, or the kind.
                #expect(other.verdict == conviction.verdict && other.sequence == conviction.sequence)
            }
        }
    }

    @Test("parts of honest evidence in any order convict nobody")
    func spliced() throws {
        let log = SignedLog()
        log.open()
        let last = log.lastSequence
        log.commit(stateRoot: try StateTree(canonical: log.state).root(through: last))
        let size = log.lastSequence
        let proof = try MerkleTree.consistencyProof(old: 9, size: size, LeafSource(log.leaves))
        let roots = MerkleTree.root(Array(log.leaves.prefix(9)))
        var parts: [EvidenceSection] = [
            .head(log.checkpoint(9)), .head(log.checkpoint()), .head(log.checkpoint(13)),
            .head(log.checkpoint(13, cosigned: [(0, 1_800_000_000)])),
            log.range(1, size).section, log.range(13, 14).section, log.range(last, size).section,
            log.range(size, size).section, LeafRange(first: 14, last: 14, of: log.leaves).section,
            ConsistencyClaim(oldSize: 9, oldRoot: roots, proof: proof).section,
            EvidenceSection(.state, log.state), EvidenceSection(.genesis, log.genesis),
            EvidenceSection(.receipt, log.receipt(14).encoded),
        ]
        // The same of another venue with the same keys.
        let stranger = SignedLog(random: 2)
        stranger.open()
        parts += [
            .head(stranger.checkpoint(13)), stranger.range(1, stranger.lastSequence).section,
            EvidenceSection(.receipt, stranger.receipt(14).encoded), EvidenceSection(.state, stranger.state),
        ]
        let judge = EvidenceJudge(log.anchors(witnesses: 3, quorum: 2))
        var random = SplitMix(seed: 2)
        for _ in 0..<4000 {
            let kind = EvidenceKind.allCases[Int(random.next() % UInt64(EvidenceKind.allCases.count))]
            let sections = (0..<(1 + random.next() % 4)).map { _ in parts[Int(random.next() % UInt64(parts.count))] }
            if case .convicted(let conviction)? = try? judge.judge(Evidence(kind, sections)) {
                Issue.record("\(kind): \(conviction)")
            }
        }
    }

    @Test("random bytes behind a true head convict nobody")
    func random() throws {
        let log = SignedLog()
        log.open()
        let judge = EvidenceJudge(log.anchors(witnesses: 3, quorum: 2))
        var random = SplitMix(seed: 3)
        for _ in 0..<2000 {
            let type = EvidenceSectionType.allCases[Int(random.next() % UInt64(EvidenceSectionType.allCases.count))]
            let bytes = (0..<Int(random.next() % 300)).map { _ in UInt8(truncatingIfNeeded: random.next() >> 13) }
            for kind in EvidenceKind.allCases {
                let evidence = Evidence(kind, [.head(log.checkpoint()), EvidenceSection(type, bytes)])
                if case .convicted(let conviction)? = try? judge.judge(evidence) { Issue.record("\(conviction)") }
            }
        }
    }
}

/// A generator of numbers with a seed (splitmix64).
struct SplitMix {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}
