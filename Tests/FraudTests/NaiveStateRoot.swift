import Cryptography
import Foundation
import Wire

/// The state root once more, from the canonical bytes (rule STA-1) and StateRoot.md alone: recursion over dictionaries,
/// and no code of `Proof`. It holds the shared trees to their page, and it makes roots of states that have none, which
/// is what an operator does who signs money that is not there.
struct NaiveStateRoot {
    private var reader: Reader
    private var genesis: [UInt8] = []
    private var venuePart: [UInt8] = []
    private var assets: [[UInt8]] = []
    private var instruments: [[UInt8]] = []
    private var accounts: [UInt32: [UInt8]] = [:]
    private var ownerKeys: [UInt32: [UInt8]] = [:]
    /// By asset, then account.
    private var balances: [UInt32: [UInt32: UInt128]] = [:]
    private var references: [[UInt8]] = []
    private var orders: [UInt32: [[UInt8]]] = [:]

    /// Reads canonical bytes, which have to be whole.
    init(_ bytes: [UInt8]) {
        reader = Reader(bytes: bytes)
        genesis = reader.take(4 + 224)
        venuePart = reader.take(4 + 1 + 1 + 4 * 32 + 8 + 8)
        for _ in 0..<reader.u32() { assets.append(reader.take(17)) }
        for _ in 0..<reader.u32() { instruments.append(reader.take(82)) }
        for _ in 0..<reader.u32() { takeAccount() }
        for _ in 0..<reader.u64() { references.append(reader.take(32)) }
        for _ in 0..<reader.u64() {
            let order = reader.take(8 + 4 + 4 + 1 + 4 + 4 + 8 + 1 + 1 + 4 + 4)
            let account = order[8..<12].reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
            orders[account, default: []].append(order)
        }
        precondition(reader.isAtEnd, "canonical bytes")
    }

    private mutating func takeAccount() {
        let start = reader.offset
        let id = reader.u32()
        _ = reader.take(1)
        let owner = reader.u16()
        _ = reader.take(8)
        for _ in 0..<reader.u16() {
            let slot = reader.u16()
            _ = reader.take(3)
            let key = reader.take(32)
            _ = reader.take(8)
            if slot == owner { ownerKeys[id] = key }
        }
        for _ in 0..<reader.u32() {
            let asset = reader.u32()
            let sum = UInt128(reader.u64()) + UInt128(reader.u64())
            balances[asset, default: [:]][id] = sum
        }
        accounts[id] = Array(reader.bytes[start..<reader.offset])
    }

    /// The hashes that the root is made of.
    struct Parts {
        var venueId: Hash256, venuePart: Hash256
        var assets: Hash256, accounts: Hash256, instruments: Hash256, references: Hash256

        func root(through: UInt64) -> Hash256 {
            let trees = [assets, accounts, instruments, references].flatMap(\.bytes)
            return hash([4] + little(UInt32(1)) + venueId.bytes + little(through) + venuePart.bytes + trees)
        }
    }

    /// The state root behind a record.
    func root(through: UInt64) -> Hash256 { parts.root(through: through) }

    var parts: Parts {
        var accountLeaves: [Int: Hash256] = [:]
        for (id, part) in accounts {
            let open = orders[id] ?? []
            accountLeaves[Int(id)] = hash([0] + part + little(UInt32(open.count)) + open.joined())
        }
        var instrumentLeaves: [Int: Hash256] = [:]
        for (id, part) in instruments.enumerated() { instrumentLeaves[id] = hash([0] + part) }
        var buckets: [Int: [UInt8]] = [:]
        for reference in references {
            let hash = hash(reference).bytes
            buckets[Int(hash[0]) << 8 | Int(hash[1]), default: [0]] += reference
        }
        return Parts(
            venueId: Blake2b256.hash(Array(genesis[(4 + 8)...])), venuePart: hash(Array(genesis[4...]) + venuePart),
            assets: Self.tree(assetLeaves, 10), accounts: Self.tree(accountLeaves, 24),
            instruments: Self.tree(instrumentLeaves, 16), references: Self.tree(buckets.mapValues(hash), 16))
    }

    private var assetLeaves: [Int: Hash256] {
        var leaves: [Int: Hash256] = [:]
        for (asset, part) in assets.enumerated() {
            let sums = liabilities(UInt32(asset))
            leaves[asset] = hash([0] + part + sums.hash.bytes + big(sums.sum))
        }
        return leaves
    }

    /// Hash and sum of an asset's liabilities.
    func liabilities(_ asset: UInt32) -> Sum { Self.sumTree(sumLeaves(asset), 24) }

    /// A node of a liabilities tree.
    typealias Sum = (hash: Hash256, sum: UInt128)

    private func sumLeaves(_ asset: UInt32) -> [Int: Sum] {
        var leaves: [Int: Sum] = [:]
        for (account, amount) in balances[asset] ?? [:] where amount > 0 {
            let leaf = [2] + ownerKeys[account]! + big(account) + big(asset) + big(amount)
            leaves[Int(account)] = (hash(leaf), amount)
        }
        return leaves
    }

    /// The bytes of a balance proof, of any state: its sums may be wrong.
    func balanceProof(_ account: UInt32, _ asset: UInt32, through: UInt64) -> [UInt8] {
        let leaves = sumLeaves(asset), amount = leaves[Int(account)]?.sum ?? 0
        let owner = amount == 0 ? [UInt8](repeating: 0, count: 32) : ownerKeys[account]!
        var bytes = Array("balance1".utf8) + little(account) + little(asset) + owner + big(amount)
        for height in 0..<24 {
            let first = ((Int(account) >> height) ^ 1) << height
            let below = leaves.filter { $0.key >= first && $0.key < first + 1 << height }
            let sibling = Self.sumTree(
                Dictionary(uniqueKeysWithValues: below.map { ($0.key - first, $0.value) }), height)
            bytes += sibling.hash.bytes + big(sibling.sum)
        }
        bytes += assets[Int(asset)]
        let assetLeaves = assetLeaves
        for height in 0..<10 {
            let first = ((Int(asset) >> height) ^ 1) << height
            let below = assetLeaves.filter { $0.key >= first && $0.key < first + 1 << height }
            bytes += Self.tree(Dictionary(uniqueKeysWithValues: below.map { ($0.key - first, $0.value) }), height).bytes
        }
        let parts = parts
        bytes += little(UInt32(1)) + parts.venueId.bytes + little(through) + parts.venuePart.bytes
        return bytes + parts.accounts.bytes + parts.instruments.bytes + parts.references.bytes
    }

    private static func sumTree(
        _ leaves: [Int: Sum], _ depth: Int
    ) -> Sum {
        if depth == 0 { return leaves[0] ?? (.zero, 0) }
        let half = 1 << (depth - 1)
        let left = sumTree(leaves.filter { $0.key < half }, depth - 1)
        let upper = leaves.filter { $0.key >= half }.map { ($0.key - half, $0.value) }
        // Two empty halves are the same.
        let right = leaves.isEmpty ? left : sumTree(Dictionary(uniqueKeysWithValues: upper), depth - 1)
        return (hash([3] + left.hash.bytes + big(left.sum) + right.hash.bytes + big(right.sum)), left.sum &+ right.sum)
    }

    private static func tree(_ leaves: [Int: Hash256], _ depth: Int) -> Hash256 {
        if depth == 0 { return leaves[0] ?? .zero }
        let half = 1 << (depth - 1)
        let left = tree(leaves.filter { $0.key < half }, depth - 1)
        // Two empty halves are the same.
        if leaves.isEmpty { return hash([1] + left.bytes + left.bytes) }
        let upper = leaves.filter { $0.key >= half }.map { ($0.key - half, $0.value) }
        return hash([1] + left.bytes + tree(Dictionary(uniqueKeysWithValues: upper), depth - 1).bytes)
    }

    private struct Reader {
        let bytes: [UInt8]
        var offset = 0
        var isAtEnd: Bool { offset == bytes.count }

        mutating func take(_ count: Int) -> [UInt8] {
            defer { offset += count }
            return Array(bytes[offset..<(offset + count)])
        }

        mutating func u16() -> UInt16 { number() }
        mutating func u32() -> UInt32 { number() }
        mutating func u64() -> UInt64 { number() }

        private mutating func number<Value: FixedWidthInteger>() -> Value {
            take(MemoryLayout<Value>.size).reversed().reduce(0) { $0 << 8 | Value($1) }
        }
    }
}

extension Hash256 {
    var bytes: [UInt8] { withUnsafeBytes { Array($0) } }
}

private func hash(_ bytes: [UInt8]) -> Hash256 { Sha256.hash(bytes) }

private func little<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
}

private func big<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
    withUnsafeBytes(of: value.bigEndian) { Array($0) }
}
