/// The orders of one price and side, first come first: 16 bytes, four to a cache line. All zero when empty.
@frozen
@usableFromInline
struct PriceLevel {
    /// Slot of the order that trades first.
    @usableFromInline var head: UInt32
    /// Slot of the order that came last.
    @usableFromInline var tail: UInt32
    /// Sum of the orders' quantities, in lots.
    @usableFromInline var volumeLots: UInt64
}
