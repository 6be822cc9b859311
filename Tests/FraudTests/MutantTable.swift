/// Wrong matchers and wrong books of money. Each is a venue that an operator could run, and whose every signature and
/// hash is right; the auditor runs `Reference`, in which nothing of this code is.
enum MutantTable {
    static let all: [Mutant] = venue + SharedMutants.all.map(\.mutant)
    static let venue: [Mutant] = matching + money + rules

    private static let trading = "Venue/Venue+Trading.swift", orders = "Venue/Venue+Orders.swift"
    private static let replaces = "Venue/Venue+Replace.swift", cancels = "Venue/Venue+Cancels.swift"
    private static let accounts = "Venue/Venue+Accounts.swift", assets = "Venue/Venue+Assets.swift"
    private static let prices = "Book/Books+Prices.swift", balances = "Ledger/Ledger+Balances.swift"

    static let matching: [Mutant] = [
        Mutant(
            1, "the last of a price trades first", prices,
            "return OrderSlot(index: ", "opposite.pointee.levels[Int(key &- opposite.pointee.baseKey)].head",
            "opposite.pointee.levels[Int(key &- opposite.pointee.baseKey)].tail"),
        Mutant(
            2, "a price that touches does not trade", prices,
            "guard ", "key <= ~place.key", "key < ~place.key"),
        Mutant(
            3, "an order trades with its own account", trading,
            "                end(&taker, &effects)\n                return .done\n            }\n            if ",
            "books.detail(maker).pointee.account == taker.account", "false"),
        Mutant(
            4, "self-trade prevention always cancels the taker", trading,
            "switch ", "taker.selfTradePrevention", "SelfTradePrevention.cancelTaker"),
        Mutant(
            5, "fillOrKill fills in part", orders,
            "if ", "request.timeInForce == .fillOrKill && !canFill(taker)", "false"),
        Mutant(
            6, "postOnly takes", orders,
            "if request.flags.contains(.postOnly), let best, ", "crosses(request.side, price, best)", "false"),
        Mutant(
            7, "a replace that gives its place up keeps it", replaces,
            "request.quantityLots <= node.pointee.quantityLots,\n            ", "!request.losesPriority", "true"),
        Mutant(
            8, "an immediateOrCancel order rests", orders,
            "ending: ", "request.ending", "Ending.rests"),
        Mutant(
            9, "a mass cancel of one side takes the other", cancels,
            "if let side = unfinished.side, ", "node.pointee.side != side.bookSide",
            "node.pointee.side == side.bookSide"),
        Mutant(
            10, "the price of a trade is the taker's", trading,
            "let price = ", "node.pointee.priceTicks", "taker.side == .buy ? taker.priceTicks : node.pointee.priceTicks"
        ),
        Mutant(
            11, "the reference price stays behind", trading,
            "", "instrument.pointee.referencePriceTicks = price", "_ = price", isStatement: true,
            verdict: "state-root"),
        Mutant(
            12, "a market order is protected twice as far", "Venue/Instrument.swift",
            "let distance = Self.distance(from, ", "protectionBasisPoints", "protectionBasisPoints &* 2"),
    ]

    static let money: [Mutant] = [
        Mutant(
            20, "what was rounded up is not carried by the taker", trading,
            "taker.carry = ", "takerFee.carry", "taker.side == .sell ? 0 : takerFee.carry"),
        Mutant(
            21, "what was rounded up is not carried by the maker", trading,
            "detail.pointee.carry = ", "makerFee.carry", "0"),
        Mutant(
            22, "half of the fee disappears", trading,
            "ledger.credit(", "UInt64(taker)", "UInt64(taker) / 2", verdict: "state-root"),
        Mutant(
            23, "a rebate is made of nothing", trading,
            "ledger.debit(", "rebate", "0", verdict: "state-root"),
        Mutant(
            24, "the seller keeps the fee that the venue books", trading,
            "ledger.credit(Self.less(notional, ", "seller.fee", "0"),
        Mutant(
            25, "fees in what is received are taken in quote", trading,
            "let takerAsset = ", "inQuote || taker.side == .sell ? quote0 : base0", "quote0"),
        Mutant(
            26, "a resting order holds more than the rules say", "Venue/Hold.swift",
            "static func restingRate(maker: Int32) -> Int32 { ", "max(maker, 0)", "max(maker, 1_000)"),
        Mutant(
            27, "a release gives back one unit less", balances,
            "row.pointee.available &+= ", "amount", "amount == 0 ? 0 : amount &- 1"),
        Mutant(
            28, "a deposit is counted twice in the total", balances,
            "\"the total of an asset fits 63 bits\")\n        ",
            "row.pointee.total += amount", "row.pointee.total += amount &* 2", isStatement: true,
            verdict: "state-root"),
        Mutant(
            29, "the fee of a maker is the one of today", trading,
            "let makerRate = ", "detail.pointee.makerRate", "instrument.pointee.makerFee"),
        Mutant(
            30, "a replaced order begins a new carry", replaces,
            "openLots: request.quantityLots, carry: ", "detail.pointee.carry", "0", verdict: "state-root"),
        Mutant(
            31, "nobody can withdraw their last unit", assets,
            "guard ", "message.amount <= available", "message.amount < available"),
        Mutant(
            32, "a deposit is credited twice", assets,
            "ledger.deposit(", "message.amount", "message.amount &* 2"),
    ]

    static let rules: [Mutant] = [
        Mutant(
            40, "everybody is the operator", "Venue/Venue+Commands.swift",
            "if ", "header.account != WellKnownAccount.venueOperator", "false"),
        Mutant(
            41, "a nonce can be used again", "Venue/Venue+Commands.swift",
            "", "ledger.useNonce(header.nonce, account: header.account, slot: header.keySlot)", "_ = header.nonce",
            isStatement: true, verdict: "state-root"),
        Mutant(
            42, "a revoked key stays in force", accounts,
            "", "ledger.revokeKey(message.account, slot)", "_ = slot", isStatement: true, verdict: "state-root"),
        Mutant(
            43, "a deposit reference can be used again", assets,
            "", "ledger.addReference(message.reference)", "_ = message.reference", isStatement: true,
            verdict: "state-root"),
        Mutant(
            44, "a kill switch leaves the orders", cancels,
            "effects.advance(KillSwitchChangedMessage.size)\n        if ", "isEngaged", "false"),
        Mutant(
            45, "one order more than allowed", orders,
            "guard ", "books.orderCount(ofAccount: account) < Int(openMax)",
            "books.orderCount(ofAccount: account) <= Int(openMax)"),
        Mutant(
            46, "the band has no upper end", orders,
            "if priceTicks < band.low { return Refusal(.priceOutsideBand, band.low) }\n        return ",
            "priceTicks > band.high", "false"),
        Mutant(
            47, "an order needs one unit more than its hold", orders,
            "return ", "hold <= available ? nil : Refusal(.insufficientFunds, available)",
            "hold < available ? nil : Refusal(.insufficientFunds, available)"),
        Mutant(
            48, "a deadline never passes", "Venue/Venue+Commands.swift",
            "if header.deadline != 0 && ", "command.time > header.deadline", "command.time > header.deadline &+ 1 << 62"
        ),
    ]
}
