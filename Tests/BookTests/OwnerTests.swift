import Testing

@testable import Book

/// Owners' lists and client order ids.
@Suite struct OwnerTests {
    private func books(orders: Int, key: (UInt64, UInt64) = (0, 0)) throws -> Books {
        var books = try Books(
            capacity: BookCapacity(instruments: 2, orders: orders, levels: 4_000, accounts: 8), clientOrderIdKey: key)
        for instrument in 0..<2 as Range<UInt32> {
            try books.list(instrument: instrument, minPriceTicks: 1, maxPriceTicks: 1_000)
        }
        return books
    }

    @Test func listsAscendByIdWhateverPriceAndPriority() throws {
        var books = try books(orders: 16)
        for (id, priceTicks) in zip(1...6 as ClosedRange<UInt64>, [500, 100, 900, 300, 700, 200] as [UInt32]) {
            _ = books.insert(
                orderId: id, instrument: UInt32(id % 2), side: id < 4 ? .bid : .ask, priceTicks: priceTicks,
                quantityLots: 1, account: id == 3 ? 2 : 1, clientOrderId: id)
        }
        #expect(books.orderIds(ofAccount: 1) == [1, 2, 4, 5, 6])
        #expect(books.orderIds(ofAccount: 2) == [3])
        #expect(books.orderIds(ofAccount: 0) == [])
        #expect(books.orderIds(ofInstrument: 0) == [2, 4, 6])
        #expect(books.orderIds(ofInstrument: 1) == [1, 3, 5])
        // First, middle, last.
        for (gone, rest) in [(1, [2, 4, 5, 6]), (4, [2, 5, 6]), (6, [2, 5])] as [(UInt64, [UInt64])] {
            books.remove(books.slot(ofOrder: gone))
            #expect(books.orderIds(ofAccount: 1) == rest)
            #expect(books.orderCount(ofAccount: 1) == rest.count)
            try books.checkInvariants()
        }
    }

    @Test func anAccountsOrdersGoWhileWalking() throws {
        var books = try books(orders: 100)
        for id in 1...90 as ClosedRange<UInt64> {
            _ = books.insert(
                orderId: id, instrument: 0, side: .bid, priceTicks: UInt32(id % 7) + 1, quantityLots: 1,
                account: UInt32(id % 3), clientOrderId: Books.noClientOrderId)
        }
        var gone: [UInt64] = []
        var slot = books.firstOrder(ofAccount: 1)
        while !slot.isNone {
            let next = books.nextOrderOfAccount(slot)
            gone.append(books.node(slot).pointee.orderId)
            books.remove(slot)
            slot = next
        }
        #expect(gone == stride(from: 1, through: 88, by: 3).map { UInt64($0) })
        #expect(books.orderCount(ofAccount: 1) == 0)
        #expect(books.orderCount == 60)
        try books.checkInvariants()
    }

    @Test func aNameIsTheAccountsOwn() throws {
        var books = try books(orders: 8)
        let first = books.insert(
            orderId: 1, instrument: 0, side: .bid, priceTicks: 1, quantityLots: 1, account: 1, clientOrderId: 77)
        let second = books.insert(
            orderId: 2, instrument: 0, side: .bid, priceTicks: 1, quantityLots: 1, account: 2, clientOrderId: 77)
        let nameless = books.insert(
            orderId: 3, instrument: 0, side: .bid, priceTicks: 1, quantityLots: 1, account: 2,
            clientOrderId: Books.noClientOrderId)
        #expect(books.slot(ofAccount: 1, clientOrderId: 77) == first)
        #expect(books.slot(ofAccount: 2, clientOrderId: 77) == second)
        #expect(books.slot(ofAccount: 3, clientOrderId: 77).isNone)
        #expect(books.slot(ofAccount: 2, clientOrderId: Books.noClientOrderId).isNone)
        try books.checkInvariants()
        books.remove(first)
        books.remove(nameless)
        #expect(books.slot(ofAccount: 1, clientOrderId: 77).isNone)
        #expect(books.slot(ofAccount: 2, clientOrderId: 77) == second)
        // Free again.
        let again = books.insert(
            orderId: 4, instrument: 0, side: .bid, priceTicks: 1, quantityLots: 1, account: 1, clientOrderId: 77)
        #expect(books.slot(ofAccount: 1, clientOrderId: 77) == again)
        try books.checkInvariants()
    }

    @Test func prefetchingChangesNothing() throws {
        var books = try books(orders: 8)
        for id in 1...5 as ClosedRange<UInt64> {
            _ = books.insert(
                orderId: id, instrument: 0, side: .bid, priceTicks: UInt32(id), quantityLots: 1, account: 1,
                clientOrderId: id == 3 ? Books.noClientOrderId : id)
        }
        let before = books.queue(instrument: 0, side: .bid)
        // Orders that rest, that do not, and that share a bucket with one that does.
        for id in [0, 1, 3, 5, 6, 17, 1 << 40, UInt64.max] {
            books.prefetchBucket(ofOrder: id)
            books.prefetchOrder(id)
            books.prefetchNeighbours(ofOrder: id)
            books.prefetchBucket(ofAccount: UInt32(truncatingIfNeeded: id), clientOrderId: id)
        }
        for priceTicks in [0, 1, 1_000, 1_001, UInt32.max] {
            books.prefetchLevel(instrument: 0, side: .ask, priceTicks: priceTicks)
            books.prefetchLevel(instrument: 2, side: .bid, priceTicks: priceTicks)
        }
        #expect(books.queue(instrument: 0, side: .bid) == before)
        try books.checkInvariants()
    }

    /// Names with a structure that a plain hash would put into few buckets.
    private static let structuredNames: [@Sendable (UInt64) -> UInt64] = [
        { $0 }, { $0 << 13 }, { $0 << 32 }, { $0 << 51 }, { $0 &* 8_192 }, { $0 &* 0x9E37_79B9_7F4A_7C15 },
        { $0 | $0 << 32 }, { ~$0 },
    ]

    @Test(arguments: structuredNames.indices)
    func structuredNamesSpreadOverTheTable(pattern: Int) throws {
        let orders = 4_096
        var books = try books(orders: orders, key: (0x0123_4567_89AB_CDEF, 0xFEDC_BA98_7654_3210))
        for id in 1...UInt64(orders) {
            _ = books.insert(
                orderId: id, instrument: 0, side: .bid, priceTicks: 1, quantityLots: 1, account: UInt32(id % 8),
                clientOrderId: Self.structuredNames[pattern](id))
        }
        try books.checkInvariants()
        // Half as many names as buckets: random ones make no chain of twelve in 10^9 tables.
        #expect(longestChain(books) < 12)
    }

    @Test func namesMadeForOneKeyDoNotHarmAnother() throws {
        let orders = 512
        // An attacker who knows a key picks names that share one of its buckets...
        let known = try books(orders: orders, key: (11, 22))
        let target = known.clientBucket(1, 0) - known.clientBuckets.unsafelyUnwrapped
        var names: [UInt64] = []
        var name: UInt64 = 0
        while names.count < 100 {
            if known.clientBucket(1, name) - known.clientBuckets.unsafelyUnwrapped == target { names.append(name) }
            name += 1
        }
        // ...and meets a process that drew another key.
        var attacked = try books(orders: orders, key: (0xD1B5_4A32_D192_ED03, 0x8CB9_2BA7_2F3D_8DD7))
        for (id, name) in zip(1...100 as ClosedRange<UInt64>, names) {
            _ = attacked.insert(
                orderId: id, instrument: 0, side: .bid, priceTicks: 1, quantityLots: 1, account: 1,
                clientOrderId: name)
        }
        #expect(longestChain(attacked) < 8)
        for name in names { #expect(!attacked.slot(ofAccount: 1, clientOrderId: name).isNone) }
        try attacked.checkInvariants()
    }

    private func longestChain(_ books: borrowing Books) -> Int {
        var longest = 0
        for bucket in 0...Int(books.clientMask) {
            var length = 0
            var at = books.clientBuckets.unsafelyUnwrapped[bucket]
            while at != 0 {
                length += 1
                at = books.details.unsafelyUnwrapped[Int(at)].clientChain
            }
            longest = max(longest, length)
        }
        return longest
    }
}
