import Testing

@testable import OrderEntry

@Suite struct SendBufferTests {
    /// Frames written and bytes sent at random: what comes out is what went in, in order.
    @Test func bytesComeOutInOrder() {
        for seed in 1...20 as ClosedRange<UInt64> {
            var generator = SeededGenerator(seed)
            let capacity = Int.random(in: 300...2000, using: &generator)
            let memory = Memory(capacity)
            var buffer = SendBuffer(memory: memory.base, capacity: capacity)
            var expected: [UInt8] = [], sent: [UInt8] = [], next: UInt8 = 0
            for _ in 0..<5000 {
                if Bool.random(using: &generator) {
                    let count = Int.random(in: 1...102, using: &generator)
                    let surely = buffer.hasRoom(count, frame: 102)
                    guard let place = buffer.reserve(count) else {
                        #expect(!surely, "room was promised")
                        continue
                    }
                    for index in 0..<count {
                        place.storeBytes(of: next, toByteOffset: index, as: UInt8.self)
                        expected.append(next)
                        next &+= 1
                    }
                    buffer.commit(count)
                } else {
                    let pending = buffer.pending()
                    let count = Int.random(in: 0...max(pending.count, 0), using: &generator)
                    sent += pending[..<count]
                    buffer.consume(count)
                }
                #expect(buffer.used == expected.count - sent.count)
            }
            while !buffer.isEmpty {
                sent += buffer.pending()
                buffer.consume(buffer.pending().count)
            }
            #expect(sent == expected)
        }
    }

    @Test func aFullBufferRefuses() {
        let memory = Memory(256)
        var buffer = SendBuffer(memory: memory.base, capacity: 256)
        for _ in 0..<4 {
            #expect(buffer.reserve(64) != nil)
            buffer.commit(64)
        }
        #expect(buffer.reserve(1) == nil && buffer.used == 256)
        #expect(!buffer.hasRoom(1, frame: 0))
        buffer.consume(64)
        #expect(buffer.reserve(65) == nil)
        #expect(buffer.reserve(64) == memory.base, "the beginning is free again")
    }

    @Test func whatIsReservedAndNotCommittedIsNothing() {
        let memory = Memory(100)
        var buffer = SendBuffer(memory: memory.base, capacity: 100)
        _ = buffer.reserve(80)
        buffer.commit(80)
        buffer.consume(60)
        #expect(buffer.reserve(50) == memory.base)
        #expect(buffer.pending().count == 20 && buffer.used == 20)
        #expect(buffer.reserve(10) == memory.base + 80, "the frame before was given up")
        buffer.commit(10)
        #expect(buffer.pending().count == 30)
    }

    @Test func bytesBehindALimitAreHeldBack() {
        let memory = Memory(256)
        var buffer = SendBuffer(memory: memory.base, capacity: 256)
        _ = buffer.reserve(40)
        buffer.commit(40)
        let limit = buffer.committed
        _ = buffer.reserve(50)
        buffer.commit(50)
        #expect(buffer.pending(upTo: limit).count == 40)
        buffer.consume(40)
        #expect(buffer.pending(upTo: limit).isEmpty && buffer.pending().count == 50)
        buffer.removeAll()
        #expect(buffer.isEmpty && buffer.pending().isEmpty)
    }
}
