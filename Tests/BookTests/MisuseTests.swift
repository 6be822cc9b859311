import Book
import Testing

/// Steps that would corrupt memory end the process, in release too.
@Suite struct MisuseTests {
    private static func books(accounts: Int = 0) throws -> Books {
        var books = try Books(capacity: BookCapacity(instruments: 2, orders: 2, levels: 20, accounts: accounts))
        try books.list(instrument: 0, minPriceTicks: 11, maxPriceTicks: 20)
        return books
    }

    @Test func restingOutsideTheRangeEndsTheProcess() async {
        await #expect(processExitsWith: .failure) {
            var books = try MisuseTests.books()
            _ = books.insert(orderId: 1, instrument: 0, side: .bid, priceTicks: 10, quantityLots: 1)
        }
        await #expect(processExitsWith: .failure) {
            var books = try MisuseTests.books()
            _ = books.insert(orderId: 1, instrument: 0, side: .ask, priceTicks: 21, quantityLots: 1)
        }
    }

    @Test func restingWhereNothingIsListedEndsTheProcess() async {
        await #expect(processExitsWith: .failure) {
            var books = try MisuseTests.books()
            _ = books.insert(orderId: 1, instrument: 1, side: .bid, priceTicks: 15, quantityLots: 1)
        }
        await #expect(processExitsWith: .failure) {
            let books = try MisuseTests.books()
            _ = books.bestPriceTicks(instrument: 2, side: .bid)
        }
    }

    @Test func restingInFullBooksEndsTheProcess() async {
        await #expect(processExitsWith: .failure) {
            var books = try MisuseTests.books()
            for id in 1...3 as ClosedRange<UInt64> {
                _ = books.insert(orderId: id, instrument: 0, side: .bid, priceTicks: 15, quantityLots: 1)
            }
        }
    }

    @Test func reducingToNothingEndsTheProcess() async {
        await #expect(processExitsWith: .failure) {
            var books = try MisuseTests.books()
            let slot = books.insert(orderId: 1, instrument: 0, side: .bid, priceTicks: 15, quantityLots: 4)
            books.reduce(slot, by: 4)
        }
    }

    @Test func anUnknownAccountEndsTheProcess() async {
        await #expect(processExitsWith: .failure) {
            var books = try MisuseTests.books(accounts: 3)
            _ = books.insert(
                orderId: 1, instrument: 0, side: .bid, priceTicks: 15, quantityLots: 1, account: 3, clientOrderId: 1)
        }
    }

    @Test func theSameStepsWithinTheirLimitsDoNot() async {
        await #expect(processExitsWith: .success) {
            var books = try MisuseTests.books(accounts: 3)
            let slot = books.insert(
                orderId: 1, instrument: 0, side: .bid, priceTicks: 11, quantityLots: 4, account: 2, clientOrderId: 1)
            books.reduce(slot, by: 2)
            _ = books.insert(
                orderId: 2, instrument: 0, side: .ask, priceTicks: 20, quantityLots: 4, account: 2, clientOrderId: 2)
            _ = books.bestPriceTicks(instrument: 1, side: .bid)
        }
    }
}
