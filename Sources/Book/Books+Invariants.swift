/// A deep check of everything that the steps keep true, for tests: it walks all memory of the books.
extension Books {
    /// Throws the first thing that is not as it must be.
    public func checkInvariants() throws(BookFault) {
        var found = 0
        for instrument in 0..<UInt32(capacity.instruments) where isListed(instrument) {
            for side in [BookSide.bid, .ask] {
                try checkBitmap(instrument, side)
                found += try checkLevels(instrument, side)
            }
        }
        guard found == restingCount else { throw .slots }
        try checkIdTable()
        try checkFreeSlots()
        guard capacity.accounts > 0 else { return }
        try checkOwners()
        try checkClientTable()
    }

    /// Walks every level of a ladder and returns how many orders it has.
    private func checkLevels(_ instrument: UInt32, _ side: BookSide) throws(BookFault) -> Int {
        let ladder = ladder(instrument, side).pointee
        var found = 0
        var best = LadderHandle.noKey
        for levelIndex in 0..<ladder.levelCount {
            let key = ladder.baseKey + levelIndex
            let priceTicks = key ^ side.keyMask
            let fault = BookFault.level(instrument: instrument, side: side, priceTicks: priceTicks)
            let level = ladder.levels[Int(levelIndex)]
            var volume: UInt64 = 0
            var previous: UInt32 = 0
            var at = level.head
            while at != 0 {
                let node = nodes[Int(at)]
                guard node.previous == previous, node.price == priceTicks, node.side == side,
                    node.instrument == instrument, node.quantity > 0, node.id != 0
                else { throw fault }
                volume += UInt64(node.quantity)
                found += 1
                guard found <= restingCount else { throw fault }
                previous = at
                at = node.next
            }
            guard level.tail == previous, level.volumeLots == volume else { throw fault }
            let isMarked = ladder.tier0[Int(levelIndex / 64)] >> UInt64(levelIndex % 64) & 1 == 1
            guard isMarked == (level.head != 0) else { throw .bitmap(instrument: instrument, side: side) }
            if level.head != 0, best == LadderHandle.noKey { best = key }
        }
        guard ladder.bestKey == best, Int(ladder.orderCount) == found else {
            throw .ladder(instrument: instrument, side: side)
        }
        return found
    }

    /// Compares each tier with the one below it.
    private func checkBitmap(_ instrument: UInt32, _ side: BookSide) throws(BookFault) {
        let ladder = ladder(instrument, side).pointee
        let tiers = [ladder.tier0, ladder.tier1, ladder.tier2, ladder.tier3]
        var wordCount = (Int(ladder.levelCount) + 63) / 64
        for (lower, upper) in zip(tiers, tiers.dropFirst()) {
            for word in 0..<wordCount {
                let isMarked = upper[word / 64] >> UInt64(word % 64) & 1 == 1
                guard isMarked == (lower[word] != 0) else { throw .bitmap(instrument: instrument, side: side) }
            }
            wordCount = (wordCount + 63) / 64
        }
    }

    /// Every order that a bucket leads to rests and belongs there, and there are as many as orders.
    private func checkIdTable() throws(BookFault) {
        var found = 0
        for bucket in 0...Int(idMask) {
            var at = idBuckets[bucket]
            while at != 0 {
                let node = nodes[Int(at)]
                guard node.id != 0, Int(node.id & idMask) == bucket, slot(ofOrder: node.id).index == at
                else { throw .idTable(orderId: node.id) }
                found += 1
                guard found <= restingCount else { throw .idTable(orderId: node.id) }
                at = node.idChain
            }
        }
        guard found == restingCount else { throw .idTable(orderId: 0) }
    }

    /// The free slots are the used ones that no order has.
    private func checkFreeSlots() throws(BookFault) {
        var free = 0
        var at = freeSlot
        while at != 0 {
            guard at < freshSlot, nodes[Int(at)].id == 0, free < Int(freshSlot) else { throw .slots }
            free += 1
            at = nodes[Int(at)].next
        }
        guard free + restingCount == Int(freshSlot) - 1 else { throw .slots }
    }

    private func checkOwners() throws(BookFault) {
        let details = details.unsafelyUnwrapped
        var found = 0
        for account in 0..<UInt32(capacity.accounts) {
            let list = accountList(account).pointee
            guard isAscending(list, accountLinks, where: { details[$0].owner == account })
            else { throw .accountList(account: account) }
            found += Int(list.count)
        }
        guard found == restingCount else { throw .accountList(account: 0) }
        found = 0
        for instrument in 0..<UInt32(capacity.instruments) {
            let list = instrumentList(instrument).pointee
            guard isAscending(list, instrumentLinks, where: { nodes[$0].instrument == instrument })
            else { throw .instrumentList(instrument: instrument) }
            found += Int(list.count)
        }
        guard found == restingCount else { throw .instrumentList(instrument: 0) }
    }

    /// Whether a list's links agree, its ids ascend, its length is its count and its members belong to it.
    private func isAscending(
        _ list: OrderList, _ links: UnsafeMutablePointer<OrderLinks>, where belongs: (Int) -> Bool
    ) -> Bool {
        var count = 0
        var lastId: UInt64 = 0
        var previous: UInt32 = 0
        var at = list.head
        while at != 0 {
            let id = nodes[Int(at)].id
            guard id > lastId, links[2 * Int(at)].previous == previous, belongs(Int(at)) else { return false }
            count += 1
            lastId = id
            previous = at
            at = links[2 * Int(at)].next
        }
        return list.tail == previous && Int(list.count) == count
    }

    /// Every order that a bucket leads to is named and belongs there, and there are as many as named orders.
    private func checkClientTable() throws(BookFault) {
        let details = details.unsafelyUnwrapped
        let buckets = clientBuckets.unsafelyUnwrapped
        var found = 0
        for bucket in 0...Int(clientMask) {
            var at = buckets[bucket]
            while at != 0 {
                let detail = details[Int(at)]
                let id = nodes[Int(at)].id
                guard id != 0, clientBucket(detail.owner, detail.clientName) == buckets + bucket,
                    slot(ofAccount: detail.owner, clientOrderId: detail.clientName).index == at
                else { throw .clientTable(orderId: id) }
                found += 1
                guard found <= restingCount else { throw .clientTable(orderId: id) }
                at = detail.clientChain
            }
        }
        var named = 0
        for account in 0..<UInt32(capacity.accounts) {
            var slot = firstOrder(ofAccount: account)
            while !slot.isNone {
                if details[Int(slot.index)].clientName != Self.noClientOrderId { named += 1 }
                slot = nextOrderOfAccount(slot)
            }
        }
        guard found == named else { throw .clientTable(orderId: 0) }
    }
}
