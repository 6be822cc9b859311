/// One of the two sides of a book.
@frozen
public enum BookSide: UInt8, Sendable {
    /// Orders to buy: the highest price is the best.
    case bid = 0
    /// Orders to sell: the lowest price is the best.
    case ask = 1

    /// The side that an order of this side trades with.
    @inlinable @inline(__always)
    public var opposite: BookSide {
        self == .bid ? .ask : .bid
    }

    /// XORed with a price it gives the price's *key*: of two keys of one side, the smaller is the better price.
    ///
    /// Bids become descending by complement, asks stay as they are. With keys, one piece of code serves both
    /// sides without a branch on the side, which the processor could not predict.
    @inlinable @inline(__always)
    var keyMask: UInt32 {
        // bid 0 -> all ones, ask 1 -> zero.
        UInt32(rawValue) &- 1
    }
}
