import Cryptography
import Proof
import Testing
import Wire

/// The trees over the state: what records touched is all that has to be looked at again.
@Suite("state trees") struct StateTreeTests {
    @Test(
        "brought up to date, they are what canonical bytes give, after every record", arguments: [1, 2, 3] as [UInt64])
    func incremental(seed: UInt64) throws {
        let twins = Twins(ordersMax: seed == 3 ? 40 : 4096)
        var stream = CommandStream(seed: seed)
        var fast = try twins.fastTree()
        var naive = try twins.naiveTree()
        for step in 0..<700 {
            let restarts = step % 177 == 176
            guard let effects = restarts ? twins.restart() : twins.apply(stream.next(time: twins.time)) else {
                Issue.record("seed \(seed), step \(step): \(twins.difference)")
                return
            }
            for record in effects {
                record.withUnsafeBytes { stream.learn(EffectCursor($0.baseAddress!, count: $0.count)) }
            }
            try twins.update(&fast, &naive)
            let whole = try StateTree(canonical: twins.canonical)
            let root = whole.root(through: twins.sequence)
            guard fast.header(through: twins.sequence) == whole.header(through: twins.sequence),
                naive.root(through: twins.sequence) == root
            else {
                Issue.record("seed \(seed), step \(step)")
                return
            }
        }
        #expect(twins.counts[Template.executed, default: 0] > 5, "seed \(seed): \(twins.counts)")
    }
}
