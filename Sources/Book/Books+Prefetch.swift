/// Hints for commands that are known before their turn: they bring a cache line near and change nothing.
///
/// A deep book waits for memory, not for instructions, and the ring knows the commands that come next.
extension Books {
    /// Brings the id table's line of an order that a coming command names. First of two steps.
    @inlinable @inline(__always)
    public func prefetchBucket(ofOrder orderId: UInt64) {
    }

    /// Brings the order itself. Some commands after `prefetchBucket`, or this waits for the line that it asks for.
    @inlinable @inline(__always)
    public func prefetchOrder(_ orderId: UInt64) {
    }

    /// Brings the level of a price at which a coming order may rest. Prices outside the range are ignored.
    @inlinable @inline(__always)
    public func prefetchLevel(instrument: UInt32, side: BookSide, priceTicks: UInt32) {
    }
}
