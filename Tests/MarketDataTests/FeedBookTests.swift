import Testing
import Wire

@testable import MarketData

@Suite("Feed book")
struct FeedBookTests {
    private func apply(_ message: [UInt8], _ book: inout FeedBook) throws(FeedBookError) {
        try book.apply(bytes: message)
    }

    private func add(_ id: UInt64, _ side: Side = .buy, _ shares: UInt32 = 10, _ price: UInt32 = 5) -> [UInt8] {
        bytes(AddOrderMessage.size) {
            AddOrderMessage.encode(
                at: $0, locate: 1, time: 0, reference: id, side: side, shares: shares, symbol: 0, price: price)
        }
    }
    private func executed(_ id: UInt64, _ shares: UInt32) -> [UInt8] {
        bytes(OrderExecutedITCH.size) {
            OrderExecutedITCH.encode(at: $0, locate: 1, time: 0, reference: id, shares: shares, matchNumber: 1)
        }
    }
    private func cancel(_ id: UInt64, _ shares: UInt32) -> [UInt8] {
        bytes(OrderCancelITCH.size) {
            OrderCancelITCH.encode(at: $0, locate: 1, time: 0, reference: id, shares: shares)
        }
    }
    private func delete(_ id: UInt64) -> [UInt8] {
        bytes(OrderDeleteMessage.size) { OrderDeleteMessage.encode(at: $0, locate: 1, time: 0, reference: id) }
    }
    private func replace(_ id: UInt64, _ newId: UInt64, _ shares: UInt32, _ price: UInt32) -> [UInt8] {
        bytes(OrderReplaceITCH.size) {
            OrderReplaceITCH.encode(
                at: $0, locate: 1, time: 0, originalReference: id, reference: newId, shares: shares, price: price)
        }
    }

    private func orders(_ book: borrowing FeedBook) -> [FeedOrder] {
        var orders: [FeedOrder] = []
        book.forEachOrder { orders.append($0) }
        return orders
    }

    @Test func messagesChangeTheBook() throws {
        var book = FeedBook(capacity: 4)
        try apply(add(1), &book)
        try apply(add(2, .sell, 20, 6), &book)
        try apply(executed(1, 4), &book)
        try apply(cancel(1, 1), &book)
        #expect(book.order(1)?.shares == 5)
        try apply(replace(1, 3, 8, 7), &book)
        #expect(book.order(1) == nil)
        #expect(
            orders(book) == [
                FeedOrder(reference: 2, price: 6, shares: 20, locate: 1, side: .sell),
                FeedOrder(reference: 3, price: 7, shares: 8, locate: 1, side: .buy),
            ])
        try apply(executed(3, 8), &book)
        try apply(delete(2), &book)
        #expect(book.count == 0 && orders(book).isEmpty)
    }

    /// What does not fit is named, and nothing has changed.
    @Test func whatDoesNotFitChangesNothing() throws {
        var book = FeedBook(capacity: 2)
        try apply(add(1), &book)
        try apply(add(2), &book)
        let before = orders(book)
        #expect(throws: FeedBookError.full) { try apply(add(3), &book) }
        #expect(throws: FeedBookError.duplicateReference(1)) { try apply(add(1), &book) }
        #expect(throws: FeedBookError.unknownReference(9)) { try apply(delete(9), &book) }
        #expect(throws: FeedBookError.unknownReference(9)) { try apply(executed(9, 1), &book) }
        #expect(throws: FeedBookError.unknownReference(9)) { try apply(replace(9, 10, 1, 1), &book) }
        #expect(throws: FeedBookError.duplicateReference(2)) { try apply(replace(1, 2, 1, 1), &book) }
        #expect(throws: FeedBookError.tooManyShares(1)) { try apply(executed(1, 11), &book) }
        #expect(throws: FeedBookError.tooManyShares(1)) { try apply(cancel(1, 11), &book) }
        var sideless = add(3)
        sideless[19] = 0x58
        #expect(throws: FeedBookError.malformed) { try apply(sideless, &book) }
        for length in [0, 1, 10, 35, 37] {
            #expect(throws: FeedBookError.malformed) {
                try apply(Array((add(3) + [0]).prefix(length)), &book)
            }
        }
        #expect(throws: FeedBookError.malformed) { try apply([UInt8](repeating: 0x7A, count: 36), &book) }
        #expect(orders(book) == before)
        book.clear()
        #expect(book.count == 0 && book.order(1) == nil && orders(book).isEmpty)
        try apply(add(3), &book)
        #expect(orders(book).map(\.reference) == [3])
    }

    /// Messages, many of them wrong, against an array that is searched from its start.
    @Test(arguments: [1, 7, 64])
    func agreesWithAPlainArray(_ capacity: Int) throws {
        var numbers = TestNumbers(UInt64(capacity))
        var book = FeedBook(capacity: capacity)
        var plain: [FeedOrder] = []
        for count in 0..<20_000 {
            let id = 1 + numbers.next() % UInt64(2 * capacity), other = 1 + numbers.next() % UInt64(2 * capacity)
            let shares = UInt32(1 + numbers.below(12))
            let (message, expected) = step(&numbers, id, other, shares, plain, capacity)
            let hasChanged: Bool
            do throws(FeedBookError) {
                try apply(message, &book)
                hasChanged = true
            } catch { hasChanged = false }
            #expect(hasChanged == (expected != nil), "step \(count)")
            plain = expected ?? plain
            #expect(orders(book) == plain && book.count == plain.count, "step \(count)")
        }
    }

    /// A message, and what becomes of the orders; nil when it does not fit.
    private func step(
        _ numbers: inout TestNumbers, _ id: UInt64, _ other: UInt64, _ shares: UInt32, _ plain: [FeedOrder],
        _ capacity: Int
    ) -> ([UInt8], [FeedOrder]?) {
        var orders = plain
        let index = plain.firstIndex { $0.reference == id }
        switch numbers.below(5) {
        case 0:
            orders.append(FeedOrder(reference: id, price: 9, shares: shares, locate: 1, side: .sell))
            return (add(id, .sell, shares, 9), index == nil && plain.count < capacity ? orders : nil)
        case 1, 2:
            let message = numbers.below(2) == 0 ? executed(id, shares) : cancel(id, shares)
            guard let index, plain[index].shares >= shares else { return (message, nil) }
            orders[index].shares -= shares
            if orders[index].shares == 0 { orders.remove(at: index) }
            return (message, orders)
        case 3:
            guard let index else { return (delete(id), nil) }
            orders.remove(at: index)
            return (delete(id), orders)
        default:
            let message = replace(id, other, shares, 3)
            guard let index, id == other || !plain.contains(where: { $0.reference == other }) else {
                return (message, nil)
            }
            var order = orders.remove(at: index)
            (order.reference, order.shares, order.price) = (other, shares, 3)
            return (message, orders + [order])
        }
    }

    @Test func garbageIsRefusedOrFits() {
        var numbers = TestNumbers(5)
        var book = FeedBook(capacity: 32)
        let types = Array("SRHAECXDUPQ".utf8)
        var refused = 0
        for _ in 0..<50_000 {
            let type = types[numbers.below(types.count)]
            var garbage = numbers.bytes(ITCH.size(ofType: type)! - (numbers.below(10) == 0 ? 1 : 0))
            garbage[0] = type
            // Few references and shares, so that some of it fits.
            for offset in 11..<min(19, garbage.count) { garbage[offset] = offset == 18 ? garbage[offset] & 31 : 0 }
            do throws(FeedBookError) { try apply(garbage, &book) } catch { refused += 1 }
            #expect(book.count <= 32)
        }
        #expect(refused > 0 && refused < 50_000)
    }
}
