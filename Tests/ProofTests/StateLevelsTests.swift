import Testing

@testable import Proof

/// The nodes of the state's trees: memory follows what stands in them.
@Suite struct StateLevelsTests {
    /// A file that nobody vouches for may name accounts as far apart as it likes.
    @Test(arguments: [6, 12, 16])
    func memoryOfLeavesThatStandFarApartIsBounded(distanceBits: Int) throws {
        var levels = StateLevels<SumNodes>(depth: 24)
        #expect(levels.byteCount == 0)
        let count = 256
        for number in 0..<count { levels.set(UInt32(number) << distanceBits, SumNode(hash: .zero, sum: 1)) }
        try levels.rehash()
        #expect(levels.root.sum == UInt128(count))
        // A page of 4 at each height that a leaf shares with no other, and what finds it.
        #expect(levels.byteCount / count < (distanceBits + 2) * 240)
    }
}
