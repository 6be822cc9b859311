import Ledger
import Wire

/// Brings near what commands will touch, before their turn: hints that change nothing.
extension Venue {
    /// Brings near what a command will touch: its key, its balances, its level, the order that it names. The
    /// message has the structure of its template and may hold any values.
    public mutating func prefetch(_ message: UnsafeRawPointer, count: Int) {
        let header = CommandHeader(message)
        ledger.prefetch(account: header.account, slot: header.keySlot)
        switch header.templateId {
        case Template.newOrder:
            let order = NewOrderMessage(message)
            prefetchOrder(
                header.account, order.instrument, order.side, order.priceTicks, order.clientOrderId)
        case Template.cancelOrder:
            let cancel = CancelOrderMessage(message)
            prefetchNamed(header.account, cancel.orderId, cancel.clientOrderId)
        case Template.replaceOrder:
            let replace = ReplaceOrderMessage(message)
            prefetchNamed(header.account, replace.orderId, replace.clientOrderId)
        default: break
        }
    }

    private func prefetchOrder(
        _ account: UInt32, _ instrument: UInt32, _ side: Side?, _ priceTicks: UInt32, _ clientOrderId: UInt64
    ) {
        guard let side, instrument < instrumentCount else { return }
        let listed = instruments + Int(instrument)
        ledger.prefetchBalance(account: account, asset: listed.pointee.heldAsset(side))
        books.prefetchLevel(instrument: instrument, side: side.bookSide, priceTicks: priceTicks)
        books.prefetchBucket(ofAccount: account, clientOrderId: clientOrderId)
    }

    private func prefetchNamed(_ account: UInt32, _ orderId: UInt64, _ clientOrderId: UInt64) {
        if orderId != Null.u64 {
            books.prefetchBucket(ofOrder: orderId)
        } else {
            books.prefetchBucket(ofAccount: account, clientOrderId: clientOrderId)
        }
    }
}
