import Glibc
import Platform
import Ring
import Testing

/// A slot's fields and arena: where they are, and that none of them touches another.
@Suite struct SlotTests {
    @Test func `the prefix stands right before the message, the signature right behind it`() throws {
        let ring = try makeRing(slots: 4)
        var producer = ring.producer()
        let slot = producer.claim()!
        slot.messageLength = 40
        slot.signatureLength = 64
        for index in 0..<104 { slot.message.storeBytes(of: UInt8(index), toByteOffset: index, as: UInt8.self) }
        #expect(Array(slot.signedBytes) == testPrefix + (0..<40).map { UInt8($0) })
        #expect(Array(slot.messageBytes) == (0..<40).map { UInt8($0) })
        #expect(Array(slot.commandBytes) == (0..<104).map { UInt8($0) })
        #expect(slot.signature == slot.message + 40)
        #expect(slot.message == slot.prefix + Slot.prefixSize)
    }

    @Test func `slots are aligned, apart, and keep the prefix when they are reused`() throws {
        let ring = try makeRing(slots: 8, slotBytes: 512)
        var producer = ring.producer()
        var verifier = ring.verifier(0)
        var sequencer = ring.sequencer()
        var follower = ring.follower(0)
        var bases: [UInt] = []
        for round in 0..<20 {
            let slot = producer.claim()!
            if round < 8 { bases.append(UInt(bitPattern: slot.base)) }
            #expect(Array(UnsafeRawBufferPointer(start: slot.prefix, count: Slot.prefixSize)) == testPrefix)
            // Everything but the prefix, filled.
            memset(slot.base, 0xFF, Slot.headerSize)
            memset(slot.message, 0xFF, ring.messageBytesMax)
            producer.publish()
            _ = verifier.available()
            verifier.advance()
            _ = sequencer.available()
            sequencer.advance()
            _ = follower.available()
            follower.advance()
        }
        #expect(bases.allSatisfy { $0 % 64 == 0 })
        let distances = Set(zip(bases, bases.dropFirst()).map { $1 - $0 })
        // 512 bytes asked for, an odd number of cache lines given.
        #expect(distances == [576])
        #expect(ring.messageBytesMax == 576 - Slot.messageOffset)
    }

    @Test func `every field keeps its own value`() throws {
        let ring = try makeRing(slots: 2)
        var producer = ring.producer()
        let slot = producer.claim()!
        slot.ticket = 0x0101_0101_0101_0101
        slot.arrivalNanoseconds = 0x0202_0202_0202_0202
        slot.session = 0x0303_0303
        slot.sessionGeneration = 0x0404_0404
        slot.messageLength = 0x0505_0505
        slot.signatureLength = 0x0606
        slot.template = 0x0707
        slot.account = 0x0808_0808
        slot.keySlot = 0x0909
        slot.kind = 0x0A0A
        slot.context = 0x0B0B_0B0B_0B0B_0B0B
        slot.arrivalTicks = 0x0C0C_0C0C_0C0C_0C0C
        slot.publishedTicks = 0x0D0D_0D0D_0D0D_0D0D
        slot.detail = 0x0E0E_0E0E_0E0E_0E0E
        slot.firstSequence = 0x0F0F_0F0F_0F0F_0F0F
        slot.lastSequence = 0x1010_1010_1010_1010
        slot.record = 0x1111_1111_1111_1111
        slot.keyGeneration = 0x1212_1212
        slot.status = 0x1313
        slot.reason = 0x1414
        slot.verifiedTicks = 0x1515_1515_1515_1515
        slot.matchedTicks = 0x1616_1616_1616_1616
        slot.journaledTicks = 0x1717_1717_1717_1717
        // Each field filled its own bytes with one value, and together they fill the header.
        let widths: [(UInt8, Int)] = [
            (1, 8), (2, 8), (3, 4), (4, 4), (5, 4), (6, 2), (7, 2), (8, 4), (9, 2), (10, 2), (11, 8), (12, 8), (13, 8),
            (14, 8), (15, 8), (16, 8), (17, 8), (18, 4), (19, 2), (20, 2), (21, 8), (22, 8), (23, 8),
        ]
        let expected = widths.flatMap { [UInt8](repeating: $0.0, count: $0.1) }
        #expect(expected.count == Slot.headerSize)
        #expect(Array(UnsafeRawBufferPointer(start: slot.base, count: Slot.headerSize)) == expected)
        #expect(slot.ticket == 0x0101_0101_0101_0101 && slot.keySlot == 0x0909 && slot.reason == 0x1414)
        #expect(slot.session == 0x0303_0303 && slot.record == 0x1111_1111_1111_1111 && slot.status == 0x1313)
    }

    @Test func `sizes out of range are refused with the reason`() {
        for (slots, slotBytes, verifiers, followers) in [
            (1, 512, 1, 1), (3, 512, 1, 1), (131_072, 512, 1, 1), (4, 255, 1, 1), (4, 65_537, 1, 1), (4, 512, 0, 1),
            (4, 512, 65, 1), (4, 512, 1, 0), (4, 512, 1, 9),
        ] {
            #expect {
                _ = try makeRing(slots: slots, slotBytes: slotBytes, verifiers: verifiers, followers: followers)
            } throws: { error in
                guard case .invalidArgument(let text)? = error as? PlatformError else { return false }
                return text.contains("expected")
            }
        }
    }
}
