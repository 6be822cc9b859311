import Cryptography
import Wire

extension BalanceProof {
    /// What a balance proof says about the sums of its tree, whether or not they hold.
    public struct SumClaim: Equatable, Sendable {
        /// The state root that it leads to.
        public let stateRoot: Hash256
        /// Sum at the root of the asset's liabilities tree, modulo 2^128.
        public let liabilities: UInt128
        /// Whether a sum on the path passed 2^128 − 1.
        public let isWrapped: Bool
        /// Deposits minus withdrawals, as the asset's entry says.
        public let total: UInt64

        /// Whether the liabilities are what was deposited and not withdrawn.
        public var isBacked: Bool { !isWrapped && liabilities == UInt128(total) }
    }

    /// The claim of a proof whose sums are not checked: sums wrap at 2^128. Where it leads to a state root that the
    /// venue has committed to, the venue has committed to these sums. Nil when an id or a length is out of range.
    public var sumClaim: SumClaim? {
        guard account < 1 << StateTree.accountDepth, asset < 1 << StateTree.assetDepth,
            sums.count == StateTree.accountDepth, assetPath.count == StateTree.assetDepth,
            assetPart.count == StateLayout.assetBytes
        else { return nil }
        var node = SumNode.leaf(ownerKey: ownerKey, account: account, asset: asset, amount: amount)
        var isWrapped = false
        for (height, sibling) in sums.enumerated() {
            let isRight = account >> UInt32(height) & 1 == 1
            let (left, right) = isRight ? (sibling, node) : (node, sibling)
            let (sum, overflow) = left.sum.addingReportingOverflow(right.sum)
            isWrapped = isWrapped || overflow
            node = SumNode(hash: SumNodes.hash(left, right), sum: sum)
        }
        var hash = AssetLeaf.hash(part: assetPart, liabilities: node)
        for (height, sibling) in assetPath.enumerated() {
            let isRight = asset >> UInt32(height) & 1 == 1
            hash = isRight ? MerkleHash.node(sibling, hash) : MerkleHash.node(hash, sibling)
        }
        var header = header
        header.assets = hash
        return SumClaim(stateRoot: header.root, liabilities: node.sum, isWrapped: isWrapped, total: total)
    }
}
