import Cryptography
import Wire

/// What a command does. The `Signer` adds who sends it: account, key slot, nonce, deadline, signature.
public enum CommandBody: Equatable, Sendable {
    /// Operator: opens an account (from 3). `proof` is `Prefixes.signPossession` by the owner's key.
    case createAccount(UInt32, ownerKey: PublicKey, proof: Signature)
    /// Owner: adds a trading key in an unused slot, from 1.
    case addTradingKey(slot: UInt16, key: PublicKey, proof: Signature, isCustodial: Bool = false)
    /// Owner: revokes a trading key for ever.
    case revokeTradingKey(slot: UInt16)
    /// Operator: credits an account, in smallest units. The reference was never used before.
    case deposit(to: UInt32, asset: UInt32, amount: UInt64, reference: Bytes32)
    /// Owner: takes out of the available balance, in smallest units.
    case withdraw(asset: UInt32, amount: UInt64, reference: Bytes32)
    /// Operator: lists an asset under the next id. The symbol has 1 to 8 characters.
    case listAsset(UInt32, symbol: String, decimals: UInt8)
    /// Operator: lists an instrument under the next id.
    case listInstrument(InstrumentListing)
    /// Operator: sets the state of an instrument, or of the venue (nil). The reason has at most 4 characters.
    case setTradingState(TradingState, instrument: UInt32?, reason: String = "")
    /// Operator: blocks an account, or the venue (nil), and cancels its orders; or lifts the block.
    case killSwitch(account: UInt32?, isEngaged: Bool)
    /// Operator: sets limits of an account or of an instrument.
    case setLimits(LimitChange)
    /// Operator: replaces one of the venue's keys. Proofs are signatures of `Prefixes.rotationMessage` by both keys.
    case rotateVenueKey(
        VenueKeyPurpose, slot: UInt16, newKey: PublicKey, oldProof: Signature, newProof: Signature)
    /// Settlement: the state as of a sequence.
    case stateCommitment(
        through: UInt64, stateRoot: Bytes32, chainHead: Bytes32, dataThrough: UInt64, dataDigest: Bytes32)
    /// A new order.
    case newOrder(NewOrder)
    /// Cancels one order.
    case cancelOrder(OrderName)
    /// Changes price or open quantity of an order.
    case replaceOrder(OrderReplacement)
    /// Cancels the open orders of the account, of all instruments and both sides unless they are named.
    case massCancel(instrument: UInt32? = nil, side: Side? = nil)
    /// 1 to 128 entries under one signature, applied in order, each with its own outcome.
    case batch([BatchItem])

    /// Template of the message.
    public var template: UInt16 {
        switch self {
        case .createAccount: Template.createAccount
        case .addTradingKey: Template.addTradingKey
        case .revokeTradingKey: Template.revokeTradingKey
        case .deposit: Template.deposit
        case .withdraw: Template.withdraw
        case .listAsset: Template.listAsset
        case .listInstrument: Template.listInstrument
        case .setTradingState: Template.setTradingState
        case .killSwitch: Template.killSwitch
        case .setLimits: Template.setLimits
        case .rotateVenueKey: Template.rotateVenueKey
        case .stateCommitment: Template.stateCommitment
        case .newOrder: Template.newOrder
        case .cancelOrder: Template.cancelOrder
        case .replaceOrder: Template.replaceOrder
        case .massCancel: Template.massCancel
        case .batch: Template.batch
        }
    }

    /// Bytes of the message, its SBE header included.
    public var messageBytes: Int {
        if case .batch(let items) = self { return BatchMessage.size + items.count * BatchEntry.size }
        return MessageHeader.size + Int(Template.orderEntryBlockLength(template) ?? 0)
    }

    /// Bytes of the frame: header, message, signature.
    public var frameBytes: Int { FrameHeader.size + messageBytes + Limits.signatureBytes }
}

/// An instrument as it is listed. Units: Wire.md and the comments of config.toml.
public struct InstrumentListing: Equatable, Sendable {
    /// Id: the next one.
    public var instrument: UInt32
    /// 1 to 8 characters.
    public var symbol: String
    /// Id of the asset that is traded.
    public var baseAsset: UInt32
    /// Id of the asset that is paid with.
    public var quoteAsset: UInt32
    /// Base units per lot.
    public var lotSize: UInt64
    /// Quote units per tick and lot.
    public var tickValue: UInt64
    /// ITCH price = ticks × this.
    public var priceMultiplier: UInt32
    /// Lowest price, ticks, from 1.
    public var priceMinTicks: UInt32
    /// Highest price, ticks.
    public var priceMaxTicks: UInt32
    /// Price that the band begins with, ticks.
    public var referencePriceTicks: UInt32
    /// How far from the reference price an order may be, basis points; 0 = no band.
    public var bandBasisPoints: UInt32 = 0
    /// How far beyond the best opposite price a market order may trade, basis points.
    public var protectionBasisPoints: UInt32 = 200
    /// Hundredths of a basis point; negative = rebate.
    public var makerFee: Int32 = 0
    /// As `makerFee`.
    public var takerFee: Int32 = 0
    /// The asset that fees are taken in.
    public var feeMode = FeeMode.quote
    /// State after the listing.
    public var state = TradingState.continuous
    /// Largest quantity of one order, lots.
    public var quantityMaxLots: UInt64
    /// Largest notional of one order, quote units.
    public var notionalMax: UInt64

    /// A listing with the defaults above for what is not named here.
    public init(
        instrument: UInt32, symbol: String, baseAsset: UInt32, quoteAsset: UInt32, lotSize: UInt64, tickValue: UInt64,
        priceMultiplier: UInt32, priceMinTicks: UInt32, priceMaxTicks: UInt32, referencePriceTicks: UInt32,
        quantityMaxLots: UInt64, notionalMax: UInt64
    ) {
        self.instrument = instrument
        self.symbol = symbol
        self.baseAsset = baseAsset
        self.quoteAsset = quoteAsset
        self.lotSize = lotSize
        self.tickValue = tickValue
        self.priceMultiplier = priceMultiplier
        self.priceMinTicks = priceMinTicks
        self.priceMaxTicks = priceMaxTicks
        self.referencePriceTicks = referencePriceTicks
        self.quantityMaxLots = quantityMaxLots
        self.notionalMax = notionalMax
    }
}

/// Limits to set; nil leaves one as it is.
public struct LimitChange: Equatable, Sendable {
    /// Whether an account or an instrument gets limits.
    public var scope: LimitScope
    /// Id of the account or of the instrument.
    public var target: UInt32
    /// Account: most open orders.
    public var openOrdersMax: UInt32?
    /// Instrument: band around the reference price, basis points; 0 = no band.
    public var bandBasisPoints: UInt32?
    /// Instrument: protection of market orders, basis points.
    public var protectionBasisPoints: UInt32?
    /// Instrument: hundredths of a basis point; negative = rebate.
    public var makerFee: Int32?
    /// As `makerFee`.
    public var takerFee: Int32?
    /// Instrument: largest quantity of one order, lots.
    public var quantityMaxLots: UInt64?
    /// Instrument: largest notional of one order, quote units.
    public var notionalMax: UInt64?

    /// Changes nothing but what is given here or set afterwards.
    public init(_ scope: LimitScope, _ target: UInt32, openOrdersMax: UInt32? = nil) {
        self.scope = scope
        self.target = target
        self.openOrdersMax = openOrdersMax
    }
}
