import Wire

/// Money, and everything it is multiplied with: wide enough for every product of the rules.
typealias Amount = Int128

/// 2^63 − 1: the largest amount of money.
let amountMax = Amount(Int64.max)

/// A key slot that is or was used.
struct Key {
    var bytes: Bytes32
    var flags: UInt16
    var isRevoked = false
    var nonceMark: UInt64 = 0
}

/// An account.
struct Account {
    var ownerSlot: UInt16 = 0
    var isBlocked = false
    var openOrdersMax: UInt32
    var keys: [UInt16: Key] = [:]
    /// By asset.
    var balances: [UInt32: Funds] = [:]
    /// Ids of the open orders, ascending.
    var openOrders: [UInt64] = []
}

/// What an account has of an asset.
struct Funds: Equatable {
    var available: Amount = 0
    var held: Amount = 0
}

/// An asset.
struct Asset {
    var symbol: UInt64
    var decimals: UInt8
    /// Deposits minus withdrawals.
    var total: Amount = 0
    /// Sum of all balances, kept where balances change: what an auditor compares with the total.
    var balances: Amount = 0
}

/// An order that was accepted.
struct Order {
    var id: UInt64
    var clientOrderId: UInt64
    var account: UInt32
    var instrument: UInt32
    var side: Side
    var price: UInt32
    var open: UInt32
    var carry: Amount = 0
    var takerRate: Int32
    var makerRate: Int32
    var selfTradePrevention: SelfTradePrevention
    var isPostOnly: Bool
    var rests = false
    /// What is reserved for it now.
    var hold: Amount = 0
}

/// One price of a side, the order that stands first in front.
struct Level {
    var price: UInt32
    var orders: [UInt64]
}

/// An instrument and its book.
struct Listing {
    var symbol: UInt64
    var base: UInt32
    var quote: UInt32
    var lotSize: Amount
    var tickValue: Amount
    var priceMultiplier: UInt32
    var priceMin: UInt32
    var priceMax: UInt32
    var reference: UInt32
    var band: UInt32
    var protection: UInt32
    var makerFee: Int32
    var takerFee: Int32
    var feeMode: FeeMode
    var state: TradingState
    var quantityMax: UInt64
    var notionalMax: UInt64
    /// Ascending by price.
    var bids: [Level] = []
    /// Ascending by price.
    var asks: [Level] = []

    /// Levels that the listing takes, on both sides.
    var levels: UInt64 { 2 * (UInt64(priceMax) - UInt64(priceMin) + 1) }

    /// Best price of a side.
    func best(_ side: Side) -> UInt32? { side == .buy ? bids.last?.price : asks.first?.price }
}

/// Why something is refused, and what was expected.
struct Refusal {
    var reason: Reason
    var expected: UInt64

    init(_ reason: Reason, _ expected: UInt64 = 0) { (self.reason, self.expected) = (reason, expected) }
    init(_ reason: Reason, _ expected: Amount) { self.init(reason, UInt64(expected)) }
}

/// Whose effects are made.
struct Origin {
    var account: UInt32
    var entry = Null.u16
    var clientOrderId = Null.u64
    var orderId = Null.u64
}
