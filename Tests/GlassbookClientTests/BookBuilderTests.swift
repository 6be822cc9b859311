import GlassbookClient
import MarketData
import Testing
import Wire

@Suite struct BookBuilderTests {
    private func message(_ size: Int, _ encode: (UnsafeMutableRawPointer) -> Void) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            encode(UnsafeMutableRawPointer(buffer.baseAddress!))
            count = size
        }
    }

    private func add(
        _ reference: UInt64, _ side: Side, _ price: UInt32, _ shares: UInt32, locate: UInt16 = 1
    ) -> [UInt8] {
        message(AddOrderMessage.size) {
            AddOrderMessage.encode(
                at: $0, locate: locate, time: 0, reference: reference, side: side, shares: shares,
                symbol: FixedText.eight("BTC-USD")!, price: price)
        }
    }

    private func executed(_ reference: UInt64, _ shares: UInt32, match: UInt64) -> [UInt8] {
        message(OrderExecutedITCH.size) {
            OrderExecutedITCH.encode(
                at: $0, locate: 1, time: 0, reference: reference, shares: shares, matchNumber: match)
        }
    }

    @discardableResult
    private func apply(_ bytes: [UInt8], _ books: inout BookBuilder) throws(FeedBookError) -> FeedTrade? {
        try bytes.withUnsafeBufferPointer { buffer throws(FeedBookError) in
            try books.apply(UnsafeRawBufferPointer(buffer))
        }
    }

    @Test func levelsVolumesAndQueues() throws {
        var books = BookBuilder(ordersMax: 16)
        for bytes in [
            add(1, .buy, 99, 5), add(2, .buy, 100, 7), add(3, .buy, 99, 2), add(4, .sell, 101, 1),
            add(5, .sell, 103, 9), add(6, .sell, 55, 3, locate: 2),
        ] { try apply(bytes, &books) }
        var image = books.image(of: 0)
        #expect(image.buys.map(\.price) == [100, 99] && image.buys.map(\.lots) == [7, 7])
        #expect(image.buys[1].orders.map(\.reference) == [1, 3])
        #expect(image.sells.map(\.price) == [101, 103] && image.orderCount == 5)
        #expect(books.image(of: 1).sells.map(\.price) == [55] && books.image(of: 2).orderCount == 0)

        let trade = try apply(executed(1, 2, match: 8), &books)
        #expect(trade?.instrument == 0 && trade?.matchNumber == 8 && trade?.reference == 1)
        #expect(trade?.side == .buy && trade?.price == 99 && trade?.lots == 2)
        try apply(
            message(OrderReplaceITCH.size) {
                OrderReplaceITCH.encode(
                    at: $0, locate: 1, time: 0, originalReference: 1, reference: 7, shares: 3, price: 99)
            }, &books)
        image = books.image(of: 0)
        #expect(image.buys[1].orders.map(\.reference) == [3, 7] && image.buys[1].lots == 5)
        #expect(books.trades == 1 && books.messages == 8 && books.orderCount == 6)
    }

    @Test func whatDoesNotFitChangesNothing() throws {
        var books = BookBuilder(ordersMax: 2)
        try apply(add(1, .buy, 99, 5), &books)
        let before = books.images()
        #expect(throws: FeedBookError.unknownReference(9)) { try apply(executed(9, 1, match: 1), &books) }
        #expect(throws: FeedBookError.tooManyShares(1)) { try apply(executed(1, 6, match: 1), &books) }
        #expect(throws: FeedBookError.duplicateReference(1)) { try apply(add(1, .buy, 99, 5), &books) }
        #expect(throws: FeedBookError.malformed) { try apply([], &books) }
        #expect(throws: FeedBookError.malformed) { try apply(Array(add(2, .buy, 99, 5).dropLast()), &books) }
        #expect(books.images() == before && books.messages == 1 && books.trades == 0)
        try apply(add(2, .buy, 99, 5), &books)
        #expect(throws: FeedBookError.full) { try apply(add(3, .buy, 99, 5), &books) }
    }
}
