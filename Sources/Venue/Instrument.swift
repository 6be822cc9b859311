import Wire

/// A listed instrument: its listing, its limits of now, its state and its reference price (rules INS-1 to INS-5).
struct Instrument {
    var symbol: UInt64
    /// Base units per lot.
    var lotSize: UInt64
    /// Quote units per tick and lot.
    var tickValue: UInt64
    var quantityMaxLots: UInt64
    var notionalMax: UInt64
    var baseAsset: UInt32
    var quoteAsset: UInt32
    var priceMultiplier: UInt32
    var priceMinTicks: UInt32
    var priceMaxTicks: UInt32
    /// Price of the last trade, or that of the listing.
    var referencePriceTicks: UInt32
    var bandBasisPoints: UInt32
    var protectionBasisPoints: UInt32
    var makerFee: Int32
    var takerFee: Int32
    var feeMode: FeeMode
    var state: TradingState

    /// Price levels that the listing takes, on both sides.
    var levels: UInt64 { 2 * (UInt64(priceMaxTicks) - UInt64(priceMinTicks) + 1) }

    /// Prices that the band allows, both ends included; the whole range without a band (NEW-2).
    var band: (low: UInt32, high: UInt32) {
        guard bandBasisPoints != 0 else { return (priceMinTicks, priceMaxTicks) }
        let distance = Self.distance(referencePriceTicks, bandBasisPoints)
        let reference = UInt64(referencePriceTicks)
        let low = reference > distance ? UInt32(truncatingIfNeeded: reference &- distance) : 0
        let high = min(reference &+ distance, UInt64(priceMaxTicks))
        return (max(low, priceMinTicks), UInt32(truncatingIfNeeded: high))
    }

    /// Price of a market order (NEW-3).
    func protectionPrice(side: Side, best: UInt32?) -> UInt32 {
        let from = best ?? referencePriceTicks
        let distance = Self.distance(from, protectionBasisPoints)
        let band = band
        if side == .buy {
            let price = min(UInt64(from) &+ distance, UInt64(band.high))
            return max(UInt32(truncatingIfNeeded: price), priceMinTicks)
        }
        let price = UInt64(from) > distance ? UInt32(truncatingIfNeeded: UInt64(from) &- distance) : 0
        return min(max(price, band.low), priceMaxTicks)
    }

    private static func distance(_ price: UInt32, _ basisPoints: UInt32) -> UInt64 {
        UInt64(price) &* UInt64(basisPoints) / Limits.basisPoints
    }

    /// Price × quantity × tick value; nil above 2^63 − 1.
    func notional(priceTicks: UInt32, quantityLots: UInt32) -> UInt64? {
        let (high, low) = (UInt64(priceTicks) &* UInt64(quantityLots)).multipliedFullWidth(by: tickValue)
        return high == 0 && low <= UInt64(Int64.max) ? low : nil
    }

    /// Quantity × lot size; nil above 2^63 − 1.
    func baseAmount(quantityLots: UInt32) -> UInt64? {
        let (amount, overflow) = UInt64(quantityLots).multipliedReportingOverflow(by: lotSize)
        return !overflow && amount <= UInt64(Int64.max) ? amount : nil
    }
}
