import Testing

@testable import Wire

@Suite("Effects")
struct EffectTests {
    @Test func writerAndCursorAgree() {
        withUnsafeTemporaryAllocation(byteCount: EffectWriter.capacity, alignment: 8) { memory in
            var writer = EffectWriter(memory.baseAddress!)
            for id in 1...UInt64(Limits.effectsPerRecordMax) {
                #expect(writer.hasRoomForUnit == (writer.count <= 508))
                RestedMessage.encode(
                    at: writer.next, orderId: id, instrument: 1, priceTicks: 2, quantityLots: 3, side: .buy)
                writer.advance(RestedMessage.size)
            }
            #expect(writer.feedMessages == 512 && writer.length == 512 * RestedMessage.size)
            var cursor = EffectCursor(memory.baseAddress!, count: writer.length)
            var ids: [UInt64] = []
            while let effect = cursor.read() { ids.append(RestedMessage(effect.base).orderId) }
            #expect(ids == Array(1...512) && cursor.isAtEnd)
        }
    }

    /// A cursor stops at damage: it never reads over the end, and never takes an effect of another size for one.
    @Test func cursorStopsAtDamage() {
        var bytes = [UInt8](repeating: 0, count: RestedMessage.size)
        bytes.withUnsafeMutableBytes {
            RestedMessage.encode(
                at: $0.baseAddress!, orderId: 1, instrument: 1, priceTicks: 2, quantityLots: 3, side: .sell)
        }
        for count in 0..<bytes.count {
            bytes.withUnsafeBytes {
                var cursor = EffectCursor($0.baseAddress!, count: count)
                #expect(cursor.read() == nil && cursor.isAtEnd == (count == 0))
            }
        }
        for offset in 0..<4 {
            var damaged = bytes
            damaged[offset] ^= 0x80
            damaged.withUnsafeBytes {
                var cursor = EffectCursor($0.baseAddress!, count: $0.count)
                #expect(cursor.read() == nil && !cursor.isAtEnd, "byte \(offset)")
            }
        }
    }

    @Test func replacedFeedsWhatTheBookShows() {
        let kept = replaced(original: 10, now: 10, [.keptPriority])
        let smaller = replaced(original: 10, now: 4, [.keptPriority])
        let moved = replaced(original: 10, now: 10, [.restsAtOnce])
        #expect([kept, smaller, moved, replaced(original: 10, now: 12, [])] == [0, 1, 1, 1])
    }

    private func replaced(original: UInt32, now: UInt32, _ flags: ReplacedFlags) -> Int {
        withUnsafeTemporaryAllocation(byteCount: ReplacedMessage.size, alignment: 8) { memory in
            ReplacedMessage.encode(
                at: memory.baseAddress!, account: 3, instrument: 0, originalOrderId: 1, orderId: 2,
                originalClientOrderId: 5, clientOrderId: 5, priceTicks: 7, quantityLots: now,
                originalQuantityLots: original, side: .buy, flags: flags, entry: Null.u16)
            return Effect(base: memory.baseAddress!).feedMessages
        }
    }
}
