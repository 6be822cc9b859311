/// What the owner of the books keeps with a resting order: 32 bytes, in an array parallel to the nodes.
///
/// There only when the capacity has accounts (`BookCapacity.accounts`).
@frozen
public struct OrderDetail {
    @usableFromInline var owner: UInt32
    /// The next order in the same bucket of the client-order-id table.
    @usableFromInline var clientChain: UInt32
    @usableFromInline var clientName: UInt64
    /// For the owner of the books; zero after `insert`, and never read by the book.
    public var extension0: UInt64
    /// As `extension0`.
    public var extension1: UInt32
    /// As `extension0`.
    public var extension2: UInt32

    @inlinable @inline(__always)
    init(account: UInt32, clientOrderId: UInt64) {
        owner = account
        clientChain = 0
        clientName = clientOrderId
        extension0 = 0
        extension1 = 0
        extension2 = 0
    }

    /// The account that owns the order.
    @inlinable @inline(__always)
    public var account: UInt32 { owner }

    /// The client's own name for the order, or `Books.noClientOrderId`.
    @inlinable @inline(__always)
    public var clientOrderId: UInt64 { clientName }
}
