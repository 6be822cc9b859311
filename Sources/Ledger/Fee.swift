import Wire

/// Exact fees: a charge, and what was rounded up with it, which the next charge of the same order takes off.
@frozen public enum Fee {
    @inlinable static var denominator: Int64 { Limits.feeDenominator }
    /// Amounts up to this stay within 64 bits when multiplied with the highest rate.
    @inlinable static var smallAmountMax: UInt64 { 1 << 45 }

    /// The charge f = ⌈(amount · rate − carry) / D⌉, and the carry f · D − (amount · rate − carry)
    /// after it.
    ///
    /// - Parameters:
    ///   - amount: smallest units, at most 2^63 − 1.
    ///   - rate: hundredths of a basis point, −100,000 to 100,000.
    ///   - carry: 0 ..< D.
    @inlinable public static func charge(
        amount: UInt64, rate: Int32, carry: UInt32
    ) -> (charge: Int64, carry: UInt32) {
        assert(amount <= UInt64(Int64.max) && Int64(carry) < denominator)
        if amount <= smallAmountMax {
            let exact = Int64(truncatingIfNeeded: amount) &* Int64(rate) &- Int64(carry)
            // Division rounds towards zero: up for what is below zero already.
            let charge = exact > 0 ? (exact &+ denominator &- 1) / denominator : exact / denominator
            return (charge, UInt32(truncatingIfNeeded: charge &* denominator &- exact))
        }
        return large(amount, rate, carry)
    }

    /// The rare part of `charge`: 128 bits.
    @inlinable @inline(never) static func large(
        _ amount: UInt64, _ rate: Int32, _ carry: UInt32
    ) -> (charge: Int64, carry: UInt32) {
        let exact = Int128(amount) * Int128(rate) - Int128(carry)
        let wide = Int128(denominator)
        let charge = exact > 0 ? (exact + wide - 1) / wide : exact / wide
        return (Int64(charge), UInt32(charge * wide - exact))
    }

    /// Whether rates are valid (rule FEE-1).
    public static func isValid(maker: Int32, taker: Int32, mode: FeeMode) -> Bool {
        let max = Limits.feeRateMax
        guard taker >= 0, taker <= max, maker >= -max, maker <= max, -maker <= taker else { return false }
        return mode == .quote || maker >= 0
    }
}
