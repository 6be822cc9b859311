import Testing

@testable import Book

/// The deep check itself: each kind of damage is found, so that silence means health.
@Suite struct InvariantTests {
    private func books() throws -> Books {
        var books = try Books(capacity: BookCapacity(instruments: 1, orders: 8, levels: 200, accounts: 3))
        try books.list(instrument: 0, minPriceTicks: 1, maxPriceTicks: 100)
        for id in 1...4 as ClosedRange<UInt64> {
            _ = books.insert(
                orderId: id, instrument: 0, side: .bid, priceTicks: id == 4 ? 70 : 50, quantityLots: 2,
                account: 1, clientOrderId: id)
        }
        try books.checkInvariants()
        return books
    }

    @Test func aWrongVolumeIsFound() throws {
        let books = try books()
        books.level(0, .bid, 50).pointee.volumeLots += 1
        #expect(throws: BookFault.level(instrument: 0, side: .bid, priceTicks: 50)) { try books.checkInvariants() }
    }

    @Test func aWrongLinkIsFound() throws {
        let books = try books()
        books.node(books.slot(ofOrder: 2)).pointee.previous = 3
        #expect(throws: BookFault.level(instrument: 0, side: .bid, priceTicks: 50)) { try books.checkInvariants() }
    }

    @Test func aWrongTailIsFound() throws {
        let books = try books()
        books.level(0, .bid, 50).pointee.tail = 1
        #expect(throws: BookFault.level(instrument: 0, side: .bid, priceTicks: 50)) { try books.checkInvariants() }
    }

    @Test func aWrongBitIsFound() throws {
        for tier in 0..<4 {
            let books = try books()
            let ladder = books.ladder(0, .bid).pointee
            [ladder.tier0, ladder.tier1, ladder.tier2, ladder.tier3][tier].pointee ^= 1
            #expect(throws: BookFault.bitmap(instrument: 0, side: .bid)) { try books.checkInvariants() }
        }
    }

    @Test func aWrongBestPriceIsFound() throws {
        let books = try books()
        books.ladder(0, .bid).pointee.bestKey += 1
        #expect(throws: BookFault.ladder(instrument: 0, side: .bid)) { try books.checkInvariants() }
    }

    @Test func aWrongCountIsFound() throws {
        let books = try books()
        books.ladder(0, .bid).pointee.orderCount += 1
        #expect(throws: BookFault.ladder(instrument: 0, side: .bid)) { try books.checkInvariants() }
        var others = try self.books()
        others.restingCount += 1
        #expect(throws: BookFault.slots) { try others.checkInvariants() }
    }

    @Test func anOrderMissingFromTheIdTableIsFound() throws {
        let books = try books()
        books.idBuckets[Int(3 & books.idMask)] = 0
        #expect(throws: BookFault.idTable(orderId: 0)) { try books.checkInvariants() }
    }

    @Test func aLostSlotIsFound() throws {
        var books = try books()
        books.remove(books.slot(ofOrder: 2))
        books.freeSlot = 0
        #expect(throws: BookFault.slots) { try books.checkInvariants() }
    }

    @Test func aWrongOwnerIsFound() throws {
        let books = try books()
        books.detail(books.slot(ofOrder: 2)).pointee.owner = 2
        #expect(throws: BookFault.accountList(account: 1)) { try books.checkInvariants() }
        let others = try self.books()
        others.instrumentList(0).pointee.count -= 1
        #expect(throws: BookFault.instrumentList(instrument: 0)) { try others.checkInvariants() }
    }

    @Test func aNameMissingFromTheTableIsFound() throws {
        let books = try books()
        books.clientBucket(1, 3).pointee = 0
        #expect(throws: BookFault.clientTable(orderId: 0)) { try books.checkInvariants() }
    }
}
