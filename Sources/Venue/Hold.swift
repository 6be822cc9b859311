import Ledger
import Wire

/// What is reserved for an order (FEE-4).
extension Instrument {
    /// Rate that the hold of a buy is made for until the order rests: it may be taker and maker.
    static func takingRate(maker: Int32, taker: Int32) -> Int32 { max(maker, taker) }

    /// Rate that the hold of a resting buy is made for.
    static func restingRate(maker: Int32) -> Int32 { max(maker, 0) }

    /// Hold of an order with open quantity at a price; nil above 2^63 − 1.
    ///
    /// - Parameter rate: `takingRate` until the order rests, `restingRate` from then on.
    func checkedHold(side: Side, priceTicks: UInt32, quantityLots: UInt32, carry: UInt32, rate: Int32) -> UInt64? {
        guard quantityLots > 0 else { return 0 }
        guard side == .buy else { return baseAmount(quantityLots: quantityLots) }
        guard let notional = notional(priceTicks: priceTicks, quantityLots: quantityLots) else { return nil }
        guard feeMode == .quote else { return notional }
        let fee = Fee.charge(amount: notional, rate: rate, carry: carry).charge
        assert(fee >= 0, "rates of holds are not negative, and a carry is less than one unit")
        let hold = notional &+ UInt64(fee)
        return hold <= UInt64(Int64.max) ? hold : nil
    }

    /// As `checkedHold`, of an order that was accepted: its hold never grows.
    func hold(side: Side, priceTicks: UInt32, quantityLots: UInt32, carry: UInt32, rate: Int32) -> UInt64 {
        let hold = checkedHold(
            side: side, priceTicks: priceTicks, quantityLots: quantityLots, carry: carry, rate: rate)
        guard let hold else { preconditionFailure("the hold of an accepted order fits 63 bits") }
        return hold
    }

    /// The asset that orders of a side are paid with.
    func heldAsset(_ side: Side) -> UInt32 { side == .buy ? quoteAsset : baseAsset }
}
