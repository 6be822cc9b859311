import Wire

/// The books: sorted arrays of prices, each with its orders in the order in which they came.
extension Reference {
    /// The order that stands first at the best price of a side (TRD-1).
    func first(_ instrument: UInt32, _ side: Side) -> UInt64? {
        let listing = listings[Int(instrument)]
        return side == .buy ? listing.bids.last?.orders.first : listing.asks.first?.orders.first
    }

    /// Whether a price crosses an opposite one.
    func crosses(_ side: Side, _ price: UInt32, _ opposite: UInt32) -> Bool {
        side == .buy ? opposite <= price : opposite >= price
    }

    /// Where a price is, or belongs, among levels that ascend.
    private func position(_ price: UInt32, in levels: [Level]) -> Int {
        var low = 0
        var high = levels.count
        while low < high {
            let middle = (low + high) / 2
            if levels[middle].price < price { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Puts an order behind all others of its price.
    mutating func insert(_ order: Order) {
        change(order) { levels, position in
            if position < levels.count && levels[position].price == order.price {
                levels[position].orders.append(order.id)
            } else {
                levels.insert(Level(price: order.price, orders: [order.id]), at: position)
            }
        }
        orders[order.id] = order
        names[Name(account: order.account, clientOrderId: order.clientOrderId)] = order.id
        accounts[order.account]!.openOrders.append(order.id)
    }

    /// Takes an order out.
    mutating func remove(_ id: UInt64) {
        let order = orders.removeValue(forKey: id)!
        change(order) { levels, position in
            levels[position].orders.remove(at: levels[position].orders.firstIndex(of: id)!)
            if levels[position].orders.isEmpty { levels.remove(at: position) }
        }
        names[Name(account: order.account, clientOrderId: order.clientOrderId)] = nil
        let place = Self.position(of: id, in: accounts[order.account]!.openOrders)
        accounts[order.account]!.openOrders.remove(at: place)
    }

    /// Where an id is among ids that ascend.
    private static func position(of id: UInt64, in ids: [UInt64]) -> Int {
        var low = 0
        var high = ids.count
        while low < high {
            let middle = (low + high) / 2
            if ids[middle] < id { low = middle + 1 } else { high = middle }
        }
        precondition(ids[low] == id, "an open order is among its account's")
        return low
    }

    private mutating func change(_ order: Order, _ body: (inout [Level], Int) -> Void) {
        let index = Int(order.instrument)
        if order.side == .buy {
            let position = position(order.price, in: listings[index].bids)
            body(&listings[index].bids, position)
        } else {
            let position = position(order.price, in: listings[index].asks)
            body(&listings[index].asks, position)
        }
    }

    /// Levels that a price crosses.
    func crossed(_ instrument: UInt32, _ side: Side, _ price: UInt32) -> [Level] {
        let listing = listings[Int(instrument)]
        return (side == .buy ? listing.asks : listing.bids).filter { crosses(side, price, $0.price) }
    }
}
