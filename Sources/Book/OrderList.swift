/// The neighbours of an order in a list that is ascending by order id.
@usableFromInline @frozen
struct OrderLinks {
    @usableFromInline var next: UInt32
    @usableFromInline var previous: UInt32

    @inlinable @inline(__always)
    init(next: UInt32, previous: UInt32) {
        self.next = next
        self.previous = previous
    }
}

/// The ends of a list that is ascending by order id.
@usableFromInline @frozen
struct OrderList {
    @usableFromInline var head: UInt32
    @usableFromInline var tail: UInt32
    @usableFromInline var count: UInt32
}
