import Wire

/// An order as the feed shows it.
@frozen public struct FeedOrder: Equatable, Sendable {
    public var reference: UInt64
    /// Four implied decimals.
    public var price: UInt32
    public var shares: UInt32
    public var locate: UInt16
    public var side: Side
}

/// Why a message does not fit the book: the feed, or its receiver, is wrong.
public enum FeedBookError: Error, Equatable, Sendable {
    /// The type is unknown, or the length is not that of the type.
    case malformed
    /// An order that the book does not have.
    case unknownReference(UInt64)
    /// An order that the book has already.
    case duplicateReference(UInt64)
    /// More shares than the order has.
    case tooManyShares(UInt64)
    /// No further order fits.
    case full
}

/// All displayed orders, from the feed alone, in the order in which they took their places: within a price that is
/// priority. Fixed capacity, allocated by `init`.
public struct FeedBook: ~Copyable, @unchecked Sendable {
    private struct Node {
        var order: FeedOrder
        var next: UInt32
        var previous: UInt32
    }

    /// Orders that it holds at most.
    public let capacity: Int
    /// Orders that it holds.
    public private(set) var count = 0
    /// Node 0 is the ring's anchor: its next is the oldest order.
    private let nodes: UnsafeMutablePointer<Node>
    private let table: UnsafeMutablePointer<UInt32>
    private let mask: Int
    private var free: UInt32 = 0
    private var fresh: UInt32 = 1

    public init(capacity: Int) {
        precondition(capacity > 0 && capacity < 1 << 30, "a capacity that fits 30 bits")
        self.capacity = capacity
        nodes = .allocate(capacity: capacity + 1)
        let none = FeedOrder(reference: 0, price: 0, shares: 0, locate: 0, side: .buy)
        nodes.initialize(repeating: Node(order: none, next: 0, previous: 0), count: capacity + 1)
        var buckets = 4
        while buckets < 2 * capacity { buckets *= 2 }
        table = .allocate(capacity: buckets)
        table.initialize(repeating: 0, count: buckets)
        mask = buckets - 1
    }

    deinit {
        nodes.deallocate()
        table.deallocate()
    }

    /// Bytes of memory.
    public var byteCount: Int { (capacity + 1) * MemoryLayout<Node>.stride + (mask + 1) * 4 }

    /// Forgets everything.
    public mutating func clear() {
        nodes[0].next = 0
        nodes[0].previous = 0
        table.update(repeating: 0, count: mask + 1)
        (free, fresh, count) = (0, 1, 0)
    }

    /// An order of the book.
    public func order(_ reference: UInt64) -> FeedOrder? {
        let node = table[bucket(reference)]
        return node == 0 ? nil : nodes[Int(node)].order
    }

    /// Visits all orders, the one that has stood in its place longest first.
    public func forEachOrder(_ body: (FeedOrder) -> Void) {
        var node = nodes[0].next
        while node != 0 {
            body(nodes[Int(node)].order)
            node = nodes[Int(node)].next
        }
    }

    /// Applies a message of the feed; those that are not about displayed orders change nothing. When it throws, nothing
    /// has changed.
    public mutating func apply(_ message: UnsafeRawBufferPointer) throws(FeedBookError) {
        guard let base = message.baseAddress, message.count >= ITCH.headBytes,
            ITCH.size(ofType: ITCH.type(base)) == message.count
        else { throw .malformed }
        switch ITCH.type(base) {
        case AddOrderMessage.type:
            let add = AddOrderMessage(base)
            guard let side = add.side else { throw .malformed }
            try insert(
                FeedOrder(
                    reference: add.reference, price: add.price, shares: add.shares, locate: add.locate, side: side))
        case OrderExecutedITCH.type:
            let executed = OrderExecutedITCH(base)
            try reduce(executed.reference, by: executed.shares)
        case OrderExecutedWithPriceMessage.type:
            let executed = OrderExecutedWithPriceMessage(base)
            try reduce(executed.reference, by: executed.shares)
        case OrderCancelITCH.type:
            let cancel = OrderCancelITCH(base)
            try reduce(cancel.reference, by: cancel.shares)
        case OrderDeleteMessage.type: try remove(OrderDeleteMessage(base).reference)
        case OrderReplaceITCH.type: try replace(OrderReplaceITCH(base))
        default: break
        }
    }

    private mutating func replace(_ message: OrderReplaceITCH) throws(FeedBookError) {
        guard var order = order(message.originalReference) else {
            throw .unknownReference(message.originalReference)
        }
        guard message.reference == message.originalReference || self.order(message.reference) == nil else {
            throw .duplicateReference(message.reference)
        }
        try remove(message.originalReference)
        order.reference = message.reference
        order.shares = message.shares
        order.price = message.price
        try insert(order)
    }

    private mutating func insert(_ order: FeedOrder) throws(FeedBookError) {
        let place = bucket(order.reference)
        guard table[place] == 0 else { throw .duplicateReference(order.reference) }
        guard count < capacity else { throw .full }
        var index = free
        if index != 0 {
            free = nodes[Int(index)].next
        } else {
            index = fresh
            fresh += 1
        }
        let last = nodes[0].previous
        nodes[Int(index)] = Node(order: order, next: 0, previous: last)
        nodes[Int(last)].next = index
        nodes[0].previous = index
        table[place] = index
        count += 1
    }

    private mutating func reduce(_ reference: UInt64, by shares: UInt32) throws(FeedBookError) {
        let index = table[bucket(reference)]
        guard index != 0 else { throw .unknownReference(reference) }
        let open = nodes[Int(index)].order.shares
        guard shares <= open else { throw .tooManyShares(reference) }
        if shares == open { return try remove(reference) }
        nodes[Int(index)].order.shares = open - shares
    }

    private mutating func remove(_ reference: UInt64) throws(FeedBookError) {
        let place = bucket(reference)
        let index = table[place]
        guard index != 0 else { throw .unknownReference(reference) }
        let node = nodes[Int(index)]
        nodes[Int(node.previous)].next = node.next
        nodes[Int(node.next)].previous = node.previous
        nodes[Int(index)].next = free
        free = index
        count -= 1
        closeGap(place)
    }

    /// Where a reference stands, or the empty place where it belongs.
    private func bucket(_ reference: UInt64) -> Int {
        var place = home(reference)
        while table[place] != 0 && nodes[Int(table[place])].order.reference != reference {
            place = (place + 1) & mask
        }
        return place
    }

    private func home(_ reference: UInt64) -> Int {
        Int(truncatingIfNeeded: (reference &* 0x9E37_79B9_7F4A_7C15) &>> 20) & mask
    }

    /// Moves what stands behind an emptied place forward, so that every search still finds it.
    private func closeGap(_ emptied: Int) {
        var gap = emptied
        var place = emptied
        table[gap] = 0
        while true {
            place = (place + 1) & mask
            let node = table[place]
            if node == 0 { return }
            let distance = (place - home(nodes[Int(node)].order.reference)) & mask
            if distance >= (place - gap) & mask {
                table[gap] = node
                table[place] = 0
                gap = place
            }
        }
    }
}
