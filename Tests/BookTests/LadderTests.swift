import Testing

@testable import Book

/// The bitmap at the edges of its words and tiers, over ranges of one price to the widest.
@Suite struct LadderTests {
    private func books(prices: Int, from minPriceTicks: UInt32 = 1) throws -> Books {
        var books = try Books(
            capacity: BookCapacity(instruments: 1, orders: 4_096, levels: 2 * prices, accounts: 0), isPopulated: false)
        try books.list(
            instrument: 0, minPriceTicks: minPriceTicks, maxPriceTicks: minPriceTicks + UInt32(prices - 1))
        return books
    }

    /// Offsets at and around every boundary of the tiers, within a range.
    private func edges(prices: Int) -> [UInt32] {
        var offsets: Set<Int> = [0, prices - 1]
        for power in [6, 12, 18] {
            for multiple in [1, 2, 3, 63, 64, 65] {
                for shift in -1...1 { offsets.insert((multiple << power) + shift) }
            }
        }
        return offsets.filter { $0 >= 0 && $0 < prices }.sorted().map { UInt32($0) }
    }

    @Test(arguments: [1, 2, 63, 64, 65, 4_095, 4_096, 4_097, 262_143, 262_144, 262_145, 1 << 21])
    func everyOccupiedPriceIsFoundInBothDirections(prices: Int) throws {
        for side in [BookSide.bid, .ask] {
            var books = try books(prices: prices)
            var generator = SeededGenerator(seed: UInt64(prices))
            var occupied = edges(prices: prices).map { $0 + 1 }
            var id: UInt64 = 0
            for priceTicks in occupied.shuffled(using: &generator) {
                id += 1
                _ = books.insert(orderId: id, instrument: 0, side: side, priceTicks: priceTicks, quantityLots: 1)
            }
            try books.checkInvariants()
            let fromBest = books.queue(instrument: 0, side: side).map { UInt32($0[1]) }
            #expect(fromBest == (side == .bid ? occupied.reversed() : occupied))
            // Taken away in another random order, the best stays right after each.
            while !occupied.isEmpty {
                let priceTicks = occupied.remove(at: Int.random(in: 0..<occupied.count, using: &generator))
                let worst = side == .bid ? UInt32(1) : UInt32(prices)
                let better = books.pricesTowardsBest(instrument: 0, side: side, from: worst)
                #expect(better.count == occupied.filter { $0 != worst }.count + (priceTicks == worst ? 0 : 1))
                books.remove(books.head(instrument: 0, side: side, priceTicks: priceTicks))
                let best = side == .bid ? occupied.last : occupied.first
                try #require(books.bestPriceTicks(instrument: 0, side: side) == best)
            }
            try books.checkInvariants()
        }
    }

    @Test func theWidestRangeHasItsEnds() throws {
        let prices = Books.pricesPerInstrumentMax
        // The highest prices there are: their keys are the ones closest to wrapping around.
        let minPriceTicks = UInt32.max - UInt32(prices)
        var books = try books(prices: prices, from: minPriceTicks)
        let maxPriceTicks = UInt32.max - 1
        for (id, side) in [(UInt64(1), BookSide.bid), (3, .ask)] {
            _ = books.insert(orderId: id, instrument: 0, side: side, priceTicks: minPriceTicks, quantityLots: 5)
            _ = books.insert(orderId: id + 1, instrument: 0, side: side, priceTicks: maxPriceTicks, quantityLots: 6)
        }
        #expect(books.bestPriceTicks(instrument: 0, side: .bid) == maxPriceTicks)
        #expect(books.bestPriceTicks(instrument: 0, side: .ask) == minPriceTicks)
        #expect(books.nextPriceTicks(instrument: 0, side: .bid, worseThan: maxPriceTicks) == minPriceTicks)
        #expect(books.nextPriceTicks(instrument: 0, side: .ask, worseThan: minPriceTicks) == maxPriceTicks)
        #expect(books.nextPriceTicks(instrument: 0, side: .bid, betterThan: minPriceTicks) == maxPriceTicks)
        #expect(books.nextPriceTicks(instrument: 0, side: .ask, betterThan: maxPriceTicks) == minPriceTicks)
        #expect(books.nextPriceTicks(instrument: 0, side: .bid, betterThan: maxPriceTicks) == nil)
        #expect(books.nextPriceTicks(instrument: 0, side: .ask, worseThan: maxPriceTicks) == nil)
        books.remove(books.slot(ofOrder: 2))
        books.remove(books.slot(ofOrder: 3))
        #expect(books.bestPriceTicks(instrument: 0, side: .bid) == minPriceTicks)
        #expect(books.bestPriceTicks(instrument: 0, side: .ask) == maxPriceTicks)
        books.remove(books.slot(ofOrder: 1))
        books.remove(books.slot(ofOrder: 4))
        #expect(books.bestPriceTicks(instrument: 0, side: .bid) == nil)
        #expect(books.bestPriceTicks(instrument: 0, side: .ask) == nil)
    }

    @Test func anEmptySideHasNoMakerAtAnyLimit() throws {
        let books = try books(prices: 10)
        for side in [BookSide.bid, .ask] {
            for limitTicks in [0, 1, 10, UInt32.max - 1, UInt32.max] {
                #expect(books.maker(against: side, instrument: 0, limitTicks: limitTicks).isNone)
                #expect(books.hasVolume(against: side, instrument: 0, limitTicks: limitTicks, lots: 1) == false)
            }
        }
    }

    @Test func theLimitItselfCrosses() throws {
        var books = try books(prices: 10)
        let bid = books.insert(orderId: 1, instrument: 0, side: .bid, priceTicks: 4, quantityLots: 1)
        let ask = books.insert(orderId: 2, instrument: 0, side: .ask, priceTicks: 6, quantityLots: 1)
        #expect(books.maker(against: .bid, instrument: 0, limitTicks: 5).isNone)
        #expect(books.maker(against: .bid, instrument: 0, limitTicks: 6) == ask)
        #expect(books.maker(against: .bid, instrument: 0, limitTicks: 10) == ask)
        #expect(books.maker(against: .ask, instrument: 0, limitTicks: 5).isNone)
        #expect(books.maker(against: .ask, instrument: 0, limitTicks: 4) == bid)
        #expect(books.maker(against: .ask, instrument: 0, limitTicks: 1) == bid)
    }

    @Test func aPlaceFindsTheSameMakersAsALimit() throws {
        var books = try books(prices: 10)
        for (id, priceTicks) in zip(1...4 as ClosedRange<UInt64>, [1, 2, 9, 10] as [UInt32]) {
            _ = books.insert(
                orderId: id, instrument: 0, side: id < 3 ? .bid : .ask, priceTicks: priceTicks, quantityLots: 1)
        }
        for side in [BookSide.bid, .ask] {
            for priceTicks in 1...10 as ClosedRange<UInt32> {
                let found = books.place(instrument: 0, side: side, priceTicks: priceTicks)
                let place = try #require(found)
                #expect(place.instrument == 0 && place.side == side && place.priceTicks == priceTicks)
                let expected = books.maker(against: side, instrument: 0, limitTicks: priceTicks)
                #expect(books.maker(against: place) == expected)
            }
        }
        // The widest limits against empty sides.
        for id in 1...4 as ClosedRange<UInt64> { books.remove(books.slot(ofOrder: id)) }
        for side in [BookSide.bid, .ask] {
            for priceTicks in [1, 10] as [UInt32] {
                let found = books.place(instrument: 0, side: side, priceTicks: priceTicks)
                let place = try #require(found)
                #expect(books.maker(against: place).isNone)
            }
        }
    }

    @Test func flagsAreTheOwnersAlone() throws {
        var books = try books(prices: 10)
        let slot = books.insert(
            orderId: 1, instrument: 0, side: .ask, priceTicks: 3, quantityLots: 1, flags: 0xFF)
        #expect(books.node(slot).pointee.flags == 0xFF)
        books.node(slot).pointee.flags = 0x5A
        #expect(books.node(slot).pointee.flags == 0x5A)
        #expect(books.node(slot).pointee.side == .ask && books.node(slot).pointee.instrument == 0)
        try books.checkInvariants()
    }

    @Test func bothSidesRestAtOnePrice() throws {
        var books = try books(prices: 10)
        let bid = books.insert(orderId: 1, instrument: 0, side: .bid, priceTicks: 5, quantityLots: 3)
        let ask = books.insert(orderId: 2, instrument: 0, side: .ask, priceTicks: 5, quantityLots: 4)
        #expect(books.volumeLots(instrument: 0, side: .bid, priceTicks: 5) == 3)
        #expect(books.volumeLots(instrument: 0, side: .ask, priceTicks: 5) == 4)
        #expect(books.head(instrument: 0, side: .bid, priceTicks: 5) == bid)
        #expect(books.head(instrument: 0, side: .ask, priceTicks: 5) == ask)
        try books.checkInvariants()
    }
}
