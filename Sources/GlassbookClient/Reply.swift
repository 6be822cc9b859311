import Wire

/// Number of a reply: unique and growing within an account, with gaps.
public struct ReplyNumber: Comparable, Hashable, Sendable {
    /// Journal sequence; 0 = nothing was journaled, and the reply is not sent again.
    public var sequence: UInt64
    public var index: UInt32

    public init(sequence: UInt64, index: UInt32) {
        self.sequence = sequence
        self.index = index
    }

    public static func < (left: ReplyNumber, right: ReplyNumber) -> Bool {
        (left.sequence, left.index) < (right.sequence, right.index)
    }

    /// The first number after it: where a resume goes on.
    public var next: ReplyNumber { ReplyNumber(sequence: sequence, index: index &+ 1) }
}

/// What a venue answers, or tells of what happened to an account.
public struct Reply: Equatable, Sendable {
    public var number: ReplyNumber
    public var account: UInt32
    /// Time of the record, ns since 1970 UTC; 0 when nothing was journaled.
    public var time: UInt64
    /// Entry of the batch, from 0; nil outside a batch.
    public var entry: UInt16?
    /// What the reply survives.
    public var durability: Durability
    /// Sent before: by a resume, or to a resend.
    public var isResent: Bool
    public var body: Body

    public enum Body: Equatable, Sendable {
        case orderAccepted(OrderAccepted)
        case commandRejected(CommandRejected)
        case orderExecuted(OrderExecuted)
        case orderCancelled(OrderCancelled)
        case orderReplaced(OrderReplaced)
        case commandAccepted(CommandAccepted)
        case balanceUpdate(BalanceUpdate)
    }
}

/// The order is in the venue.
public struct OrderAccepted: Equatable, Sendable {
    public var orderId: UInt64
    public var clientOrderId: UInt64
    public var instrument: UInt32
    /// Of a market order its protection price.
    public var priceTicks: UInt32
    public var quantityLots: UInt32
    public var side: Side
    public var type: OrderType
    public var timeInForce: TimeInForce
}

/// The command, or one entry of a batch, was refused and changed nothing.
public struct CommandRejected: Equatable, Sendable {
    /// Nil when it names none.
    public var clientOrderId: UInt64?
    public var orderId: UInt64?
    public var nonce: UInt64
    /// Code of Wire.md as it came; `reason` when this client knows it.
    public var reasonCode: UInt16
    /// What was expected, as the reason's documentation says.
    public var expected: UInt64
    /// Template of the command.
    public var template: UInt16

    public var reason: Reason? { Reason(rawValue: reasonCode) }
}

/// The order traded.
public struct OrderExecuted: Equatable, Sendable {
    public var orderId: UInt64
    public var clientOrderId: UInt64
    /// The same on both sides and in the feed.
    public var matchNumber: UInt64
    public var priceTicks: UInt32
    public var quantityLots: UInt32
    /// Still open.
    public var leavesLots: UInt32
    public var instrument: UInt32
    /// Units of `feeAsset`; negative = rebate.
    public var fee: Int64
    public var feeAsset: UInt32
    public var side: Side
    public var liquidity: Liquidity
}

/// The order was cancelled, or reduced when quantity is left.
public struct OrderCancelled: Equatable, Sendable {
    public var orderId: UInt64
    public var clientOrderId: UInt64
    public var instrument: UInt32
    public var priceTicks: UInt32
    /// Taken off.
    public var quantityLots: UInt32
    /// Still open.
    public var leavesLots: UInt32
    public var reasonCode: UInt16
    public var side: Side

    public var reason: Reason? { Reason(rawValue: reasonCode) }
}

/// The order was replaced.
public struct OrderReplaced: Equatable, Sendable {
    public var originalOrderId: UInt64
    /// The same when priority was kept.
    public var orderId: UInt64
    public var originalClientOrderId: UInt64
    public var clientOrderId: UInt64
    public var instrument: UInt32
    public var priceTicks: UInt32
    /// Open, before any trade.
    public var quantityLots: UInt32
    public var side: Side
    public var keptPriority: Bool
}

/// A command other than an order was applied.
public struct CommandAccepted: Equatable, Sendable {
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
    public var asset: UInt32
    public var cause: BalanceCause
    /// Change, smallest units.
    public var amount: Int64
    public var available: UInt64
    /// For open orders.
    public var held: UInt64
}
