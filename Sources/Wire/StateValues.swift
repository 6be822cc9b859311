/// The part `venue` of the canonical bytes of a state (rule STA-1).
@frozen public struct StateVenue: Equatable, Sendable {
    public var feedGeneration: UInt32
    public var state: TradingState
    public var isBlocked: Bool
    /// The venue keys in force, by purpose − 1.
    public var keys: [Bytes32]
    public var lastOrderId: UInt64
    public var lastMatchNumber: UInt64
}

/// An asset of a state.
@frozen public struct StateAsset: Equatable, Sendable {
    /// Eight characters, padded with spaces.
    public var symbol: UInt64
    public var decimals: UInt8
    /// Deposits minus withdrawals, smallest units.
    public var total: UInt64
}

/// An instrument of a state.
@frozen public struct StateInstrument: Equatable, Sendable {
    public var symbol: UInt64
    public var baseAsset: UInt32
    public var quoteAsset: UInt32
    public var lotSize: UInt64
    public var tickValue: UInt64
    public var priceMultiplier: UInt32
    public var priceMinTicks: UInt32
    public var priceMaxTicks: UInt32
    /// Of now: the price of the last trade, or that of the listing.
    public var referencePriceTicks: UInt32
    public var bandBasisPoints: UInt32
    public var protectionBasisPoints: UInt32
    public var makerFee: Int32
    public var takerFee: Int32
    public var feeMode: FeeMode
    public var state: TradingState
    public var quantityMaxLots: UInt64
    public var notionalMax: UInt64
}

/// A key slot of an account that is or was used.
@frozen public struct StateKey: Equatable, Sendable {
    public var slot: UInt16
    public var isRevoked: Bool
    public var flags: UInt16
    public var key: Bytes32
    /// Highest nonce used.
    public var nonceMark: UInt64
}

/// A balance of an account that is not zero, smallest units.
@frozen public struct StateBalance: Equatable, Sendable {
    public var asset: UInt32
    public var available: UInt64
    public var held: UInt64
}

/// An account of a state.
@frozen public struct StateAccount: Equatable, Sendable {
    public var id: UInt32
    public var isBlocked: Bool
    public var ownerSlot: UInt16
    public var openOrdersMax: UInt32
    public var openOrders: UInt32
    /// Ascending by slot.
    public var keys: [StateKey]
    /// Ascending by asset.
    public var balances: [StateBalance]

    /// The key in the owner slot; nil when that slot was never used.
    public var ownerKey: Bytes32? { keys.first { $0.slot == ownerSlot }?.key }
}

/// An open order of a state.
@frozen public struct StateOrder: Equatable, Sendable {
    public var id: UInt64
    public var account: UInt32
    public var instrument: UInt32
    public var side: Side
    public var priceTicks: UInt32
    public var openLots: UInt32
    public var clientOrderId: UInt64
    public var selfTradePrevention: SelfTradePrevention
    public var isPostOnly: Bool
    /// Fee carry (FEE-2).
    public var carry: UInt32
    public var makerRate: Int32
}

/// Why bytes are no state.
public enum StateError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A part ends before its last byte, or bytes are left behind the last part.
    case length(part: String, offset: Int)
    /// A value that the rules do not allow, or that contradicts another; offset of its part.
    case value(part: String, offset: Int, String)
    /// The genesis message is not the one that is expected.
    case foreign
    /// The capacities of genesis cannot be served.
    case capacity(String)

    public var description: String {
        switch self {
        case .length(let part, let offset): "state: \(part) at byte \(offset) does not end where it has to"
        case .value(let part, let offset, let text): "state: \(part) at byte \(offset): \(text)"
        case .foreign: "state: it is of another venue"
        case .capacity(let text): "state: capacities of genesis: \(text)"
        }
    }
}
