import Testing
import Wire

@testable import Node

/// A signature whose every byte follows from a number.
private func signature(_ seed: UInt8) -> [UInt8] { (0..<64).map { UInt8(truncatingIfNeeded: $0) &* 31 &+ seed } }

extension NonceMemory {
    /// `judge` and `remember` over arrays.
    fileprivate func verdict(_ account: UInt32, _ nonce: UInt64, mark: UInt64, _ seed: UInt8, slot: UInt16 = 0)
        -> Verdict
    {
        signature(seed).withUnsafeBytes {
            judge(account: account, slot: slot, nonce: nonce, mark: mark, signature: $0.baseAddress!)
        }
    }

    fileprivate mutating func keep(
        _ account: UInt32, _ nonce: UInt64, _ seed: UInt8, sequence: UInt64, slot: UInt16 = 0
    ) {
        let bytes = signature(seed)
        bytes.withUnsafeBytes {
            remember(account: account, slot: slot, nonce: nonce, signature: $0.baseAddress!, sequence: sequence)
        }
    }
}

@Suite struct NonceMemoryTests {
    @Test func aNonceAboveTheMarkIsFresh() throws {
        var memory = try NonceMemory(keysMax: 16)
        #expect(memory.verdict(3, 1, mark: 0, 1) == .fresh)
        memory.keep(3, 10, 1, sequence: 5)
        #expect(memory.verdict(3, 11, mark: 10, 2) == .fresh)
        #expect(memory.verdict(3, .max - 1, mark: 10, 2) == .fresh, "gaps are allowed")
    }

    @Test func theLargestValueIsNoNonce() throws {
        let memory = try NonceMemory(keysMax: 16)
        #expect(memory.verdict(3, .max, mark: 0, 1) == .invalid)
        #expect(memory.verdict(3, .max, mark: .max - 1, 1) == .invalid)
    }

    @Test func theSameBytesGetTheOriginalAnswer() throws {
        var memory = try NonceMemory(keysMax: 16)
        memory.keep(3, 10, 1, sequence: 5)
        memory.keep(3, 12, 2, sequence: 9)
        #expect(memory.verdict(3, 10, mark: 12, 1) == .resend(original: 5))
        #expect(memory.verdict(3, 12, mark: 12, 2) == .resend(original: 9))
    }

    @Test func otherBytesUnderARememberedNonceConflict() throws {
        var memory = try NonceMemory(keysMax: 16)
        memory.keep(3, 10, 1, sequence: 5)
        #expect(memory.verdict(3, 10, mark: 10, 2) == .conflict)
    }

    @Test func aNonceThatWasNeverUsedBelowTheMarkIsTooLow() throws {
        var memory = try NonceMemory(keysMax: 16)
        memory.keep(3, 10, 1, sequence: 5)
        #expect(memory.verdict(3, 9, mark: 10, 1) == .tooLow)
        #expect(memory.verdict(3, 0, mark: 10, 1) == .tooLow)
        #expect(memory.verdict(3, 0, mark: 0, 1) == .tooLow, "0 is never above a mark")
    }

    @Test func exactlyTheLast64AreRemembered() throws {
        var memory = try NonceMemory(keysMax: 16)
        for nonce in 1...100 as ClosedRange<UInt64> {
            memory.keep(3, nonce, UInt8(nonce), sequence: nonce + 1000)
        }
        for nonce in 1...36 as ClosedRange<UInt64> {
            #expect(memory.verdict(3, nonce, mark: 100, UInt8(nonce)) == .tooLow)
        }
        for nonce in 37...100 as ClosedRange<UInt64> {
            #expect(memory.verdict(3, nonce, mark: 100, UInt8(nonce)) == .resend(original: nonce + 1000))
        }
    }

    @Test func keysAndSlotsAreApart() throws {
        var memory = try NonceMemory(keysMax: 16)
        memory.keep(3, 10, 1, sequence: 5, slot: 0)
        #expect(memory.verdict(3, 10, mark: 10, 1, slot: 1) == .tooLow)
        #expect(memory.verdict(4, 10, mark: 10, 1, slot: 0) == .tooLow)
        // Account 1 slot 0 and account 0 slot 1 must not share an id.
        memory.keep(1, 10, 1, sequence: 6, slot: 0)
        #expect(memory.verdict(0, 10, mark: 10, 1, slot: 1) == .tooLow)
    }

    @Test func theKeyThatWasLongestSilentIsForgotten() throws {
        var memory = try NonceMemory(keysMax: 16)
        for account in 0..<16 as Range<UInt32> { memory.keep(account, 1, 1, sequence: UInt64(account) + 1) }
        // Account 0 speaks again, so account 1 is the oldest.
        memory.keep(0, 2, 2, sequence: 17)
        memory.keep(100, 1, 1, sequence: 18)
        #expect(memory.keyCount == 16)
        #expect(memory.verdict(1, 1, mark: 1, 1) == .tooLow)
        #expect(memory.verdict(0, 1, mark: 2, 1) == .resend(original: 1))
        #expect(memory.verdict(100, 1, mark: 1, 1) == .resend(original: 18))
        for account in 2..<16 as Range<UInt32> {
            #expect(memory.verdict(account, 1, mark: 1, 1) == .resend(original: UInt64(account) + 1))
        }
    }

    @Test func agreesWithALongListUnderManyKeys() throws {
        // The naive twin: keys in order of age, each with all its nonces.
        var memory = try NonceMemory(keysMax: 32)
        var twin: [(id: UInt64, nonces: [(UInt64, UInt8, UInt64)])] = []
        var random: UInt64 = 88_172_645_463_325_252
        func next(_ bound: UInt64) -> UInt64 {
            random ^= random << 13
            random ^= random >> 7
            random ^= random << 17
            return random % bound
        }
        var marks: [UInt64: UInt64] = [:]
        for step in 1...20_000 as ClosedRange<UInt64> {
            let account = UInt32(next(80)), slot = UInt16(next(2))
            let id = UInt64(account) << 16 | UInt64(slot)
            let mark = marks[id] ?? 0
            let nonce = next(mark + 4), seed = UInt8(next(4))
            let known = twin.first { $0.id == id }?.nonces.suffix(64).first { $0.0 == nonce }
            let expected: NonceMemory.Verdict =
                nonce > mark
                ? .fresh : known.map { $0.1 == seed ? .resend(original: $0.2) : .conflict } ?? .tooLow
            #expect(memory.verdict(account, nonce, mark: mark, seed, slot: slot) == expected)
            guard nonce > mark else { continue }
            marks[id] = nonce
            memory.keep(account, nonce, seed, sequence: step, slot: slot)
            var entry = (id: id, nonces: [(UInt64, UInt8, UInt64)]())
            if let index = twin.firstIndex(where: { $0.id == id }) { entry = twin.remove(at: index) }
            entry.nonces.append((nonce, seed, step))
            twin.append(entry)
            if twin.count > 32 { twin.removeFirst() }
        }
    }
}
