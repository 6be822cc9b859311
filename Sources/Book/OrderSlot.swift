/// The place of one resting order in the slab of orders: valid from `insert` until `remove`.
///
/// A slot is reused for another order afterwards, so nothing outside the book keeps one for longer than that;
/// what is kept, journaled or sent is the order id.
@frozen
public struct OrderSlot: Equatable, Sendable {
    /// Position in the slab, from 1; 0 is no order, so that memory fresh from the kernel holds empty lists.
    public let index: UInt32

    @inlinable @inline(__always)
    public init(index: UInt32) {
        self.index = index
    }

    /// No order.
    @inlinable @inline(__always)
    public static var none: OrderSlot { OrderSlot(index: 0) }

    /// Whether this is no order.
    @inlinable @inline(__always)
    public var isNone: Bool { index == 0 }
}
