import Cryptography
import Reference
import Testing
import Venue
import Wire

/// Venues that go on from canonical bytes.
@Suite("restoring") struct RestoreTests {
    @Test("a restored venue goes on as if it had never stopped", arguments: 1...4 as ClosedRange<UInt64>)
    func goesOn(seed: UInt64) throws {
        let twins = Twins(ordersMax: seed % 3 == 0 ? 40 : 4096)
        let witness = Twins(ordersMax: seed % 3 == 0 ? 40 : 4096)
        var stream = CommandStream(seed: seed)
        for step in 0..<2000 {
            let command = stream.next(time: twins.time)
            let restarts = step % 477 == 476
            let effects = try #require(restarts ? twins.restart() : twins.apply(command), "\(twins.difference)")
            let others = try #require(restarts ? witness.restart() : witness.apply(command), "\(witness.difference)")
            guard effects == others else {
                Issue.record("seed \(seed), step \(step): a restored venue differs")
                return
            }
            for record in effects {
                record.withUnsafeBytes { stream.learn(EffectCursor($0.baseAddress!, count: $0.count)) }
            }
            guard step % 60 == 59 else { continue }
            let before = twins.canonical
            try twins.restore()
            #expect(twins.canonical == before && twins.statesAgree && before == witness.canonical)
        }
        #expect(twins.counts[Template.executed, default: 0] > 20)
    }

    @Test("bytes that are no state are refused, whatever they are")
    func hostile() throws {
        let bytes = try Self.state()
        for count in stride(from: 0, to: bytes.count, by: 3) {
            #expect(throws: StateError.self) { try CanonicalState(Array(bytes[..<count])) }
        }
        #expect(throws: StateError.self) { try CanonicalState(bytes + [0]) }
        var random = SplitMix(state: 7)
        var refused = 0, restored = 0
        for round in 0..<3000 {
            var changed = bytes
            // The capacities of genesis decide how much memory a venue takes: they are compared before.
            let first = 4 + GenesisMessage.size
            for _ in 0..<(1 + round % 3) {
                let offset = first + Int(random.below(UInt64(bytes.count - first)))
                changed[offset] ^= UInt8(1 << random.below(8))
            }
            if round % 5 == 0 {
                let from = first + Int(random.below(UInt64(bytes.count - first)))
                let count = min(Int(random.below(40)), changed.count - from)
                changed.removeSubrange(from..<(from + count))
            }
            do {
                let state = try CanonicalState(changed)
                let naive = try Reference.restored(from: state, sequence: 9, time: 9)
                var sink = ByteSink()
                naive.writeState(into: &sink)
                #expect(sink.bytes == changed)
                restored += 1
                _ = try Venue.restored(from: state, sequence: 9, time: 9)
            } catch { refused += 1 }
        }
        #expect(refused > 500 && restored > 100, "\(refused) refused, \(restored) restored")
    }

    @Test("both venues refuse the same states")
    func refusals() throws {
        let bytes = try Self.state()
        var random = SplitMix(state: 11)
        for round in 0..<1500 {
            var changed = bytes
            let first = 4 + GenesisMessage.size
            changed[first + Int(random.below(UInt64(bytes.count - first)))] ^= UInt8(1 << random.below(8))
            guard let state = try? CanonicalState(changed) else { continue }
            let naive = (try? Reference.restored(from: state, sequence: 9, time: 9)) != nil
            let fast: Bool
            do {
                _ = try Venue.restored(from: state, sequence: 9, time: 9)
                fast = true
            } catch { fast = false }
            #expect(fast == naive, "round \(round)")
        }
    }

    /// The state after some trading.
    private static func state() throws -> [UInt8] {
        let twins = Twins(ordersMax: 4096)
        var stream = CommandStream(seed: 2)
        for _ in 0..<900 {
            let effects = try #require(twins.apply(stream.next(time: twins.time)), "\(twins.difference)")
            for record in effects {
                record.withUnsafeBytes { stream.learn(EffectCursor($0.baseAddress!, count: $0.count)) }
            }
        }
        return twins.canonical
    }
}
