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
    /// The ladder's number in the low 24 bits, the owner's flags in the high 8.
    @usableFromInline var placement: UInt32

    @inlinable @inline(__always)
    init(
        id: UInt64, quantity: UInt32, price: UInt32, previous: UInt32, idChain: UInt32, ladderNumber: UInt32,
        flags: UInt8
    ) {
        self.id = id
        self.quantity = quantity
        self.price = price
        next = 0
        self.previous = previous
        self.idChain = idChain
        placement = ladderNumber | UInt32(flags) &<< 24
    }

    /// Of the order's ladder: twice its instrument, plus one for asks.
    @inlinable @inline(__always)
    var ladderNumber: UInt32 { placement & 0xFF_FFFF }

    /// XORed with the price gives its key.
    @inlinable @inline(__always)
    var keyMask: UInt32 { (placement & 1) &- 1 }

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
    public var instrument: UInt32 { ladderNumber &>> 1 }

    /// The side.
    @inlinable @inline(__always)
    public var side: BookSide { placement & 1 == 0 ? .bid : .ask }

    /// For the owner of the books: `insert` sets it and the book never reads it.
    @inlinable @inline(__always)
    public var flags: UInt8 {
        get { UInt8(truncatingIfNeeded: placement &>> 24) }
        set { placement = ladderNumber | UInt32(newValue) &<< 24 }
    }
}
