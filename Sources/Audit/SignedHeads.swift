import Cryptography
import Proof

/// Heads of one log, both signed.
enum SignedHeads {
    typealias Head = (checkpoint: Checkpoint, note: [UInt8])

    /// Evidence that they cannot both be true; nil when they may, or when it is not proven.
    ///
    /// - Parameters:
    ///   - proof: a consistency proof from `known` to `other`, if there is one.
    ///   - root: of the smaller size in the tree of `other`, where it is known: a proof from a size that is a power of
    ///     two does not have it.
    static func contradiction(known: Head, other: Head, proof: [Hash256]?, root: Hash256? = nil) -> Evidence? {
        let (old, new) = (known.checkpoint, other.checkpoint)
        if old.size == new.size { return old.root == new.root ? nil : .equivocation(known.note, other.note) }
        guard let proof, old.size > 0, old.size < new.size,
            let roots = MerkleTree.consistencyRoots(
                old: old.size, oldRoot: root ?? old.root, size: new.size, proof: proof),
            roots.new == new.root, roots.old != old.root
        else { return nil }
        return .rewrittenHistory(
            old: known.note, new: other.note,
            claim: ConsistencyClaim(oldSize: old.size, oldRoot: roots.old, proof: proof))
    }
}
