import Glibc
import Testing

@testable import Book

/// What books hold at most, and what they refuse.
@Suite struct CapacityTests {
    @Test func recordsHaveTheirDocumentedSizes() {
        #expect(MemoryLayout<OrderNode>.stride == 32)
        #expect(MemoryLayout<OrderDetail>.stride == 32)
        #expect(MemoryLayout<PriceLevel>.stride == 16)
        #expect(MemoryLayout<LadderHandle>.stride == 64)
        #expect(MemoryLayout<OrderLinks>.stride == 8)
        #expect(MemoryLayout<OrderList>.stride == 12)
    }

    @Test func linkFieldsAreWhereTheRecordsHaveThem() {
        check(LinkField.head, \PriceLevel.head)
        check(LinkField.tail, \PriceLevel.tail)
        check(LinkField.next, \OrderNode.next)
        check(LinkField.previous, \OrderNode.previous)
        check(LinkField.head, \OrderList.head)
        check(LinkField.tail, \OrderList.tail)
        check(LinkField.next, \OrderLinks.next)
        check(LinkField.previous, \OrderLinks.previous)
    }

    private func check<Record>(
        _ address: (UnsafeMutablePointer<Record>) -> UnsafeMutablePointer<UInt32>,
        _ field: KeyPath<Record, UInt32>
    ) {
        let record = UnsafeMutablePointer<Record>.allocate(capacity: 1)
        defer { record.deallocate() }
        let offset = UnsafeMutableRawPointer(address(record)) - UnsafeMutableRawPointer(record)
        #expect(offset == MemoryLayout<Record>.offset(of: field))
    }

    @Test func memoryIsWhatTheCapacitySays() throws {
        let capacity = BookCapacity(instruments: 4, orders: 100_000, levels: 400_000, accounts: 1_000)
        let books = try Books(capacity: capacity)
        #expect(books.memory.bytes == capacity.memoryBytes)
        // Per order: node, detail and two pairs of links, and two tables of at most four buckets.
        let perOrder = 32 + 32 + 8 + 8 + 2 * 4 * 4
        #expect(capacity.memoryBytes < 100_000 * perOrder + 400_000 * 17 + 1_000 * 12 + 3 * (2 << 20))
        let unowned = BookCapacity(instruments: 4, orders: 100_000, levels: 400_000, accounts: 0)
        #expect(unowned.memoryBytes < capacity.memoryBytes)
    }

    @Test(arguments: [
        BookCapacity(instruments: 0, orders: 1, levels: 2, accounts: 0),
        BookCapacity(instruments: BookCapacity.instrumentsMax + 1, orders: 1, levels: 2, accounts: 0),
        BookCapacity(instruments: 1, orders: 0, levels: 2, accounts: 0),
        BookCapacity(instruments: 1, orders: BookCapacity.ordersMax + 1, levels: 2, accounts: 0),
        BookCapacity(instruments: 1, orders: 1, levels: -1, accounts: 0),
        BookCapacity(instruments: 1, orders: 1, levels: BookCapacity.levelsMax + 1, accounts: 0),
        BookCapacity(instruments: 1, orders: 1, levels: 2, accounts: -1),
        BookCapacity(instruments: 1, orders: 1, levels: 2, accounts: BookCapacity.accountsMax + 1),
    ])
    func aCapacityOutOfBoundsIsRefused(capacity: BookCapacity) {
        #expect(throws: BookError.capacity) { _ = try Books(capacity: capacity) }
    }

    @Test func memoryThatTheKernelHasNotIsRefused() {
        // As much as the whole address space of a process.
        #expect(throws: BookError.memory(errno: ENOMEM)) {
            _ = try BookMemory(bytes: 1 << 47, isPopulated: false)
        }
    }

    @Test func aListingTakesTwoLevelsForEachPrice() throws {
        var books = try Books(capacity: BookCapacity(instruments: 3, orders: 1, levels: 22, accounts: 0))
        #expect(BookCapacity.levels(minPriceTicks: 10, maxPriceTicks: 19) == 20)
        #expect(BookCapacity.levels(minPriceTicks: 19, maxPriceTicks: 10) == 0)
        try books.list(instrument: 0, minPriceTicks: 10, maxPriceTicks: 19)
        #expect(books.unusedLevelCount == 2)
        #expect(throws: BookError.levelsExhausted) {
            try books.list(instrument: 1, minPriceTicks: 10, maxPriceTicks: 11)
        }
        #expect(books.isListed(1) == false)
        #expect(books.unusedLevelCount == 2)
        try books.list(instrument: 2, minPriceTicks: 7, maxPriceTicks: 7)
        #expect(books.unusedLevelCount == 0)
        var listed: [UInt32] = []
        for instrument in 0...3 as ClosedRange<UInt32> where books.isListed(instrument) { listed.append(instrument) }
        #expect(listed == [0, 2])
        try books.checkInvariants()
    }

    @Test func aListingThatCannotBeIsRefused() throws {
        var books = try Books(
            capacity: BookCapacity(
                instruments: 2, orders: 1, levels: 4 * Books.pricesPerInstrumentMax, accounts: 0),
            isPopulated: false)
        try books.list(instrument: 0, minPriceTicks: 1, maxPriceTicks: 2)
        let refusals: [(UInt32, UInt32, UInt32, BookError)] = [
            (2, 1, 2, .unknownInstrument), (UInt32.max, 1, 2, .unknownInstrument), (0, 5, 6, .alreadyListed),
            (1, 0, 2, .priceRange), (1, 3, 2, .priceRange), (1, UInt32.max - 1, UInt32.max, .priceRange),
            (1, 1, UInt32(Books.pricesPerInstrumentMax) + 1, .priceRange),
        ]
        for (instrument, minPriceTicks, maxPriceTicks, error) in refusals {
            #expect(throws: error) {
                try books.list(instrument: instrument, minPriceTicks: minPriceTicks, maxPriceTicks: maxPriceTicks)
            }
        }
        try books.list(instrument: 1, minPriceTicks: 1, maxPriceTicks: UInt32(Books.pricesPerInstrumentMax))
    }

    @Test func pricesOutsideTheRangeAreNotContained() throws {
        var books = try Books(capacity: BookCapacity(instruments: 2, orders: 1, levels: 40, accounts: 0))
        try books.list(instrument: 0, minPriceTicks: 100, maxPriceTicks: 109)
        for priceTicks in [100, 105, 109] as [UInt32] {
            #expect(books.contains(instrument: 0, priceTicks: priceTicks) == true)
        }
        for priceTicks in [0, 1, 99, 110, UInt32.max - 1, UInt32.max] {
            #expect(books.contains(instrument: 0, priceTicks: priceTicks) == false)
            #expect(books.volumeLots(instrument: 0, side: .bid, priceTicks: priceTicks) == 0)
            #expect(books.head(instrument: 0, side: .ask, priceTicks: priceTicks).isNone)
            books.prefetchLevel(instrument: 0, side: .ask, priceTicks: priceTicks)
        }
        for side in [BookSide.bid, .ask] {
            for priceTicks in [100, 109] as [UInt32] {
                #expect(books.place(instrument: 0, side: side, priceTicks: priceTicks) != nil)
            }
            for priceTicks in [0, 99, 110, UInt32.max] {
                #expect(books.place(instrument: 0, side: side, priceTicks: priceTicks) == nil)
            }
            #expect(books.place(instrument: 1, side: side, priceTicks: 100) == nil)
            #expect(books.place(instrument: 2, side: side, priceTicks: 100) == nil)
            #expect(books.place(instrument: UInt32.max, side: side, priceTicks: 100) == nil)
        }
        // Not listed, and beyond the capacity.
        #expect(books.contains(instrument: 1, priceTicks: 100) == false)
        #expect(books.contains(instrument: 2, priceTicks: 100) == false)
        #expect(books.contains(instrument: UInt32.max, priceTicks: 100) == false)
        #expect(books.bestPriceTicks(instrument: 1, side: .bid) == nil)
        #expect(books.maker(against: .bid, instrument: 1, limitTicks: 100).isNone)
    }

    @Test func aFullSlabTakesAnOrderAgainWhenOneHasGone() throws {
        let orders = 1_000
        var books = try Books(capacity: BookCapacity(instruments: 1, orders: orders, levels: 20, accounts: 0))
        try books.list(instrument: 0, minPriceTicks: 1, maxPriceTicks: 10)
        var generator = SeededGenerator(seed: 5)
        var resting: [UInt64] = []
        var id: UInt64 = 0
        // Forty times the table's size in ids: buckets wrap around, and old orders stay in them.
        while id < 80_000 {
            while !books.isFull {
                id += 1
                let priceTicks = UInt32.random(in: 1...5, using: &generator)
                _ = books.insert(orderId: id, instrument: 0, side: .bid, priceTicks: priceTicks, quantityLots: 1)
                resting.append(id)
            }
            #expect(books.orderCount == orders)
            // The oldest tenth stays for ever, so that their buckets fill up with younger ones in front.
            for _ in 0..<500 {
                let gone = resting.remove(at: Int.random(in: 100..<resting.count, using: &generator))
                books.remove(books.slot(ofOrder: gone))
                #expect(books.slot(ofOrder: gone).isNone)
            }
        }
        for id in resting { #expect(books.node(books.slot(ofOrder: id)).pointee.orderId == id) }
        #expect(books.orderCount == resting.count)
        try books.checkInvariants()
    }

    @Test func ordersThatShareABucketAreToldApart() throws {
        var books = try Books(capacity: BookCapacity(instruments: 1, orders: 8, levels: 2, accounts: 0))
        try books.list(instrument: 0, minPriceTicks: 1, maxPriceTicks: 1)
        // All of one bucket, up to the highest ids, and 2^32 apart.
        let ids: [UInt64] = [16, 32, 1 << 32, 1 << 33, (1 << 33) + 16, UInt64.max - 15]
        for id in ids {
            _ = books.insert(orderId: id, instrument: 0, side: .ask, priceTicks: 1, quantityLots: UInt32(id >> 60) + 1)
        }
        #expect(Set(ids.map { $0 & books.idMask }).count == 1)
        // The last of the chain, one of its middle, its first.
        for gone in [16, 1 << 33, UInt64.max - 15] {
            books.remove(books.slot(ofOrder: gone))
            try books.checkInvariants()
            #expect(books.slot(ofOrder: gone).isNone)
        }
        for id in [32, 1 << 32, (1 << 33) + 16] as [UInt64] {
            #expect(books.node(books.slot(ofOrder: id)).pointee.orderId == id)
        }
        #expect(books.slot(ofOrder: 48).isNone)
    }
}
