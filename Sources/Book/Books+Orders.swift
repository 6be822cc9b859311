/// Orders: finding, adding, reducing, moving and removing one.
extension Books {
    // MARK: Finding

    /// The slot of a resting order, or none.
    @inlinable @inline(__always)
    public func slot(ofOrder orderId: UInt64) -> OrderSlot {
        var index = idBuckets[Int(truncatingIfNeeded: orderId & idMask)]
        while index != 0 && nodes[Int(index)].id != orderId {
            index = nodes[Int(index)].idChain
        }
        return OrderSlot(index: index)
    }

    /// The order in a slot. Valid until the order is removed.
    @inlinable @inline(__always)
    public func node(_ slot: OrderSlot) -> UnsafeMutablePointer<OrderNode> {
        assert(!slot.isNone && slot.index < freshSlot && nodes[Int(slot.index)].id != 0)
        return nodes + Int(slot.index)
    }

    /// The owner's part of the order in a slot. Valid until the order is removed.
    @inlinable @inline(__always)
    public func detail(_ slot: OrderSlot) -> UnsafeMutablePointer<OrderDetail> {
        assert(!slot.isNone && slot.index < freshSlot && nodes[Int(slot.index)].id != 0)
        return details.unsafelyUnwrapped + Int(slot.index)
    }

    // MARK: Adding

    /// Where an order of a side and price rests, or nil when the instrument is not listed or the price is outside its
    /// range: such an order cannot rest, and is refused at the owner's door.
    @inlinable @inline(__always)
    public func place(instrument: UInt32, side: BookSide, priceTicks: UInt32) -> BookPlace? {
        guard instrument < UInt32(truncatingIfNeeded: capacity.instruments) else { return nil }
        let ladderNumber = instrument &* 2 &+ UInt32(side.rawValue)
        let ladder = ladders + Int(ladderNumber)
        let levelIndex = (priceTicks ^ side.keyMask) &- ladder.pointee.baseKey
        guard levelIndex < ladder.pointee.levelCount else { return nil }
        return BookPlace(ladder: ladder, ladderNumber: ladderNumber, levelIndex: levelIndex, priceTicks: priceTicks)
    }

    /// Rests an order behind all others of its price, in books whose orders nobody owns.
    ///
    /// The books are not full, the quantity is not 0, and no resting order has the id.
    @inlinable @inline(__always)
    public mutating func insert(
        orderId: UInt64, at place: BookPlace, quantityLots: UInt32, flags: UInt8 = 0
    ) -> OrderSlot {
        assert(details == nil, "an owned order needs its account")
        return OrderSlot(index: rest(orderId, place, quantityLots, flags))
    }

    /// Rests an order behind all others of its price, and at the end of its account's and instrument's lists.
    ///
    /// As `insert` without an account; moreover the id is greater than that of every resting order, since those
    /// lists are ascending, and no resting order of the account has the client order id, unless that is
    /// `noClientOrderId`.
    @inlinable @inline(__always)
    public mutating func insert(
        orderId: UInt64, at place: BookPlace, quantityLots: UInt32, account: UInt32, clientOrderId: UInt64,
        flags: UInt8 = 0
    ) -> OrderSlot {
        precondition(account < UInt32(truncatingIfNeeded: capacity.accounts), "an unknown account")
        let index = rest(orderId, place, quantityLots, flags)
        details.unsafelyUnwrapped[Int(index)] = OrderDetail(account: account, clientOrderId: clientOrderId)
        appendToOwners(index, account: account, instrument: place.instrument)
        if clientOrderId != Self.noClientOrderId { addClientOrder(index, account, clientOrderId) }
        return OrderSlot(index: index)
    }

    /// As `insert(orderId:at:quantityLots:flags:)`; the price is in the range of the instrument, which is listed.
    @inlinable @inline(__always)
    public mutating func insert(
        orderId: UInt64, instrument: UInt32, side: BookSide, priceTicks: UInt32, quantityLots: UInt32,
        flags: UInt8 = 0
    ) -> OrderSlot {
        guard let place = place(instrument: instrument, side: side, priceTicks: priceTicks) else {
            preconditionFailure("a price outside the instrument's range")
        }
        return insert(orderId: orderId, at: place, quantityLots: quantityLots, flags: flags)
    }

    /// As `insert(orderId:at:quantityLots:account:clientOrderId:flags:)`; the price is in the range of the
    /// instrument, which is listed.
    @inlinable @inline(__always)
    public mutating func insert(
        orderId: UInt64, instrument: UInt32, side: BookSide, priceTicks: UInt32, quantityLots: UInt32,
        account: UInt32, clientOrderId: UInt64, flags: UInt8 = 0
    ) -> OrderSlot {
        guard let place = place(instrument: instrument, side: side, priceTicks: priceTicks) else {
            preconditionFailure("a price outside the instrument's range")
        }
        return insert(
            orderId: orderId, at: place, quantityLots: quantityLots, account: account, clientOrderId: clientOrderId,
            flags: flags)
    }

    @inlinable @inline(__always)
    mutating func rest(_ orderId: UInt64, _ place: BookPlace, _ quantityLots: UInt32, _ flags: UInt8) -> UInt32 {
        assert(orderId != 0 && quantityLots != 0)
        assert(slot(ofOrder: orderId).isNone, "an order id is used once")
        let index = takeSlot()
        let bucket = idBuckets + Int(truncatingIfNeeded: orderId & idMask)
        let tail = place.level.pointee.tail
        nodes[Int(index)] = OrderNode(
            id: orderId, quantity: quantityLots, price: place.priceTicks, previous: tail, idChain: bucket.pointee,
            ladderNumber: place.ladderNumber, flags: flags)
        bucket.pointee = index
        link(index, quantityLots, place, behind: tail)
        return index
    }

    @inlinable @inline(__always)
    mutating func takeSlot() -> UInt32 {
        precondition(!isFull, "books have room for the order that is to rest")
        restingCount &+= 1
        let index = freeSlot
        if index != 0 {
            freeSlot = nodes[Int(index)].next
            return index
        }
        let fresh = freshSlot
        freshSlot = fresh &+ 1
        return fresh
    }

    /// Puts an order, whose node says so already, behind the tail of its level.
    @inlinable @inline(__always)
    func link(_ index: UInt32, _ quantityLots: UInt32, _ place: BookPlace, behind tail: UInt32) {
        let level = place.level
        level.pointee.tail = index
        level.pointee.volumeLots &+= UInt64(quantityLots)
        let front = tail == 0 ? LinkField.head(level) : LinkField.next(nodes + Int(tail))
        front.pointee = index
        place.ladder.pointee.orderCount &+= 1
        place.ladder.pointee.mark(place.levelIndex)
        place.ladder.pointee.bestKey = min(place.ladder.pointee.bestKey, place.key)
    }

    // MARK: Changing

    /// Takes lots off a resting order, fewer than it has; it keeps its priority.
    @inlinable @inline(__always)
    public mutating func reduce(_ slot: OrderSlot, by lots: UInt32) {
        let node = node(slot)
        precondition(lots < node.pointee.quantity, "what takes all of an order removes it")
        node.pointee.quantity &-= lots
        let level = level(of: node)
        assert(level.pointee.volumeLots > UInt64(lots))
        level.pointee.volumeLots &-= UInt64(lots)
    }

    // MARK: Removing

    /// Ends a resting order. The slot, the node and the detail are void afterwards: copy before what is needed.
    @inlinable @inline(__always)
    public mutating func remove(_ slot: OrderSlot) {
        let node = node(slot)
        if let details {
            let detail = details + Int(slot.index)
            removeFromOwners(slot.index, account: detail.pointee.account, instrument: node.pointee.instrument)
            if detail.pointee.clientOrderId != Self.noClientOrderId {
                removeClientOrder(slot.index, detail.pointee.account, detail.pointee.clientOrderId)
            }
        }
        unlink(node)
        removeFromBucket(slot.index, node)
        node.pointee.id = 0
        node.pointee.next = freeSlot
        freeSlot = slot.index
        restingCount &-= 1
    }

    /// Takes an order out of the level of its price.
    @inlinable @inline(__always)
    func unlink(_ node: UnsafeMutablePointer<OrderNode>) {
        let ladder = ladders + Int(node.pointee.ladderNumber)
        let levelIndex = (node.pointee.price ^ node.pointee.keyMask) &- ladder.pointee.baseKey
        assert(levelIndex < ladder.pointee.levelCount)
        let level = ladder.pointee.levels + Int(levelIndex)
        let next = node.pointee.next
        let previous = node.pointee.previous
        assert(level.pointee.volumeLots >= UInt64(node.pointee.quantity))
        level.pointee.volumeLots &-= UInt64(node.pointee.quantity)
        ladder.pointee.orderCount &-= 1
        let front = previous == 0 ? LinkField.head(level) : LinkField.next(nodes + Int(previous))
        let back = next == 0 ? LinkField.tail(level) : LinkField.previous(nodes + Int(next))
        front.pointee = next
        back.pointee = previous
        if previous | next == 0 { ladder.pointee.unmark(levelIndex) }
    }

    @inlinable @inline(__always)
    mutating func removeFromBucket(_ index: UInt32, _ node: UnsafeMutablePointer<OrderNode>) {
        let bucket = idBuckets + Int(truncatingIfNeeded: node.pointee.id & idMask)
        if bucket.pointee == index {
            bucket.pointee = node.pointee.idChain
        } else {
            removeFromChain(bucket.pointee, index, node.pointee.idChain)
        }
    }

    /// The rare part of `removeFromBucket`: another order, younger, shares the bucket.
    @inlinable @inline(never)
    mutating func removeFromChain(_ first: UInt32, _ index: UInt32, _ rest: UInt32) {
        var at = first
        while nodes[Int(at)].idChain != index {
            precondition(at != 0, "a resting order is in the id table")
            at = nodes[Int(at)].idChain
        }
        nodes[Int(at)].idChain = rest
    }

    @inlinable @inline(__always)
    func level(of node: UnsafeMutablePointer<OrderNode>) -> UnsafeMutablePointer<PriceLevel> {
        let ladder = ladders + Int(node.pointee.ladderNumber)
        let levelIndex = (node.pointee.price ^ node.pointee.keyMask) &- ladder.pointee.baseKey
        assert(levelIndex < ladder.pointee.levelCount)
        return ladder.pointee.levels + Int(levelIndex)
    }
}
