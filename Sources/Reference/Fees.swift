import Wire

/// Fees and holds (FEE).
enum Fees {
    private static let denominator: Amount = 1_000_000

    /// ⌈x / y⌉, y > 0.
    static func ceiling(_ x: Amount, _ y: Amount) -> Amount {
        let (quotient, remainder) = x.quotientAndRemainder(dividingBy: y)
        return remainder > 0 ? quotient + 1 : quotient
    }

    /// FEE-2: the charge on an amount, and the carry after it.
    static func charge(_ amount: Amount, _ rate: Int32, _ carry: Amount) -> (fee: Amount, carry: Amount) {
        let exact = amount * Amount(rate) - carry
        let fee = ceiling(exact, denominator)
        return (fee, fee * denominator - exact)
    }

    /// FEE-4: what an order of this open quantity, price and carry holds.
    static func hold(_ order: Order, _ listing: Listing) -> Amount {
        if order.open == 0 { return 0 }
        if order.side == .sell { return Amount(order.open) * listing.lotSize }
        let notional = Amount(order.price) * Amount(order.open) * listing.tickValue
        if listing.feeMode == .received { return notional }
        let rate = order.rests ? max(order.makerRate, 0) : max(order.makerRate, order.takerRate)
        return notional + charge(notional, rate, order.carry).fee
    }
}

extension Reference {
    /// The asset that an order is paid with.
    func heldAsset(_ order: Order) -> UInt32 {
        let listing = listings[Int(order.instrument)]
        return order.side == .buy ? listing.quote : listing.base
    }

    /// Makes what is held for an order what it has to be; what is no longer held becomes available.
    mutating func adjustHold(_ order: inout Order) {
        let hold = Fees.hold(order, listings[Int(order.instrument)])
        addHeld(order.account, heldAsset(order), hold - order.hold)
        addAvailable(order.account, heldAsset(order), order.hold - hold)
        order.hold = hold
    }

    /// FEE-5: money of a trade of `lots` at `price`. Both orders have their open quantity after it. Returns the fees.
    mutating func settle(
        _ taker: inout Order, _ maker: inout Order, price: UInt32, lots: UInt32
    ) -> (taker: Amount, takerAsset: UInt32, maker: Amount, makerAsset: UInt32) {
        let listing = listings[Int(taker.instrument)]
        let notional = Amount(price) * Amount(lots) * listing.tickValue
        let base = Amount(lots) * listing.lotSize
        func feeAsset(_ side: Side) -> UInt32 {
            listing.feeMode == .quote || side == .sell ? listing.quote : listing.base
        }
        let (takerAsset, makerAsset) = (feeAsset(taker.side), feeAsset(maker.side))
        let takerCharge = Fees.charge(takerAsset == listing.quote ? notional : base, taker.takerRate, taker.carry)
        let makerCharge = Fees.charge(makerAsset == listing.quote ? notional : base, maker.makerRate, maker.carry)
        taker.carry = takerCharge.carry
        maker.carry = makerCharge.carry
        addAvailable(0, takerAsset, takerCharge.fee)
        let makerFee = max(makerCharge.fee, -available(0, makerAsset))
        addAvailable(0, makerAsset, makerFee)
        pay(&taker, fee: takerCharge.fee, notional: notional, base: base, listing)
        pay(&maker, fee: makerFee, notional: notional, base: base, listing)
        return (takerCharge.fee, takerAsset, makerFee, makerAsset)
    }

    private mutating func pay(
        _ order: inout Order, fee: Amount, notional: Amount, base: Amount, _ listing: Listing
    ) {
        let hold = Fees.hold(order, listing)
        let freed = order.hold - hold
        order.hold = hold
        if order.side == .sell {
            precondition(freed == base, "a seller's hold is what they sell")
            addHeld(order.account, listing.base, -base)
            addAvailable(order.account, listing.quote, notional - fee)
            return
        }
        let feeInQuote = listing.feeMode == .quote ? fee : 0
        precondition(freed >= notional + feeInQuote, "a buyer's hold covers what they pay")
        addHeld(order.account, listing.quote, -freed)
        addAvailable(order.account, listing.quote, freed - notional - feeInQuote)
        addAvailable(order.account, listing.base, base - (fee - feeInQuote))
    }
}
