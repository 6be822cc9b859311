import Cryptography
import Proof

/// Two signed heads of one log, held to each other by the tiles that are published.
enum HeadComparison: Equatable {
    /// The larger one continues the smaller one, which the tiles prove; or they are the same.
    case continues
    /// They cannot both be true: the evidence.
    case contradiction(Evidence)
    /// The tiles do not lead from the smaller one to the larger one's root, nor from anything else: why.
    case unproven(String)

    /// - Throws: what of the tiles cannot be read.
    init(_ first: SignedCheckpoint, _ second: SignedCheckpoint, _ files: PublishedFiles) throws(LogError) {
        let isInOrder = first.checkpoint.size <= second.checkpoint.size
        let (older, newer) = isInOrder ? (first, second) : (second, first)
        let (old, new) = (older.checkpoint, newer.checkpoint)
        if old.size == new.size {
            self = old.root == new.root ? .continues : .contradiction(.equivocation(older.note.bytes, newer.note.bytes))
            return
        }
        let reader = TileReader(PublishedTiles(files), size: new.size)
        let proof = try MerkleTree.consistencyProof(old: old.size, size: new.size, reader)
        func leads(from root: Hash256) -> Bool {
            MerkleTree.isConsistent(old: old.size, oldRoot: root, size: new.size, root: new.root, proof: proof)
        }
        if leads(from: old.root) {
            self = .continues
            return
        }
        // What the larger one continues instead convicts.
        let root = try MerkleTree.root(size: old.size, reader)
        guard old.size > 0, root != old.root, leads(from: root) else {
            self = .unproven("the tiles do not lead from size \(old.size) to the root of \(new.size)")
            return
        }
        let claim = ConsistencyClaim(oldSize: old.size, oldRoot: root, proof: proof)
        self = .contradiction(.rewrittenHistory(old: older.note.bytes, new: newer.note.bytes, claim: claim))
    }
}
