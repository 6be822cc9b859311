import MarketData
import Wire

/// A price of one side of a book, with the orders that stand there, first in the queue first.
public struct BookLevel: Equatable, Sendable {
    /// As the feed has it: four implied decimals.
    public var price: UInt32
    /// Sum of the open quantities, lots.
    public var lots: UInt64
    /// The queue.
    public var orders: [FeedOrder]
}

/// One instrument's book: best price first.
public struct BookImage: Equatable, Sendable {
    /// Levels of buyers, highest price first.
    public var buys: [BookLevel] = []
    /// Levels of sellers, lowest price first.
    public var sells: [BookLevel] = []

    /// Orders of both sides.
    public var orderCount: Int { (buys + sells).reduce(0) { $0 + $1.orders.count } }
}

/// An instrument as the feed tells of it.
public struct FeedListing: Equatable, Sendable {
    /// Without trailing spaces.
    public var symbol: String
    /// Letter of the last H: `T` trading, `H` halted, `P` paused; 0 before the first.
    public var state: UInt8
}

/// A trade as the feed tells of it.
public struct FeedTrade: Equatable, Sendable {
    /// Id of the instrument.
    public var instrument: UInt32
    /// The same as in the replies to both sides.
    public var matchNumber: UInt64
    /// Order that rested.
    public var reference: UInt64
    /// Side of the order that rested.
    public var side: Side
    /// Ticks × the listing's multiplier; four implied decimals.
    public var price: UInt32
    /// Traded, lots.
    public var lots: UInt32
}

/// All books of a venue, rebuilt from its feed alone.
///
/// Give it every message of `FeedClient` in order. A message that does not fit is an error of the feed: nothing has
/// changed then, and the books are not to be relied on any more.
public struct BookBuilder: ~Copyable {
    private var book: FeedBook
    /// Instruments that were listed, by their id.
    public private(set) var listings: [UInt32: FeedListing] = [:]
    /// Letter of the last S; 0 before the first.
    public private(set) var systemEvent: UInt8 = 0
    /// Messages applied.
    public private(set) var messages = 0
    /// Trades seen.
    public private(set) var trades = 0

    /// - Parameter ordersMax: orders that rest at a time, over all books.
    public init(ordersMax: Int = 1 << 20) { book = FeedBook(capacity: ordersMax) }

    /// Orders that rest now.
    public var orderCount: Int { book.count }

    /// An order that rests, by its id.
    public func order(_ reference: UInt64) -> FeedOrder? { book.order(reference) }

    /// Applies a message. Returns the trade that it tells of.
    @discardableResult
    public mutating func apply(_ message: FeedMessage) throws(FeedBookError) -> FeedTrade? {
        try apply(message.bytes)
    }

    /// Applies an ITCH message.
    @discardableResult
    public mutating func apply(_ bytes: UnsafeRawBufferPointer) throws(FeedBookError) -> FeedTrade? {
        let trade = trade(of: bytes)
        try book.apply(bytes)
        messages += 1
        if trade != nil { trades += 1 }
        // The length is that of the type: the book has looked.
        if let base = bytes.baseAddress { note(base) }
        return trade
    }

    /// The book of an instrument.
    public func image(of instrument: UInt32) -> BookImage { images([instrument])[instrument] ?? BookImage() }

    /// The books of all instruments that are listed or have orders.
    public func images() -> [UInt32: BookImage] { images(Array(listings.keys)) }

    private func images(_ listed: [UInt32]) -> [UInt32: BookImage] {
        var queues: [UInt32: [Side: [UInt32: [FeedOrder]]]] = [:]
        book.forEachOrder { order in
            queues[UInt32(order.locate) &- 1, default: [:]][order.side, default: [:]][order.price, default: []]
                .append(order)
        }
        var images: [UInt32: BookImage] = [:]
        for instrument in listed { images[instrument] = BookImage() }
        for (instrument, sides) in queues {
            images[instrument] = BookImage(
                buys: Self.levels(sides[.buy]).reversed(), sells: Self.levels(sides[.sell]))
        }
        return images
    }

    private static func levels(_ queues: [UInt32: [FeedOrder]]?) -> [BookLevel] {
        (queues ?? [:]).sorted { $0.key < $1.key }.map { price, orders in
            BookLevel(price: price, lots: orders.reduce(0) { $0 + UInt64($1.shares) }, orders: orders)
        }
    }

    /// What the message tells of a trade, before the book changes.
    private func trade(of bytes: UnsafeRawBufferPointer) -> FeedTrade? {
        guard let base = bytes.baseAddress, let type = bytes.first, ITCH.size(ofType: type) == bytes.count else {
            return nil
        }
        switch type {
        case OrderExecutedITCH.type:
            let message = OrderExecutedITCH(base)
            guard let order = book.order(message.reference) else { return nil }
            return FeedTrade(
                instrument: UInt32(message.locate) &- 1, matchNumber: message.matchNumber,
                reference: message.reference, side: order.side, price: order.price, lots: message.shares)
        case OrderExecutedWithPriceMessage.type:
            let message = OrderExecutedWithPriceMessage(base)
            guard let order = book.order(message.reference) else { return nil }
            return FeedTrade(
                instrument: UInt32(message.locate) &- 1, matchNumber: message.matchNumber,
                reference: message.reference, side: order.side, price: message.price, lots: message.shares)
        default: return nil
        }
    }

    private mutating func note(_ base: UnsafeRawPointer) {
        switch ITCH.type(base) {
        case StockDirectoryMessage.type:
            let message = StockDirectoryMessage(base)
            listings[UInt32(message.locate) &- 1, default: FeedListing(symbol: "", state: 0)].symbol =
                FixedText.string(message.symbol)
        case TradingActionMessage.type:
            let message = TradingActionMessage(base)
            listings[UInt32(message.locate) &- 1, default: FeedListing(symbol: "", state: 0)].state = message.state
        case SystemEventMessage.type: systemEvent = SystemEventMessage(base).event
        default: break
        }
    }
}
