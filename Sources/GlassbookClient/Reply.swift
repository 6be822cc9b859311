import Wire

/// Number of a reply: unique and growing within an account, with gaps.
public struct ReplyNumber: Comparable, Hashable, Sendable {
    /// Journal sequence; 0 = nothing was journaled, and the reply is not sent again.
    public var sequence: UInt64
    /// Reply within the record, from 0.
    public var index: UInt32

    /// The number of a reply of a record.
    public init(sequence: UInt64, index: UInt32) {
        self.sequence = sequence
        self.index = index
    }

    /// Whether one comes before another, of the same account.
    public static func < (left: ReplyNumber, right: ReplyNumber) -> Bool {
        (left.sequence, left.index) < (right.sequence, right.index)
    }

    /// The first number after it: where a resume goes on.
    public var next: ReplyNumber { ReplyNumber(sequence: sequence, index: index &+ 1) }
}

/// What a venue answers, or tells of what happened to an account.
public struct Reply: Equatable, Sendable {
    /// Its place among the replies of the account.
    public var number: ReplyNumber
    /// The account that is told.
    public var account: UInt32
    /// Time of the record, ns since 1970 UTC; 0 when nothing was journaled.
    public var time: UInt64
    /// Entry of the batch, from 0; nil outside a batch.
    public var entry: UInt16?
    /// What the reply survives.
    public var durability: Durability
    /// Sent before: by a resume, or to a resend.
    public var isResent: Bool
    /// What is told.
    public var body: Body

    /// What a reply can tell.
    public enum Body: Equatable, Sendable {
        /// A new order is in the venue.
        case orderAccepted(OrderAccepted)
        /// A command, or an entry of a batch, changed nothing.
        case commandRejected(CommandRejected)
        /// An order traded, in full or in part.
        case orderExecuted(OrderExecuted)
        /// An order was cancelled or reduced, by whomever.
        case orderCancelled(OrderCancelled)
        /// An order has another price or quantity.
        case orderReplaced(OrderReplaced)
        /// A command other than an order was applied.
        case commandAccepted(CommandAccepted)
        /// A deposit or a withdrawal.
        case balanceUpdate(BalanceUpdate)
    }
}

/// The order is in the venue.
public struct OrderAccepted: Equatable, Sendable {
    /// The venue's id of the order, from now on.
    public var orderId: UInt64
    /// The owner's id of the order.
    public var clientOrderId: UInt64
    /// Id of the instrument.
    public var instrument: UInt32
    /// Limit price, ticks; of a market order its protection price.
    public var priceTicks: UInt32
    /// Open, before any trade, lots.
    public var quantityLots: UInt32
    /// Whether it buys or sells.
    public var side: Side
    /// Limit or market.
    public var type: OrderType
    /// What happens to what does not trade at once.
    public var timeInForce: TimeInForce
}

/// The command, or one entry of a batch, was refused and changed nothing.
public struct CommandRejected: Equatable, Sendable {
    /// Nil when it names none.
    public var clientOrderId: UInt64?
    /// Nil when it names none.
    public var orderId: UInt64?
    /// Nonce of the command.
    public var nonce: UInt64
    /// Code of Wire.md as it came; `reason` when this client knows it.
    public var reasonCode: UInt16
    /// What was expected, as the reason's documentation says.
    public var expected: UInt64
    /// Template of the command.
    public var template: UInt16

    /// The reason; nil for a code that this client does not know.
    public var reason: Reason? { Reason(rawValue: reasonCode) }
}

/// The order traded.
public struct OrderExecuted: Equatable, Sendable {
    /// The venue's id of the order.
    public var orderId: UInt64
    /// The owner's id of the order.
    public var clientOrderId: UInt64
    /// The same on both sides and in the feed.
    public var matchNumber: UInt64
    /// Price of the trade, ticks.
    public var priceTicks: UInt32
    /// Traded now, lots.
    public var quantityLots: UInt32
    /// Still open, lots.
    public var leavesLots: UInt32
    /// Id of the instrument.
    public var instrument: UInt32
    /// Units of `feeAsset`; negative = rebate.
    public var fee: Int64
    /// Asset that the fee is taken in.
    public var feeAsset: UInt32
    /// Side of this order.
    public var side: Side
    /// Whether it rested (maker) or came (taker).
    public var liquidity: Liquidity
}

/// The order was cancelled, or reduced when quantity is left.
public struct OrderCancelled: Equatable, Sendable {
    /// The venue's id of the order.
    public var orderId: UInt64
    /// The owner's id of the order.
    public var clientOrderId: UInt64
    /// Id of the instrument.
    public var instrument: UInt32
    /// Price of the order, ticks.
    public var priceTicks: UInt32
    /// Taken off, lots.
    public var quantityLots: UInt32
    /// Still open, lots.
    public var leavesLots: UInt32
    /// Code of Wire.md as it came; `reason` when this client knows it.
    public var reasonCode: UInt16
    /// Whether it bought or sold.
    public var side: Side

    /// The reason; nil for a code that this client does not know.
    public var reason: Reason? { Reason(rawValue: reasonCode) }
}

/// The order was replaced.
public struct OrderReplaced: Equatable, Sendable {
    /// The venue's id before.
    public var originalOrderId: UInt64
    /// The same when priority was kept.
    public var orderId: UInt64
    /// The owner's id before.
    public var originalClientOrderId: UInt64
    /// The owner's id from now on.
    public var clientOrderId: UInt64
    /// Id of the instrument.
    public var instrument: UInt32
    /// New price, ticks.
    public var priceTicks: UInt32
    /// Open, before any trade, lots.
    public var quantityLots: UInt32
    /// Whether it buys or sells.
    public var side: Side
    /// Whether it kept its place in its level.
    public var keptPriority: Bool
}

/// A command other than an order was applied.
public struct CommandAccepted: Equatable, Sendable {
    /// Nonce of the command.
    public var nonce: UInt64
    /// Account, asset, instrument or slot that it was about: OrderEntry.md.
    public var subject: UInt32
    /// Template of the command.
    public var template: UInt16
    /// Mass cancel: orders cancelled.
    public var value: UInt64
}

/// A deposit or a withdrawal.
public struct BalanceUpdate: Equatable, Sendable {
    /// Id of the asset.
    public var asset: UInt32
    /// Deposit or withdrawal.
    public var cause: BalanceCause
    /// Change, smallest units; negative = taken out.
    public var amount: Int64
    /// Afterwards, free to be used, smallest units.
    public var available: UInt64
    /// Afterwards, held for open orders, smallest units.
    public var held: UInt64
}
