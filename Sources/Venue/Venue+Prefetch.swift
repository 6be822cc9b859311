import Book
import Ledger
import Wire

/// Which lines a hint brings near. What the second and the third step ask for stands in the lines of the one before, so
/// whoever knows commands early enough gives a command its steps some commands apart.
@frozen public enum PrefetchStep: UInt8, Sendable {
    /// Key, account, balance, level, and the tables that find orders.
    case first
    /// The order that the command names.
    case second
    /// That order's neighbours, and the balance that it holds.
    case third
}

/// Brings near what commands will touch, before their turn: hints that change nothing.
extension Venue {
    /// Brings near what a command will touch: its key, its balances, its level, the order that it names. The
    /// message has the structure of its template and may hold any values.
    ///
    /// A batch is not looked into.
    public mutating func prefetch(_ message: UnsafeRawPointer, count: Int, step: PrefetchStep) {
        let header = CommandHeader(message)
        if step == .first { ledger.prefetch(account: header.account, slot: header.keySlot) }
        switch header.templateId {
        case Template.newOrder:
            if step == .first { prefetch(NewOrderMessage(message)) }
        case Template.cancelOrder:
            let cancel = CancelOrderMessage(message)
            prefetchNamed(header.account, cancel.orderId, cancel.clientOrderId, step)
        case Template.replaceOrder:
            let replace = ReplaceOrderMessage(message)
            prefetchNamed(header.account, replace.orderId, replace.clientOrderId, step)
        default: break
        }
    }

    private mutating func prefetch(_ order: NewOrderMessage) {
        guard let side = order.side, order.instrument < instrumentCount else { return }
        let listed = instruments + Int(order.instrument)
        ledger.prefetchBalance(account: order.account, asset: listed.pointee.heldAsset(side))
        books.prefetchLevel(instrument: order.instrument, side: side.bookSide, priceTicks: order.priceTicks)
        books.prefetchBucket(ofAccount: order.account, clientOrderId: order.clientOrderId)
    }

    private mutating func prefetchNamed(
        _ account: UInt32, _ orderId: UInt64, _ clientOrderId: UInt64, _ step: PrefetchStep
    ) {
        guard orderId != Null.u64 else {
            if step == .first { books.prefetchBucket(ofAccount: account, clientOrderId: clientOrderId) }
            return
        }
        switch step {
        case .first: books.prefetchBucket(ofOrder: orderId)
        case .second: books.prefetchOrder(orderId)
        case .third:
            // Id 0 stands in free nodes.
            guard orderId != 0 else { return }
            let slot = books.slot(ofOrder: orderId)
            guard !slot.isNone else { return }
            books.prefetchNeighbours(ofOrder: orderId)
            let node = books.node(slot)
            let asset = (instruments + Int(node.pointee.instrument)).pointee.heldAsset(node.pointee.side.side)
            ledger.prefetchBalance(account: account, asset: asset)
        }
    }
}
