import Cryptography
import Wire

/// What the nodes of a tree of the state are and how two make their parent; a zeroed node stands for nothing.
protocol StateNodeRule {
    associatedtype Node: BitwiseCopyable
    /// Nothing at a leaf: all zero.
    static var empty: Node { get }
    static func isZero(_ node: Node) -> Bool
    /// The node above two others; throws when their sums pass 2^128 − 1.
    static func parent(_ left: Node, _ right: Node) throws(StateTreeError) -> Node
}

/// Trees without sums: accounts, instruments, assets, references.
enum PlainNodes: StateNodeRule {
    static var empty: Hash256 { .zero }
    static func isZero(_ node: Hash256) -> Bool { node == .zero }
    static func parent(_ left: Hash256, _ right: Hash256) -> Hash256 { MerkleHash.node(left, right) }
}

/// A node of a liabilities tree: what stands below it, and what all accounts below it are owed together.
public struct SumNode: Equatable, Sendable, BitwiseCopyable {
    /// SHA-256; 32 zero bytes for an account that is owed nothing.
    public let hash: Hash256
    private let low: UInt64
    private let high: UInt64

    public init(hash: Hash256, sum: UInt128) {
        self.hash = hash
        low = UInt64(truncatingIfNeeded: sum)
        high = UInt64(truncatingIfNeeded: sum >> 64)
    }

    /// Smallest units of the asset.
    public var sum: UInt128 { UInt128(high) << 64 | UInt128(low) }

    /// An account that is owed nothing.
    public static var empty: SumNode { SumNode(hash: .zero, sum: 0) }

    /// Bytes of a node where it is hashed or sent: hash, sum.
    public static let byteCount = 48

    /// Reads 48 bytes: hash, sum big-endian.
    init(loading source: UnsafeRawPointer) {
        let high = source.loadUnaligned(fromByteOffset: 32, as: UInt64.self).bigEndian
        let low = source.loadUnaligned(fromByteOffset: 40, as: UInt64.self).bigEndian
        self.init(hash: Hash256(loading: source), sum: UInt128(high) << 64 | UInt128(low))
    }

    /// Writes 48 bytes: hash, sum big-endian.
    func store(to destination: UnsafeMutableRawPointer) {
        hash.store(to: destination)
        destination.storeBytes(of: high.bigEndian, toByteOffset: 32, as: UInt64.self)
        destination.storeBytes(of: low.bigEndian, toByteOffset: 40, as: UInt64.self)
    }

    /// The leaf of an account: SHA-256(02 ‖ owner key ‖ account u32 BE ‖ asset u32 BE ‖ amount 16 BE); `empty` for 0.
    public static func leaf(ownerKey: Hash256, account: UInt32, asset: UInt32, amount: UInt128) -> SumNode {
        guard amount > 0 else { return .empty }
        return withUnsafeTemporaryAllocation(byteCount: 57, alignment: 8) { bytes in
            let base = bytes.baseAddress!
            bytes[0] = 2
            ownerKey.store(to: base + 1)
            base.storeBytes(of: account.bigEndian, toByteOffset: 33, as: UInt32.self)
            base.storeBytes(of: asset.bigEndian, toByteOffset: 37, as: UInt32.self)
            base.storeBytes(of: UInt64(truncatingIfNeeded: amount >> 64).bigEndian, toByteOffset: 41, as: UInt64.self)
            base.storeBytes(of: UInt64(truncatingIfNeeded: amount).bigEndian, toByteOffset: 49, as: UInt64.self)
            return SumNode(hash: Sha256.hash(UnsafeRawBufferPointer(bytes)), sum: amount)
        }
    }
}

/// Liabilities trees: every node hashes the hashes and the sums of both its children.
enum SumNodes: StateNodeRule {
    static var empty: SumNode { .empty }
    static func isZero(_ node: SumNode) -> Bool { node == .empty }

    /// The hash of the node above two others, and the checked sum.
    static func parent(_ left: SumNode, _ right: SumNode) throws(StateTreeError) -> SumNode {
        let (sum, overflow) = left.sum.addingReportingOverflow(right.sum)
        guard !overflow else { throw .sumOverflow }
        return SumNode(hash: hash(left, right), sum: sum)
    }

    /// SHA-256(03 ‖ left hash ‖ left sum 16 BE ‖ right hash ‖ right sum 16 BE), whatever the sums.
    static func hash(_ left: SumNode, _ right: SumNode) -> Hash256 {
        withUnsafeTemporaryAllocation(byteCount: 97, alignment: 8) { bytes in
            bytes[0] = 3
            left.store(to: bytes.baseAddress! + 1)
            right.store(to: bytes.baseAddress! + 49)
            return Sha256.hash(UnsafeRawBufferPointer(bytes))
        }
    }
}

/// Why a state has no root.
public enum StateTreeError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The bytes, or a part, are no state.
    case state(StateError)
    /// The sums of two nodes pass 2^128 − 1.
    case sumOverflow
    /// All balances of an asset do not add up to deposits minus withdrawals.
    case unbacked(asset: UInt32, total: UInt64, liabilities: UInt128)
    /// An id is beyond what the trees hold: accounts 2^24, instruments 2^16, assets 2^10.
    case capacity(String)

    public var description: String {
        switch self {
        case .state(let error): "\(error)"
        case .sumOverflow: "state: sums of balances pass 2^128 - 1"
        case .unbacked(let asset, let total, let liabilities):
            "state: balances of asset \(asset) are \(liabilities), expected its total \(total)"
        case .capacity(let text): "state: \(text)"
        }
    }
}
