import Cryptography
import Settings
import Wire

/// Commands that the operator signs from the `[venue]` tables, as frames.
public struct OperatorCommand {
    private let prefix: Hash256
    private let key: SigningKey
    private let slot: UInt16
    /// Nonce of the next command.
    public private(set) var nonce: UInt64
    /// The frames so far.
    public private(set) var frames: [UInt8] = []
    /// How many.
    public private(set) var count = 0

    /// - Parameters:
    ///   - slot: the owner slot of account 1.
    ///   - nonce: above every nonce that the key has used.
    public init(venueId: Hash256, key: SigningKey, slot: UInt16, nonce: UInt64) {
        prefix = SigningPrefix.make(.command, venue: venueId)
        self.key = key
        self.slot = slot
        self.nonce = nonce
    }

    /// Signs what `encode` writes, and frames it.
    private mutating func append(_ size: Int, _ encode: (UnsafeMutableRawPointer, UInt64) -> Void) {
        let head = SigningPrefix.byteCount
        var memory = [UInt8](repeating: 0, count: head + size)
        memory.withUnsafeMutableBytes { buffer in
            prefix.store(to: buffer.baseAddress!)
            encode(buffer.baseAddress! + head, nonce)
        }
        let signature = memory.withUnsafeBytes { key.sign($0) }
        var frame = [UInt8](repeating: 0, count: FrameHeader.size)
        frame.withUnsafeMutableBytes {
            FrameHeader.encode(at: $0.baseAddress!, contentBytes: size + Limits.signatureBytes)
        }
        frames += frame + memory[head...] + withUnsafeBytes(of: signature) { [UInt8]($0) }
        nonce += 1
        count += 1
    }

    /// Lists an asset.
    public mutating func list(_ asset: AssetSettings) {
        let slot = slot
        append(ListAssetMessage.size) { base, nonce in
            ListAssetMessage.encode(
                at: base, account: WellKnownAccount.venueOperator, keySlot: slot, nonce: nonce, deadline: 0,
                asset: asset.id, decimals: asset.decimals, symbol: symbol(asset.symbol))
        }
    }

    /// Lists an instrument.
    public mutating func list(_ listing: InstrumentSettings) {
        let slot = slot
        append(ListInstrumentMessage.size) { base, nonce in
            ListInstrumentMessage.encode(
                at: base, account: WellKnownAccount.venueOperator, keySlot: slot, nonce: nonce, deadline: 0,
                instrument: listing.id, baseAsset: listing.base, quoteAsset: listing.quote,
                priceMultiplier: listing.priceMultiplier, symbol: symbol(listing.symbol), lotSize: listing.lotSize,
                tickValue: listing.tickValue, priceMinTicks: listing.priceMinTicks,
                priceMaxTicks: listing.priceMaxTicks, referencePriceTicks: listing.referencePriceTicks,
                bandBasisPoints: listing.bandBasisPoints, protectionBasisPoints: listing.protectionBasisPoints,
                makerFee: listing.makerFee, takerFee: listing.takerFee,
                feeMode: listing.feeMode == .quote ? .quote : .received, state: listing.state.wire,
                quantityMaxLots: UInt64(listing.quantityMaxLots), notionalMax: listing.notionalMax)
        }
    }

    /// Sets limits and fees of an instrument to those of its table.
    public mutating func setLimits(_ listing: InstrumentSettings) {
        let slot = slot
        append(SetLimitsMessage.size) { base, nonce in
            SetLimitsMessage.encode(
                at: base, account: WellKnownAccount.venueOperator, keySlot: slot, nonce: nonce, deadline: 0,
                scope: .instrument, target: listing.id, openOrdersMax: Null.u32,
                bandBasisPoints: listing.bandBasisPoints, protectionBasisPoints: listing.protectionBasisPoints,
                makerFee: listing.makerFee, takerFee: listing.takerFee,
                quantityMaxLots: UInt64(listing.quantityMaxLots), notionalMax: listing.notionalMax)
        }
    }
}

/// The symbol of a table, which the settings have checked.
private func symbol(_ text: String) -> UInt64 {
    guard let packed = FixedText.eight(text) else { preconditionFailure("a symbol of more than eight characters") }
    return packed
}

extension InstrumentState {
    /// As a command names it.
    var wire: TradingState {
        switch self {
        case .continuous: .continuous
        case .halted: .halted
        case .closed: .closed
        case .cancelOnly: .cancelOnly
        }
    }
}
