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
        func contradiction(_ proof: [Hash256]?, _ root: Hash256?) -> Evidence? {
            SignedHeads.contradiction(
                known: (old, older.note.bytes), other: (new, newer.note.bytes), proof: proof, root: root)
        }
        if old.size == new.size {
            self = contradiction(nil, nil).map { .contradiction($0) } ?? .continues
            return
        }
        let reader = TileReader(PublishedTiles(files), size: new.size)
        let proof = try MerkleTree.consistencyProof(old: old.size, size: new.size, reader)
        let isContinued = MerkleTree.isConsistent(
            old: old.size, oldRoot: old.root, size: new.size, root: new.root, proof: proof)
        if isContinued {
            self = .continues
            return
        }
        // What the larger one continues instead convicts.
        guard let evidence = contradiction(proof, try MerkleTree.root(size: old.size, reader)) else {
            self = .unproven("the tiles do not lead from size \(old.size) to the root of \(new.size)")
            return
        }
        self = .contradiction(evidence)
    }
}
