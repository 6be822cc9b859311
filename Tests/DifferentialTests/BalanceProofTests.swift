import Cryptography
import Testing
import Wire

@testable import Proof

/// Balance proofs: what holds, and every way to make one that does not.
@Suite("balance proofs") struct BalanceProofTests {
    private let twins = Twins(ordersMax: 4096)
    private let state: CanonicalState
    private let root: Hash256
    private let through: UInt64

    init() throws {
        var stream = CommandStream(seed: 2)
        for _ in 0..<900 {
            let effects = try #require(twins.apply(stream.next(time: twins.time)), "\(twins.difference)")
            for record in effects {
                record.withUnsafeBytes { stream.learn(EffectCursor($0.baseAddress!, count: $0.count)) }
            }
        }
        state = try CanonicalState(twins.canonical)
        through = twins.sequence
        root = try StateTree(state).root(through: through)
    }

    private func proof(_ account: UInt32, _ asset: UInt32) throws -> BalanceProof {
        let tree = try StateTree(state)
        let number = try #require(state.accountIds().firstIndex(of: account))
        let key = try #require(state.account(at: number).ownerKey)
        let proof = tree.balanceProof(
            account: account, asset: asset, ownerKey: Hash256(account: key), through: through)
        return try #require(proof)
    }

    /// An account that is owed something, and of which asset.
    private func owed(not: UInt32 = .max) throws -> (account: UInt32, asset: UInt32, amount: UInt128) {
        for number in 0..<state.accountCount where state.account(at: number).id != not {
            let account = state.account(at: number)
            if account.id >= 3, let balance = account.balances.first {
                return (account.id, balance.asset, UInt128(balance.available) + UInt128(balance.held))
            }
        }
        throw BalanceProofError.root
    }

    @Test("the root is the one of the page")
    func page() throws {
        let naive = NaiveStateRoot.root(state.bytes, through: through)
        #expect(root.withUnsafeBytes { Array($0) } == naive)
        #expect(state.orderCount > 0 && state.referenceCount > 0, "\(state.orderCount) \(state.referenceCount)")
    }

    @Test("every account's balance of every asset is shown, also nothing")
    func holds() throws {
        let tree = try StateTree(state)
        var owed = 0, nothing = 0
        for number in 0..<state.accountCount {
            let account = state.account(at: number)
            let key = Hash256(account: try #require(account.ownerKey))
            for asset in 0..<state.listedAssets {
                let made = tree.balanceProof(account: account.id, asset: asset, ownerKey: key, through: through)
                let proof = try #require(made)
                let balance = account.balances.first { $0.asset == asset }
                let amount = balance.map { UInt128($0.available) + UInt128($0.held) } ?? 0
                #expect(proof.amount == amount && proof.total == state.assets[Int(asset)].total)
                #expect(proof.symbol == state.assets[Int(asset)].symbol)
                let bytes = proof.bytes
                #expect(bytes.count == BalanceProof.byteCount && bytes.count == 1725)
                let read = try BalanceProof(bytes)
                try read.check(root: root, account: account.id, asset: asset)
                if amount > 0 { owed += 1 } else { nothing += 1 }
            }
        }
        #expect(owed > 5 && nothing > 5)
        // An account that was never opened is owed nothing.
        let unknown = tree.balanceProof(account: 1 << 20, asset: 0, ownerKey: .zero, through: through)
        try #require(unknown).check(root: root, account: 1 << 20, asset: 0)
        let unlisted = tree.balanceProof(account: 3, asset: state.listedAssets, ownerKey: .zero, through: 1)
        #expect(unlisted == nil)
    }

    @Test("no bit can be changed")
    func bits() throws {
        let (account, asset, _) = try owed()
        let bytes = try proof(account, asset).bytes
        for bit in stride(from: 0, to: bytes.count * 8, by: 5) {
            var changed = bytes
            changed[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: BalanceProofError.self, "bit \(bit)") {
                try BalanceProof(changed).check(root: root, account: account, asset: asset)
            }
        }
        for count in 0..<bytes.count {
            #expect(throws: BalanceProofError.self) { try BalanceProof(Array(bytes[..<count])) }
        }
        #expect(throws: BalanceProofError.self) { try BalanceProof(bytes + [0]) }
    }

    @Test("one account's proof is nobody else's")
    func others() throws {
        let (account, asset, _) = try owed()
        let (other, _, _) = try owed(not: account)
        let proof = try proof(account, asset)
        #expect(throws: BalanceProofError.other(account: account, asset: asset)) {
            try proof.check(root: root, account: other, asset: asset)
        }
        #expect(throws: BalanceProofError.other(account: account, asset: asset)) {
            try proof.check(root: root, account: account, asset: asset + 1)
        }
        // The same leaf under another name, in its own place and in the other's.
        for path in [proof.sums, try self.proof(other, asset).sums] {
            let forged = BalanceProof(
                account: other, asset: asset, ownerKey: proof.ownerKey, amount: proof.amount, sums: path,
                assetPart: proof.assetPart, assetPath: proof.assetPath, header: proof.header)
            #expect(throws: BalanceProofError.self) { try forged.check(root: root, account: other, asset: asset) }
        }
    }

    @Test("a level less, a level more, a node for a leaf")
    func shapes() throws {
        let (account, asset, amount) = try owed()
        let proof = try proof(account, asset)
        var node = SumNode.leaf(ownerKey: proof.ownerKey, account: account, asset: asset, amount: amount)
        #expect(node.sum == amount)
        node = try account & 1 == 1 ? SumNodes.parent(proof.sums[0], node) : SumNodes.parent(node, proof.sums[0])
        for sums in [Array(proof.sums.dropFirst()), proof.sums + [.empty], []] {
            let forged = BalanceProof(
                account: account >> 1, asset: asset, ownerKey: node.hash, amount: node.sum, sums: sums,
                assetPart: proof.assetPart, assetPath: proof.assetPath, header: proof.header)
            #expect(throws: BalanceProofError.self) {
                try forged.check(root: root, account: account >> 1, asset: asset)
            }
        }
        // Children that change sides.
        for height in 0..<24 {
            let forged = BalanceProof(
                account: account ^ (1 << UInt32(height)), asset: asset, ownerKey: proof.ownerKey, amount: amount,
                sums: proof.sums, assetPart: proof.assetPart, assetPath: proof.assetPath, header: proof.header)
            #expect((try? forged.stateRoot()) != root)
        }
    }

    /// A proof in a tree that somebody made to order: the root is what it leads to, so only sums can betray it.
    private func forged(
        _ leaves: [UInt64: NaiveStateRoot.Sum], account: UInt32, amount: UInt128, total: UInt64
    ) throws -> (proof: BalanceProof, root: Hash256) {
        let key = Hash256(account: Bytes32(1, 2, 3, 4))
        let made = NaiveStateRoot.sums(leaves, of: UInt64(account))
        let part = NaiveStateRoot.little(FixedText.eight("USD")!, 8) + [2] + NaiveStateRoot.little(total, 8)
        let leaf = NaiveStateRoot.hash([0], part, made.root.hash, NaiveStateRoot.big(made.root.sum, 16))
        var header = try proof(3, 0).header
        header.assets = NaiveStateRoot.root(10, [0: leaf]).withUnsafeBytes { Hash256(loading: $0.baseAddress!) }
        var empty = [Hash256.zero]
        for height in 0..<9 { empty.append(MerkleHash.node(empty[height], empty[height])) }
        let sums = made.path.map { node in
            SumNode(hash: node.hash.withUnsafeBytes { Hash256(loading: $0.baseAddress!) }, sum: node.sum)
        }
        let proof = BalanceProof(
            account: account, asset: 0, ownerKey: key, amount: amount, sums: sums, assetPart: part, assetPath: empty,
            header: header)
        return (proof, header.root)
    }

    private func leaf(_ account: UInt32, _ amount: UInt128) -> NaiveStateRoot.Sum {
        let key = withUnsafeBytes(of: Bytes32(1, 2, 3, 4)) { Array($0) }
        return NaiveStateRoot.leaf(key, account, 0, amount)
    }

    @Test("sums that wrap, or are not the total, are refused in a tree that is otherwise sound")
    func sums() throws {
        let sound = try forged([3: leaf(3, 700), 4: leaf(4, 300)], account: 3, amount: 700, total: 1000)
        try BalanceProof(sound.proof.bytes).check(root: sound.root, account: 3, asset: 0)
        let unbacked = try forged([3: leaf(3, 700), 4: leaf(4, 300)], account: 3, amount: 700, total: 999)
        #expect(throws: BalanceProofError.unbacked(total: 999, liabilities: 1000)) {
            try unbacked.proof.check(root: unbacked.root, account: 3, asset: 0)
        }
        // 700 and 2^128 − 600 make 100, if one lets them.
        let wrapped = try forged(
            [3: leaf(3, 700), 4: leaf(4, UInt128.max - 599)], account: 3, amount: 700, total: 100)
        #expect(throws: BalanceProofError.sumOverflow) {
            try wrapped.proof.check(root: wrapped.root, account: 3, asset: 0)
        }
    }

    @Test("a tree of balances that are not the total has no root")
    func unbacked() throws {
        var bytes = state.bytes
        // The total of the first asset.
        bytes[4 + 224 + 150 + 4 + 9] ^= 1
        #expect(throws: StateTreeError.self) { _ = try StateTree(canonical: bytes).root(through: 1) }
        for count in stride(from: 0, to: bytes.count, by: 17) {
            #expect(throws: StateTreeError.self) { _ = try StateTree(canonical: Array(bytes[..<count])).byteCount }
        }
    }
}
