import Testing
import Wire

/// Our bytes against the tables of the standard, written down a second time field by field.
@Suite("ITCH messages")
struct ITCHTests {
    private static let time: UInt64 = 0x0102_0304_0506
    private static func head(_ type: String, _ locate: UInt64) -> [UInt8] {
        layout(.text(type), .number(locate, 2), .number(0, 2), .number(time, 6))
    }
    private static let symbol = FixedText.eight("BTC-USD")!

    @Test func ordersAreLaidOutAsTheStandardSays() {
        let add = bytes(AddOrderMessage.size) {
            AddOrderMessage.encode(
                at: $0, locate: 7, time: Self.time, reference: 0x1122_3344_5566_7788, side: .sell,
                shares: 0xA1A2_A3A4, symbol: Self.symbol, price: 1_234_567)
        }
        #expect(
            add == Self.head("A", 7)
                + layout(
                    .number(0x1122_3344_5566_7788, 8), "S", .number(0xA1A2_A3A4, 4), "BTC-USD ", .number(1_234_567, 4)))
        let executed = bytes(OrderExecutedITCH.size) {
            OrderExecutedITCH.encode(at: $0, locate: 7, time: Self.time, reference: 9, shares: 3, matchNumber: 77)
        }
        #expect(executed == Self.head("E", 7) + layout(.number(9, 8), .number(3, 4), .number(77, 8)))
        let priced = bytes(OrderExecutedWithPriceMessage.size) {
            OrderExecutedWithPriceMessage.encode(
                at: $0, locate: 7, time: Self.time, reference: 9, shares: 3, matchNumber: 77, isPrintable: false,
                price: 5)
        }
        #expect(
            priced == Self.head("C", 7) + layout(.number(9, 8), .number(3, 4), .number(77, 8), "N", .number(5, 4)))
        let cancel = bytes(OrderCancelITCH.size) {
            OrderCancelITCH.encode(at: $0, locate: 7, time: Self.time, reference: 9, shares: 4)
        }
        #expect(cancel == Self.head("X", 7) + layout(.number(9, 8), .number(4, 4)))
        let delete = bytes(OrderDeleteMessage.size) {
            OrderDeleteMessage.encode(at: $0, locate: 7, time: Self.time, reference: 9)
        }
        #expect(delete == Self.head("D", 7) + layout(.number(9, 8)))
        let replace = bytes(OrderReplaceITCH.size) {
            OrderReplaceITCH.encode(
                at: $0, locate: 7, time: Self.time, originalReference: 9, reference: 10, shares: 4, price: 6)
        }
        #expect(
            replace == Self.head("U", 7) + layout(.number(9, 8), .number(10, 8), .number(4, 4), .number(6, 4)))
    }

    @Test func theVenueAndTradesAreLaidOutAsTheStandardSays() {
        let event = bytes(SystemEventMessage.size) {
            SystemEventMessage.encode(at: $0, time: Self.time, event: SystemEventMessage.startOfMessages)
        }
        #expect(event == Self.head("S", 0) + layout("O"))
        let directory = bytes(StockDirectoryMessage.size) {
            StockDirectoryMessage.encode(at: $0, locate: 7, time: Self.time, symbol: Self.symbol)
        }
        #expect(
            directory == Self.head("R", 7)
                + layout(
                    "BTC-USD ", " ", " ", .number(1, 4), "N", "C", "Z ", "P", "N", "N", " ", "N", .number(0, 4), "N"))
        let action = bytes(TradingActionMessage.size) {
            TradingActionMessage.encode(
                at: $0, locate: 7, time: Self.time, symbol: Self.symbol, state: TradingActionMessage.halted,
                reason: FixedText.four("T1")!)
        }
        #expect(action == Self.head("H", 7) + layout("BTC-USD ", "H", " ", "T1  "))
        let trade = bytes(TradeMessage.size) {
            TradeMessage.encode(
                at: $0, locate: 7, time: Self.time, shares: 3, symbol: Self.symbol, price: 5, matchNumber: 8)
        }
        #expect(
            trade == Self.head("P", 7)
                + layout(.number(0, 8), "B", .number(3, 4), "BTC-USD ", .number(5, 4), .number(8, 8)))
        let cross = bytes(CrossTradeMessage.size) {
            CrossTradeMessage.encode(
                at: $0, locate: 7, time: Self.time, shares: 3, symbol: Self.symbol, price: 5, matchNumber: 8,
                crossType: 0x4F)
        }
        #expect(
            cross == Self.head("Q", 7)
                + layout(.number(3, 8), "BTC-USD ", .number(5, 4), .number(8, 8), "O"))
    }

    @Test func viewsReadWhatWasWritten() {
        let add = bytes(AddOrderMessage.size) {
            AddOrderMessage.encode(
                at: $0, locate: 65_535, time: ITCH.dayNanoseconds - 1, reference: .max, side: .buy, shares: .max,
                symbol: Self.symbol, price: 2_000_000_000)
        }
        add.withUnsafeBytes {
            let view = AddOrderMessage($0.baseAddress!)
            #expect(view.locate == 65_535 && view.reference == .max && view.side == .buy && view.shares == .max)
            #expect(view.symbol == Self.symbol && view.price == 2_000_000_000)
            #expect(ITCH.time($0.baseAddress!) == ITCH.dayNanoseconds - 1)
        }
        var other = add
        other[19] = UInt8(ascii: "X")
        other.withUnsafeBytes { #expect(AddOrderMessage($0.baseAddress!).side == nil) }
        let replace = bytes(OrderReplaceITCH.size) {
            OrderReplaceITCH.encode(
                at: $0, locate: 2, time: 1, originalReference: 3, reference: 4, shares: 5, price: 6)
        }
        replace.withUnsafeBytes {
            let view = OrderReplaceITCH($0.baseAddress!)
            #expect(view.originalReference == 3 && view.reference == 4 && view.shares == 5 && view.price == 6)
        }
        let priced = bytes(OrderExecutedWithPriceMessage.size) {
            OrderExecutedWithPriceMessage.encode(
                at: $0, locate: 2, time: 1, reference: 3, shares: 4, matchNumber: 5, isPrintable: true, price: 6)
        }
        priced.withUnsafeBytes {
            let view = OrderExecutedWithPriceMessage($0.baseAddress!)
            #expect(view.reference == 3 && view.shares == 4 && view.matchNumber == 5 && view.isPrintable)
            #expect(view.price == 6)
        }
    }

    /// Lengths of the standard; every other letter is none of ours.
    @Test func everyTypeHasItsLength() {
        let lengths: [Character: Int] = [
            "S": 12, "R": 39, "H": 25, "A": 36, "E": 31, "C": 36, "X": 23, "D": 19, "U": 35, "P": 44, "Q": 40,
        ]
        for type in UInt8.min...UInt8.max {
            #expect(ITCH.size(ofType: type) == lengths[Character(UnicodeScalar(type))])
        }
        #expect(lengths.values.max() == ITCH.messageBytesMax)
    }
}
