/// The orders of one account and of one instrument, ascending by order id, and client order ids.
///
/// Bulk operations (mass cancel, kill switch) run in ascending order id, whatever the levels' order: these lists
/// give that without sorting. They are kept only in books whose capacity has accounts.
extension Books {
    // MARK: Lists

    /// The account's resting order with the lowest id, or none.
    @inlinable @inline(__always)
    public func firstOrder(ofAccount account: UInt32) -> OrderSlot {
        OrderSlot(index: accountList(account).pointee.head)
    }

    /// The order of the same account with the next higher id, or none. To remove while walking, ask before.
    @inlinable @inline(__always)
    public func nextOrderOfAccount(_ slot: OrderSlot) -> OrderSlot {
        assert(node(slot).pointee.id != 0)
        return OrderSlot(index: accountLinks[2 &* Int(slot.index)].next)
    }

    /// The account's resting orders.
    @inlinable @inline(__always)
    public func orderCount(ofAccount account: UInt32) -> Int {
        Int(accountList(account).pointee.count)
    }

    /// The instrument's resting order with the lowest id, or none.
    @inlinable @inline(__always)
    public func firstOrder(ofInstrument instrument: UInt32) -> OrderSlot {
        OrderSlot(index: instrumentList(instrument).pointee.head)
    }

    /// The order of the same instrument with the next higher id, or none. To remove while walking, ask before.
    @inlinable @inline(__always)
    public func nextOrderOfInstrument(_ slot: OrderSlot) -> OrderSlot {
        assert(node(slot).pointee.id != 0)
        return OrderSlot(index: instrumentLinks[2 &* Int(slot.index)].next)
    }

    /// The instrument's resting orders.
    @inlinable @inline(__always)
    public func orderCount(ofInstrument instrument: UInt32) -> Int {
        Int(instrumentList(instrument).pointee.count)
    }

    @inlinable @inline(__always)
    func accountList(_ account: UInt32) -> UnsafeMutablePointer<OrderList> {
        precondition(account < UInt32(truncatingIfNeeded: capacity.accounts), "an unknown account")
        return accountLists.unsafelyUnwrapped + Int(account)
    }

    @inlinable @inline(__always)
    func instrumentList(_ instrument: UInt32) -> UnsafeMutablePointer<OrderList> {
        precondition(
            capacity.accounts > 0 && instrument < UInt32(truncatingIfNeeded: capacity.instruments),
            "an unknown instrument, or books without owners")
        return instrumentLists.unsafelyUnwrapped + Int(instrument)
    }

    @inlinable @inline(__always)
    func appendToOwners(_ index: UInt32, account: UInt32, instrument: UInt32) {
        append(index, accountList(account), accountLinks)
        append(index, instrumentList(instrument), instrumentLinks)
    }

    @inlinable @inline(__always)
    func removeFromOwners(_ index: UInt32, account: UInt32, instrument: UInt32) {
        remove(index, accountList(account), accountLinks)
        remove(index, instrumentList(instrument), instrumentLinks)
    }

    /// The links of slot s in the lists of accounts are at 2 s.
    @inlinable @inline(__always)
    var accountLinks: UnsafeMutablePointer<OrderLinks> { links.unsafelyUnwrapped }

    /// The links of slot s in the lists of instruments are at 2 s.
    @inlinable @inline(__always)
    var instrumentLinks: UnsafeMutablePointer<OrderLinks> { links.unsafelyUnwrapped + 1 }

    @inlinable @inline(__always)
    func append(
        _ index: UInt32, _ list: UnsafeMutablePointer<OrderList>, _ links: UnsafeMutablePointer<OrderLinks>
    ) {
        let tail = list.pointee.tail
        assert(tail == 0 || nodes[Int(tail)].id < nodes[Int(index)].id, "ids ascend")
        links[2 &* Int(index)] = OrderLinks(next: 0, previous: tail)
        list.pointee.tail = index
        let front = tail == 0 ? LinkField.head(list) : LinkField.next(links + 2 &* Int(tail))
        front.pointee = index
        list.pointee.count &+= 1
    }

    @inlinable @inline(__always)
    func remove(
        _ index: UInt32, _ list: UnsafeMutablePointer<OrderList>, _ links: UnsafeMutablePointer<OrderLinks>
    ) {
        let next = links[2 &* Int(index)].next
        let previous = links[2 &* Int(index)].previous
        assert(list.pointee.count > 0)
        let front = previous == 0 ? LinkField.head(list) : LinkField.next(links + 2 &* Int(previous))
        let back = next == 0 ? LinkField.tail(list) : LinkField.previous(links + 2 &* Int(next))
        front.pointee = next
        back.pointee = previous
        list.pointee.count &-= 1
    }

    // MARK: Client order ids

    /// The account's resting order that the client calls so, or none; none for `noClientOrderId`.
    @inlinable @inline(__always)
    public func slot(ofAccount account: UInt32, clientOrderId: UInt64) -> OrderSlot {
        let details = details.unsafelyUnwrapped
        guard clientOrderId != Self.noClientOrderId else { return .none }
        var index = clientBucket(account, clientOrderId).pointee
        while index != 0 {
            let detail = details + Int(index)
            if detail.pointee.clientName == clientOrderId && detail.pointee.owner == account { break }
            index = detail.pointee.clientChain
        }
        return OrderSlot(index: index)
    }

    /// The bucket of a client order id, spread by the secret key.
    ///
    /// Clients count their orders, so sixteen neighbouring ids of an account share a cache line of sixteen buckets;
    /// which line, and in which order within it, depends on the key, the account and the rest of the id. A folded
    /// multiplication mixes 128 bits into 64; the second one keeps a structure in the ids that happens to survive the
    /// first from reaching the bucket.
    @inlinable @inline(__always)
    func clientBucket(_ account: UInt32, _ clientOrderId: UInt64) -> UnsafeMutablePointer<UInt32> {
        // Constants, so that small numbers stay no small factors under a key of zeros.
        let name = (clientOrderId &>> 4) ^ clientKey.0 ^ 0xD1B5_4A32_D192_ED03
        let first = name.multipliedFullWidth(by: UInt64(account) ^ clientKey.1 ^ 0x8CB9_2BA7_2F3D_8DD7)
        let folded = first.high ^ first.low
        let second = (folded ^ clientKey.1).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
        let hash = second.high ^ second.low
        return clientBuckets.unsafelyUnwrapped + Int(truncatingIfNeeded: (hash ^ (clientOrderId & 15)) & clientMask)
    }

    /// Gives a resting order another client order id. No resting order of the account has it.
    public mutating func rename(_ slot: OrderSlot, clientOrderId: UInt64) {
        let detail = detail(slot)
        if detail.pointee.clientOrderId != Self.noClientOrderId {
            removeClientOrder(slot.index, detail.pointee.account, detail.pointee.clientOrderId)
        }
        detail.pointee.clientName = clientOrderId
        if clientOrderId != Self.noClientOrderId {
            addClientOrder(slot.index, detail.pointee.account, clientOrderId)
        }
    }

    @inlinable @inline(__always)
    func addClientOrder(_ index: UInt32, _ account: UInt32, _ clientOrderId: UInt64) {
        assert(slot(ofAccount: account, clientOrderId: clientOrderId).isNone, "one open order has the name")
        let bucket = clientBucket(account, clientOrderId)
        details.unsafelyUnwrapped[Int(index)].clientChain = bucket.pointee
        bucket.pointee = index
    }

    @inlinable @inline(__always)
    func removeClientOrder(_ index: UInt32, _ account: UInt32, _ clientOrderId: UInt64) {
        let details = details.unsafelyUnwrapped
        let bucket = clientBucket(account, clientOrderId)
        let rest = details[Int(index)].clientChain
        if bucket.pointee == index {
            bucket.pointee = rest
            return
        }
        var at = bucket.pointee
        while details[Int(at)].clientChain != index {
            precondition(at != 0, "a named order is in the table of names")
            at = details[Int(at)].clientChain
        }
        details[Int(at)].clientChain = rest
    }
}
