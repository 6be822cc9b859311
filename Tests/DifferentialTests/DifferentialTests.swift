import Reference
import Testing
import Venue
import Wire

/// The fast venue and the naive one, fed the same records: the same effects, byte for byte, in the same records, and
/// the same state.
@Suite("Venue and Reference") struct DifferentialTests {
    @Test("random commands of every kind", arguments: 1...12 as ClosedRange<UInt64>)
    func randomCommands(seed: UInt64) {
        let twins = Twins(ordersMax: seed % 3 == 0 ? 40 : 4096)
        var stream = CommandStream(seed: seed)
        for step in 0..<4000 {
            let command = stream.next(time: twins.time)
            let restarts = step % 977 == 976
            guard let effects = restarts ? twins.restart() : twins.apply(command) else {
                Issue.record("seed \(seed), step \(step), sequence \(twins.sequence): \(twins.difference)")
                return
            }
            for record in effects {
                record.withUnsafeBytes { stream.learn(EffectCursor($0.baseAddress!, count: $0.count)) }
            }
            if step % 250 == 249 { #expect(twins.statesAgree, "seed \(seed), step \(step)") }
        }
        #expect(twins.statesAgree)
        // A stream that comes to nothing would agree about nothing.
        #expect(twins.counts[Template.executed, default: 0] > 20, "seed \(seed): \(twins.counts)")
        #expect(twins.venueIsConserved)
    }

    @Test("a comparison that is given different bytes says so")
    func canFail() {
        let twins = Twins(ordersMax: 100)
        var stream = CommandStream(seed: 5)
        twins.tampersWithReference = true
        var agreed = true
        for _ in 0..<50 where agreed { agreed = twins.apply(stream.next(time: twins.time)) != nil }
        #expect(!agreed)
    }
}
