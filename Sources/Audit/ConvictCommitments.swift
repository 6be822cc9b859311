import Availability
import Cryptography
import Proof
import Wire

extension EvidenceJudge {
    /// A balance proof that leads to a committed state root, with sums that are not deposits minus withdrawals.
    func liabilities(_ exhibits: inout Exhibits) throws(Doubt) -> Conviction {
        let head = try exhibits.head()
        let commitment = try commitment(try exhibits.records(in: head))
        let bytes = try exhibits.take(.balance)
        try exhibits.finish()
        let proof: BalanceProof
        do throws(BalanceProofError) { proof = try BalanceProof(bytes) } catch { throw .unproven("\(error)") }
        guard proof.header.venueId == anchors.venue, proof.header.through == commitment.through,
            let claim = proof.sumClaim, claim.stateRoot == commitment.stateRoot
        else { throw .unproven("the balance proof does not lead to the state root of record \(commitment.sequence)") }
        guard !claim.isBacked else { throw .unproven("the liabilities of asset \(proof.asset) are its total") }
        let sum = claim.isWrapped ? "more than 2^128 - 1" : "\(claim.liabilities)"
        return Conviction(
            .liabilities, commitment.sequence,
            "the committed liabilities of asset \(proof.asset) are \(sum), deposits minus withdrawals \(claim.total)")
    }

    /// A batch that a commitment names, or one that it links back to, with other bytes than the log.
    func data(_ exhibits: inout Exhibits) throws(Doubt) -> Conviction {
        let head = try exhibits.head()
        let commitment = try commitment(try exhibits.records(in: head))
        guard commitment.dataThrough > 0 else {
            throw .unproven("record \(commitment.sequence) says that no records are available")
        }
        var digest = commitment.dataDigest, end = commitment.dataThrough
        var last: Batch?
        while exhibits.next == .batch {
            let bytes = try exhibits.take(.batch)
            guard Sha256.hash(bytes) == digest else {
                throw .unproven("a batch whose digest is not \(digest), which the commitment leads to")
            }
            let batch: Batch
            do throws(BatchError) { batch = try Batch(bytes) } catch {
                return Conviction(.data, end, "what is named as the batch that ends there is none: \(error)")
            }
            guard batch.venue == anchors.venue, batch.last == end else {
                return Conviction(
                    .data, end,
                    "what is named as the batch that ends there is one of venue \(batch.venue) that ends at "
                        + "\(batch.last)")
            }
            (digest, end, last) = (batch.previous, batch.first - 1, batch)
        }
        guard let last else { throw .unproven("no batch") }
        guard exhibits.next == .leaves else { throw .unproven("the batches are what the commitment says") }
        let leaves = try exhibits.leaves(in: head)
        try exhibits.finish()
        if let conviction = difference(last, leaves) { return conviction }
        throw .unproven("the batch holds what the log holds")
    }

    /// The first record of a batch that is another one than the log's.
    private func difference(_ batch: Batch, _ leaves: LeafRange) -> Conviction? {
        var sequence = batch.first
        var found: Conviction?
        batch.forEachRecord { record in
            if found == nil, sequence >= leaves.first, sequence <= leaves.last {
                let expected = leaves.leaves[Int(sequence - leaves.first)], leaf = MerkleHash.leaf(record)
                if leaf != expected {
                    found = Conviction(
                        .data, sequence, "the batch has leaf hash \(leaf), the log \(expected)")
                }
            }
            sequence += 1
        }
        return found
    }
}
