import Cryptography
import Wire

/// StateRoot.md once more, from the page alone: dictionaries, one level after the other, nothing kept.
struct NaiveStateRoot {
    typealias Bytes = [UInt8]

    struct Sum: Equatable {
        var hash: Bytes
        var sum: UInt128
        static var empty: Sum { Sum(hash: Bytes(repeating: 0, count: 32), sum: 0) }
    }

    static func hash(_ parts: Bytes...) -> Bytes {
        let hash = Sha256.hash(parts.flatMap { $0 })
        return hash.withUnsafeBytes { Array($0) }
    }

    static func big(_ value: UInt128, _ count: Int) -> Bytes {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt128(8 * (count - 1 - $0))) }
    }

    static func little(_ value: UInt64, _ count: Int) -> Bytes {
        (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
    }

    /// The root of a tree of fixed depth with leaves at positions.
    static func root(_ depth: Int, _ leaves: [UInt64: Bytes]) -> Bytes {
        var (level, empty) = (leaves, Bytes(repeating: 0, count: 32))
        for _ in 0..<depth {
            var above: [UInt64: Bytes] = [:]
            for parent in Set(level.keys.map { $0 / 2 }) {
                above[parent] = hash([1], level[2 * parent] ?? empty, level[2 * parent + 1] ?? empty)
            }
            (level, empty) = (above, hash([1], empty, empty))
        }
        return level[0] ?? empty
    }

    static func leaf(_ key: Bytes, _ account: UInt32, _ asset: UInt32, _ amount: UInt128) -> Sum {
        guard amount > 0 else { return .empty }
        return Sum(
            hash: hash([2], key, big(UInt128(account), 4), big(UInt128(asset), 4), big(amount, 16)), sum: amount)
    }

    /// Sums wrap here: the test makes trees that nobody may believe.
    static func node(_ left: Sum, _ right: Sum) -> Sum {
        Sum(hash: hash([3], left.hash, big(left.sum, 16), right.hash, big(right.sum, 16)), sum: left.sum &+ right.sum)
    }

    /// The root of a liabilities tree, and the siblings of a position.
    static func sums(_ leaves: [UInt64: Sum], of position: UInt64) -> (root: Sum, path: [Sum]) {
        var (level, empty, at) = (leaves, Sum.empty, position)
        var path: [Sum] = []
        for _ in 0..<24 {
            path.append(level[at ^ 1] ?? empty)
            var above: [UInt64: Sum] = [:]
            for parent in Set(level.keys.map { $0 / 2 }) {
                above[parent] = node(level[2 * parent] ?? empty, level[2 * parent + 1] ?? empty)
            }
            (level, empty, at) = (above, node(empty, empty), at / 2)
        }
        return (level[0] ?? empty, path)
    }

    /// The state root of canonical bytes.
    static func root(_ bytes: Bytes, through: UInt64) -> Bytes {
        var at = 4
        func take(_ count: Int) -> Bytes {
            at += count
            return Array(bytes[(at - count)..<at])
        }
        func number(_ bytes: some Sequence<UInt8>) -> UInt64 {
            bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        let genesis = take(224), venue = take(150)
        let assets = (0..<number(take(4))).map { _ in take(17) }
        var instruments: [UInt64: Bytes] = [:]
        for id in 0..<number(take(4)) { instruments[id] = hash([0], take(82)) }
        var accounts: [UInt64: Bytes] = [:]
        var liabilities = [[UInt64: Sum]](repeating: [:], count: assets.count)
        for _ in 0..<number(take(4)) {
            var entry = take(15)
            let id = number(entry[0..<4]), ownerSlot = number(entry[5..<7])
            entry += take(2)
            var ownerKey: Bytes = []
            for _ in 0..<number(entry[15..<17]) {
                let key = take(45)
                if number(key[0..<2]) == ownerSlot { ownerKey = Array(key[5..<37]) }
                entry += key
            }
            let count = take(4)
            entry += count
            for _ in 0..<number(count) {
                let balance = take(20)
                let amount = UInt128(number(balance[4..<12])) + UInt128(number(balance[12..<20]))
                let asset = number(balance[0..<4])
                liabilities[Int(asset)][id] = leaf(ownerKey, UInt32(id), UInt32(asset), amount)
                entry += balance
            }
            accounts[id] = entry
        }
        var references: [UInt64: Bytes] = [:]
        for _ in 0..<number(take(8)) {
            let reference = take(32), hash = hash(reference)
            references[UInt64(hash[0]) << 8 | UInt64(hash[1]), default: [0]] += reference
        }
        var orders: [UInt64: [Bytes]] = [:]
        for _ in 0..<number(take(8)) {
            let order = take(43)
            orders[number(order[8..<12]), default: []].append(order)
        }
        precondition(at == bytes.count)
        for (id, entry) in accounts {
            let own = orders[id] ?? []
            accounts[id] = hash([0], entry, little(UInt64(own.count), 4), own.flatMap { $0 })
        }
        var assetLeaves: [UInt64: Bytes] = [:]
        for (id, part) in assets.enumerated() {
            let root = sums(liabilities[id], of: 0).root
            assetLeaves[UInt64(id)] = hash([0], part, root.hash, big(root.sum, 16))
        }
        let venueId = Blake2b256.hash(Array(genesis.dropFirst(8))).withUnsafeBytes { Array($0) }
        return hash(
            [4], little(1, 4), venueId, little(through, 8), hash(genesis, venue), root(10, assetLeaves),
            root(24, accounts), root(16, instruments), root(16, references.mapValues { hash($0) }))
    }
}
