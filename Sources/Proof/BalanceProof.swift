import Cryptography
import Wire

/// A proof of what one account is owed of one asset, up to a state root. StateRoot.md specifies bytes and check.
///
/// 1,725 bytes, whatever the number of accounts.
public struct BalanceProof: Equatable, Sendable {
    public let account: UInt32
    public let asset: UInt32
    /// The account's owner key, which the leaf binds; zero when it is owed nothing.
    public let ownerKey: Hash256
    /// Available and held together, smallest units.
    public let amount: UInt128
    /// Siblings in the asset's liabilities tree, from the account's leaf up: 24.
    public let sums: [SumNode]
    /// The asset's entry in the canonical bytes: symbol, decimals, total.
    public let assetPart: [UInt8]
    /// Siblings in the tree of assets, from the asset's leaf up: 10.
    public let assetPath: [Hash256]
    /// The state's header; its `assets` is computed again when a proof is checked.
    public let header: StateHeader

    /// Bytes of an encoded proof.
    public static let byteCount =
        64 + StateTree.accountDepth * SumNode.byteCount + StateLayout.assetBytes + StateTree.assetDepth * 32
        + 4 + 32 + 8 + 4 * 32
    static let magic: [UInt8] = Array("balance1".utf8)

    /// The asset's symbol: eight characters, padded with spaces.
    public var symbol: UInt64 { assetPart.withUnsafeBytes { $0.loadUnaligned(as: UInt64.self).littleEndian } }
    /// The asset's decimal places.
    public var decimals: UInt8 { assetPart[8] }
    /// Deposits minus withdrawals of the asset: what all accounts together are owed.
    public var total: UInt64 { AssetLeaf.total(assetPart) }

    /// Checks the proof against a state root that is known to be the venue's.
    ///
    /// - Parameters:
    ///   - root: of a state commitment.
    ///   - account, asset: whose balance it has to be.
    public func check(root: Hash256, account: UInt32, asset: UInt32) throws(BalanceProofError) {
        guard account == self.account, asset == self.asset else {
            throw .other(account: self.account, asset: self.asset)
        }
        guard try stateRoot() == root else { throw .root }
    }

    /// The state root that the proof leads to.
    public func stateRoot() throws(BalanceProofError) -> Hash256 {
        guard account < 1 << StateTree.accountDepth, asset < 1 << StateTree.assetDepth,
            sums.count == StateTree.accountDepth, assetPath.count == StateTree.assetDepth,
            assetPart.count == StateLayout.assetBytes
        else { throw .malformed("an id or a length out of range") }
        guard amount > 0 || ownerKey == .zero else { throw .malformed("an owner key where nothing is owed") }
        var node = SumNode.leaf(ownerKey: ownerKey, account: account, asset: asset, amount: amount)
        for (height, sibling) in sums.enumerated() {
            let isRight = account >> UInt32(height) & 1 == 1
            do throws(StateTreeError) {
                node = try isRight ? SumNodes.parent(sibling, node) : SumNodes.parent(node, sibling)
            } catch { throw .sumOverflow }
        }
        guard node.sum == UInt128(total) else { throw .unbacked(total: total, liabilities: node.sum) }
        var hash = AssetLeaf.hash(part: assetPart, liabilities: node)
        for (height, sibling) in assetPath.enumerated() {
            let isRight = asset >> UInt32(height) & 1 == 1
            hash = isRight ? MerkleHash.node(sibling, hash) : MerkleHash.node(hash, sibling)
        }
        var header = header
        header.assets = hash
        return header.root
    }
}

/// Why a balance proof proves nothing.
public enum BalanceProofError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The bytes are no proof.
    case malformed(String)
    /// It is of another account or asset than asked for.
    case other(account: UInt32, asset: UInt32)
    /// Sums on its path pass 2^128 − 1.
    case sumOverflow
    /// The sum of all balances is not the asset's total.
    case unbacked(total: UInt64, liabilities: UInt128)
    /// It leads to another state root.
    case root

    public var description: String {
        switch self {
        case .malformed(let text): "balance proof: \(text)"
        case .other(let account, let asset): "balance proof: it is of account \(account), asset \(asset)"
        case .sumOverflow: "balance proof: sums on its path pass 2^128 - 1"
        case .unbacked(let total, let liabilities):
            "balance proof: all balances are \(liabilities), expected the asset's total \(total)"
        case .root: "balance proof: it does not lead to the state root"
        }
    }
}

// MARK: Bytes

extension BalanceProof {
    /// The 1,725 bytes of the proof.
    public var bytes: [UInt8] {
        var out = Self.magic
        out.reserveCapacity(Self.byteCount)
        withUnsafeBytes(of: account.littleEndian) { out += $0 }
        withUnsafeBytes(of: asset.littleEndian) { out += $0 }
        withUnsafeBytes(of: ownerKey) { out += $0 }
        withUnsafeBytes(of: UInt64(truncatingIfNeeded: amount >> 64).bigEndian) { out += $0 }
        withUnsafeBytes(of: UInt64(truncatingIfNeeded: amount).bigEndian) { out += $0 }
        for node in sums {
            withUnsafeTemporaryAllocation(byteCount: SumNode.byteCount, alignment: 8) { bytes in
                node.store(to: bytes.baseAddress!)
                out += bytes
            }
        }
        out += assetPart
        for hash in assetPath { withUnsafeBytes(of: hash) { out += $0 } }
        withUnsafeBytes(of: StateHeader.version.littleEndian) { out += $0 }
        withUnsafeBytes(of: header.venueId) { out += $0 }
        withUnsafeBytes(of: header.through.littleEndian) { out += $0 }
        for hash in [header.venuePart, header.accounts, header.instruments, header.references] {
            withUnsafeBytes(of: hash) { out += $0 }
        }
        assert(out.count == Self.byteCount)
        return out
    }

    /// Reads a proof: exactly 1,725 bytes. Whether it holds is for `check`.
    public init(_ bytes: [UInt8]) throws(BalanceProofError) {
        guard bytes.count == Self.byteCount else {
            throw .malformed("\(bytes.count) bytes, expected \(Self.byteCount)")
        }
        guard bytes.starts(with: Self.magic) else { throw .malformed("it does not begin with `balance1`") }
        let sumsAt = 64, assetAt = sumsAt + StateTree.accountDepth * SumNode.byteCount
        let pathAt = assetAt + StateLayout.assetBytes, headerAt = pathAt + StateTree.assetDepth * 32
        (account, asset, amount) = bytes.withUnsafeBytes {
            let high = $0.loadUnaligned(fromByteOffset: 48, as: UInt64.self).bigEndian
            let low = $0.loadUnaligned(fromByteOffset: 56, as: UInt64.self).bigEndian
            return (
                $0.loadUnaligned(fromByteOffset: 8, as: UInt32.self).littleEndian,
                $0.loadUnaligned(fromByteOffset: 12, as: UInt32.self).littleEndian, UInt128(high) << 64 | UInt128(low)
            )
        }
        func hash(_ offset: Int) -> Hash256 { bytes.withUnsafeBytes { Hash256(loading: $0.baseAddress! + offset) } }
        ownerKey = hash(16)
        sums = (0..<StateTree.accountDepth).map { index in
            bytes.withUnsafeBytes { SumNode(loading: $0.baseAddress! + sumsAt + index * SumNode.byteCount) }
        }
        assetPart = Array(bytes[assetAt..<pathAt])
        assetPath = (0..<StateTree.assetDepth).map { hash(pathAt + 32 * $0) }
        let (version, through) = bytes.withUnsafeBytes {
            (
                $0.loadUnaligned(fromByteOffset: headerAt, as: UInt32.self).littleEndian,
                $0.loadUnaligned(fromByteOffset: headerAt + 36, as: UInt64.self).littleEndian
            )
        }
        guard version == StateHeader.version else {
            throw .malformed("version \(version), expected \(StateHeader.version)")
        }
        let hashesAt = headerAt + 44
        // The root of the tree of assets follows from the proof.
        header = StateHeader(
            venueId: hash(headerAt + 4), through: through, venuePart: hash(hashesAt), assets: .zero,
            accounts: hash(hashesAt + 32), instruments: hash(hashesAt + 64), references: hash(hashesAt + 96))
    }
}
