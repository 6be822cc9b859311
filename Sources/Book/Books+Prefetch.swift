import CPrefetch

/// Hints for commands that are known before their turn: they bring a cache line near and change nothing.
///
/// A deep book waits for memory, not for instructions, and the ring knows the commands that come next.
extension Books {
    /// Brings the id table's bucket of an order that a coming command names: the first of two steps.
    @inlinable @inline(__always)
    public func prefetchBucket(ofOrder orderId: UInt64) {
        prefetch_read(idBuckets + Int(truncatingIfNeeded: orderId & idMask))
    }

    /// Brings the order that a coming command names, and the owner's part of it: the second step.
    ///
    /// Some commands after `prefetchBucket`, or this waits for the bucket itself.
    @inlinable @inline(__always)
    public func prefetchOrder(_ orderId: UInt64) {
        let index = Int(idBuckets[Int(truncatingIfNeeded: orderId & idMask)])
        prefetch_write(nodes + index)
        prefetchOwned(index)
    }

    /// Brings the order behind an order at its price: the next maker, while a trade with this one is told.
    @inlinable @inline(__always)
    public func prefetchNext(_ slot: OrderSlot) {
        let index = Int(node(slot).pointee.next)
        prefetch_write(nodes + index)
        prefetchOwned(index)
    }

    /// Brings the level of a price at which a coming order may rest; does nothing for a price outside the range.
    @inlinable @inline(__always)
    public func prefetchLevel(instrument: UInt32, side: BookSide, priceTicks: UInt32) {
        guard contains(instrument: instrument, priceTicks: priceTicks) else { return }
        prefetch_write(level(instrument, side, priceTicks))
    }

    /// Brings the bucket of a client order id that a coming command names or gives.
    @inlinable @inline(__always)
    public func prefetchBucket(ofAccount account: UInt32, clientOrderId: UInt64) {
        prefetch_read(clientBucket(account, clientOrderId))
    }

    @inlinable @inline(__always)
    func prefetchOwned(_ index: Int) {
        guard let details, let links else { return }
        prefetch_write(details + index)
        prefetch_write(links + 2 &* index)
    }
}
