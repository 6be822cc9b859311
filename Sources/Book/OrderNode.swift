/// What matching needs of a resting order: 32 bytes, two to a cache line.
///
/// Everything that only the owner of the books looks at is in `OrderDetail`, in a parallel array, so that a walk
/// along a level or the unlinking of a neighbour brings half as many cache lines.
@frozen
public struct OrderNode {
    /// The order id; 0 in a free slot.
    @usableFromInline var id: UInt64
    /// Lots left; never 0 while the order rests.
    @usableFromInline var quantity: UInt32
    @usableFromInline var price: UInt32
    /// The order behind this one at its price, or, in a free slot, the next free slot.
    @usableFromInline var next: UInt32
    /// The order in front of this one at its price.
    @usableFromInline var previous: UInt32
    /// The next order in the same bucket of the id table.
    @usableFromInline var idChain: UInt32
    @usableFromInline var instrumentNumber: UInt16
    @usableFromInline var bookSide: BookSide
    /// For the owner of the books: `insert` sets it and the book never reads it.
    public var flags: UInt8

    @inlinable @inline(__always)
    init(
        id: UInt64, quantity: UInt32, price: UInt32, idChain: UInt32, instrument: UInt32, side: BookSide, flags: UInt8
    ) {
        self.id = id
        self.quantity = quantity
        self.price = price
        next = 0
        previous = 0
        self.idChain = idChain
        instrumentNumber = UInt16(truncatingIfNeeded: instrument)
        bookSide = side
        self.flags = flags
    }

    /// The venue's order id, from 1.
    @inlinable @inline(__always)
    public var orderId: UInt64 { id }

    /// What is left to trade, in lots.
    @inlinable @inline(__always)
    public var quantityLots: UInt32 { quantity }

    /// Limit price in ticks.
    @inlinable @inline(__always)
    public var priceTicks: UInt32 { price }

    /// The instrument.
    @inlinable @inline(__always)
    public var instrument: UInt32 { UInt32(instrumentNumber) }

    /// The side.
    @inlinable @inline(__always)
    public var side: BookSide { bookSide }
}
