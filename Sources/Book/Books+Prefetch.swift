import CPrefetch

/// Hints for commands that are known before their turn: they bring a cache line near and change nothing.
///
/// A deep book waits for memory, not for instructions, and the ring knows the commands that come next. The steps for
/// an order that a coming command names build on each other: `prefetchBucket`, some commands later `prefetchOrder`,
/// some commands later `prefetchNeighbours`; four to eight commands are enough. Any id, account or price may be given,
/// whether there is such an order or not. Books that fit the cache are slower for it, by the instructions.
extension Books {
    /// Brings the id table's bucket of an order that a coming command names: the first step.
    @inlinable @inline(__always)
    public func prefetchBucket(ofOrder orderId: UInt64) {
        prefetch_read(idBuckets + Int(truncatingIfNeeded: orderId & idMask))
    }

    /// Brings the order that a coming command names, and the owner's part of it: the second step.
    @inlinable @inline(__always)
    public func prefetchOrder(_ orderId: UInt64) {
        let index = Int(idBuckets[Int(truncatingIfNeeded: orderId & idMask)])
        prefetch_write(nodes + index)
        prefetchOwned(index)
    }

    /// Brings the neighbours of an order, in its level and in its owners' lists, its level and the bucket of its name:
    /// the third step, for an order that a coming command ends.
    @inlinable @inline(__always)
    public func prefetchNeighbours(ofOrder orderId: UInt64) {
        let slot = slot(ofOrder: orderId)
        if slot.isNone { return }
        let node = node(slot)
        prefetch_write(nodes + Int(node.pointee.previous))
        prefetch_write(nodes + Int(node.pointee.next))
        prefetch_write(level(of: node))
        guard let details, let links else { return }
        let own = links + 2 &* Int(slot.index)
        for pair in 0...1 {
            prefetch_write(links + 2 &* Int(own[pair].previous))
            prefetch_write(links + 2 &* Int(own[pair].next))
        }
        let detail = details + Int(slot.index)
        prefetch_write(clientBucket(detail.pointee.owner, detail.pointee.clientName))
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
