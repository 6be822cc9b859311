import Cryptography
import LyingVenue
import Proof
import Wire

/// Balance proofs of forged sum trees: what an operator can make of a state who owes less than there is, or hands one
/// account's proof to another. Offsets are those of StateRoot.md.
struct ForgedBalance: CustomStringConvertible, Sendable {
    let name: String
    /// The root that the operator committed to, and the proof.
    let root: Hash256, proof: [UInt8]
    /// Whose balance it is said to be.
    let account: UInt32, asset: UInt32

    var description: String { name }

    private static let sequence = Truth.sequence("second commitment") - 1
    private static let sums = 64, node = 48, depth = 24
    private static let assetPart = sums + depth * node

    /// The true proof of an account.
    static func honest(_ account: UInt32, _ asset: UInt32) -> ForgedBalance {
        let state = NaiveStateRoot(Truth.state(before: "second commitment"))
        return ForgedBalance(
            name: "honest \(account) \(asset)", root: state.root(through: sequence),
            proof: state.balanceProof(account, asset, through: sequence), account: account, asset: asset)
    }

    static let all: [ForgedBalance] = [
        forged("children swapped") { proof in
            // The proof of account 3 leads up from the right; it is told as that of account 2.
            put(UInt32(2), 8, &proof)
        }.of(2),
        forged("sum wrapped at 2^128") { proof in
            // A sibling of almost 2^128, so that the sum, taken modulo 2^128, is below the true one.
            for offset in 32..<48 { proof[sums + offset] = 0xFF }
        },
        forged("sums split so that they seem to be backed") { proof in
            // One sibling is owed 1,000 more, the next 1,000 less: the total holds, the hashes do not.
            change(&proof, sums + node + 40) { $0 &+ 1_000 }
            change(&proof, sums + 2 * node + 40) { $0 &- 1_000 }
        },
        forged("balance of another account") { _ in }.of(HonestRun.bob),
        forged("proof told as that of another account") { proof in put(HonestRun.bob, 8, &proof) }.of(HonestRun.bob),
        forged("balance of another asset") { _ in }.of(HonestRun.alice, HonestRun.gold),
        forged("proof told as that of another asset") { proof in put(HonestRun.gold, 12, &proof) }
            .of(HonestRun.alice, HonestRun.gold),
        forged("node passed off as leaf") { proof in
            // The sum of Bob and Carol as the balance of one: the level below is left out, the top repeated.
            proof = honest(HonestRun.bob, HonestRun.usd).proof
            let sibling = read(proof, sums + 40)
            change(&proof, 56) { $0 &+ sibling }
            let path = Array(proof[(sums + node)..<assetPart]) + proof[(assetPart - node)..<assetPart]
            proof.replaceSubrange(sums..<assetPart, with: path)
        }.of(HonestRun.bob),
        forged("one leaf shown to two accounts") { proof in
            // Carol is shown the leaf of Alice, key and all, at her own place.
            let carol = honest(HonestRun.carol, HonestRun.usd).proof
            proof.replaceSubrange(sums..., with: carol[sums...])
            put(HonestRun.carol, 8, &proof)
        }.of(HonestRun.carol),
        forged("balance lowered") { proof in change(&proof, 56) { $0 &- 1 } },
        unbacked,
    ]

    /// A state that owes one account less: its own root, and a proof that leads to it.
    private static var unbacked: ForgedBalance {
        var state = CommittedState(Truth.state(before: "second commitment"))
        state.changeAvailable(HonestRun.bob, HonestRun.usd) { $0 - 1_000 }
        let naive = NaiveStateRoot(state.bytes)
        return ForgedBalance(
            name: "sums below the total", root: naive.root(through: sequence),
            proof: naive.balanceProof(HonestRun.alice, HonestRun.usd, through: sequence), account: HonestRun.alice,
            asset: HonestRun.usd)
    }

    private static func forged(_ name: String, _ change: (inout [UInt8]) -> Void) -> ForgedBalance {
        let honest = honest(HonestRun.alice, HonestRun.usd)
        var proof = honest.proof
        change(&proof)
        return ForgedBalance(
            name: name, root: honest.root, proof: proof, account: HonestRun.alice, asset: HonestRun.usd)
    }

    /// The same, shown to somebody else.
    private func of(_ account: UInt32, _ asset: UInt32 = HonestRun.usd) -> ForgedBalance {
        ForgedBalance(name: name, root: root, proof: proof, account: account, asset: asset)
    }

    private static func put(_ value: UInt32, _ offset: Int, _ bytes: inout [UInt8]) {
        for index in 0..<4 { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (8 * UInt32(index))) }
    }

    /// The low half of a sum, big-endian.
    private static func read(_ bytes: [UInt8], _ offset: Int) -> UInt64 {
        bytes[offset..<(offset + 8)].reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func change(_ bytes: inout [UInt8], _ offset: Int, _ change: (UInt64) -> UInt64) {
        let value = change(read(bytes, offset))
        for index in 0..<8 { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> (56 - 8 * UInt64(index))) }
    }
}
