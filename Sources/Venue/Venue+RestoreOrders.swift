import Book
import Ledger
import Wire

/// Open orders of a state, and whether the money is that of the orders.
extension Venue {
    mutating func restoreOrders(_ state: CanonicalState) throws(StateError) {
        // What each order reserves.
        var holds: [UInt64] = []
        holds.reserveCapacity(state.orderCount)
        for number in 0..<state.orderCount { holds.append(try restore(state.order(at: number))) }
        for instrument in 0..<instrumentCount {
            guard let bid = books.bestPriceTicks(instrument: instrument, side: .bid),
                let ask = books.bestPriceTicks(instrument: instrument, side: .ask)
            else { continue }
            guard bid < ask else { throw Self.refusal("instrument", Int(instrument), "orders that would trade") }
        }
        try checkMoney(state, holds)
    }

    /// Puts an order back, behind all that were put back before it. Returns what it reserves.
    private mutating func restore(_ order: StateOrder) throws(StateError) -> UInt64 {
        func refusal(_ text: String) -> StateError {
            .value(part: "order \(order.id)", offset: 0, text)
        }
        let instrument = instrument(order.instrument)
        let place = books.place(
            instrument: order.instrument, side: order.side.bookSide, priceTicks: order.priceTicks)
        guard let place else { throw refusal("price \(order.priceTicks) is out of range") }
        let max = Limits.feeRateMax
        guard order.makerRate >= -max, order.makerRate <= max,
            instrument.pointee.feeMode == .quote || order.makerRate >= 0,
            Int64(order.carry) < Limits.feeDenominator, order.openLots < UInt32.max
        else { throw refusal("rate \(order.makerRate), carry \(order.carry), quantity \(order.openLots)") }
        guard order.clientOrderId != 0, order.clientOrderId != Books.noClientOrderId,
            books.slot(ofAccount: order.account, clientOrderId: order.clientOrderId).isNone
        else { throw refusal("client order id \(order.clientOrderId)") }
        let hold = instrument.pointee.checkedHold(
            side: order.side, priceTicks: order.priceTicks, quantityLots: order.openLots, carry: order.carry,
            rate: Instrument.restingRate(maker: order.makerRate))
        guard let hold, instrument.pointee.baseAmount(quantityLots: order.openLots) != nil,
            instrument.pointee.notional(priceTicks: order.priceTicks, quantityLots: order.openLots) != nil
        else { throw refusal("an amount above 2^63 - 1") }
        let slot = books.insert(
            orderId: order.id, at: place, quantityLots: order.openLots, account: order.account,
            clientOrderId: order.clientOrderId)
        books.detail(slot).pointee.take(order)
        return hold
    }

    /// Every balance held is what the orders reserve, and all balances add up to deposits minus withdrawals.
    private func checkMoney(_ state: CanonicalState, _ holds: [UInt64]) throws(StateError) {
        var sums = [UInt128](repeating: 0, count: state.assets.count)
        // What the orders of one account reserve, by asset.
        var reserved: [UInt32: UInt128] = [:]
        for number in 0..<state.accountCount {
            let account = state.account(at: number)
            reserved.removeAll(keepingCapacity: true)
            for order in state.orderNumbers(ofAccountAt: number).lazy.map(Int.init) {
                let (resting, hold) = (state.order(at: order), holds[order])
                let asset = instruments[Int(resting.instrument)].heldAsset(resting.side)
                reserved[asset, default: 0] += UInt128(hold)
            }
            var backed = 0
            for balance in account.balances {
                let hold = reserved[balance.asset] ?? 0
                guard UInt128(balance.held) == hold else {
                    throw Self.refusal(
                        "account", Int(account.id),
                        "\(balance.held) of asset \(balance.asset) held, orders need \(hold)")
                }
                if hold > 0 { backed += 1 }
                sums[Int(balance.asset)] += UInt128(balance.available) + UInt128(balance.held)
            }
            guard backed == reserved.count else {
                throw .value(part: "accounts", offset: 0, "orders without what they reserve")
            }
        }
        for (id, asset) in state.assets.enumerated() where sums[id] != UInt128(asset.total) {
            throw Self.refusal("asset", id, "balances of \(sums[id]), expected its total \(asset.total)")
        }
    }
}

extension OrderDetail {
    /// Sets what an order that rests already brings with it.
    fileprivate mutating func take(_ order: StateOrder) {
        extension0 = UInt64(UInt32(bitPattern: order.makerRate)) &<< 32 | UInt64(order.carry)
        extension1 = UInt32(order.selfTradePrevention.rawValue) | (order.isPostOnly ? 0x100 : 0)
    }
}
