import ArgumentParser
import GlassbookClient
import Wire

/// What a halt may bring about, as it is typed.
enum HaltState: String, CaseIterable, ExpressibleByArgument {
    case halted
    case cancelOnly = "cancel-only"
    case closed
    case endOfMessages = "end-of-messages"

    var state: TradingState {
        switch self {
        case .halted: .halted
        case .cancelOnly: .cancelOnly
        case .closed: .closed
        case .endOfMessages: .endOfMessages
        }
    }
}

/// Where a trading state is set, and why.
struct MarketOptions: ParsableArguments {
    @Option(help: "The instrument, its symbol or its number; without it the whole venue.") var instrument: String?
    @Option(help: "At most 4 characters that the feed shows.") var reason = ""
    @OptionGroup var access: AccessOptions

    func set(_ state: TradingState) throws {
        try access.apply { (desk) throws(OperatorError) in
            var found: (id: UInt32, symbol: String)?
            if let instrument {
                let settings = try desk.instrument(instrument)
                found = (settings.id, settings.symbol)
            }
            return (
                .setTradingState(state, instrument: found?.id, reason: reason),
                [
                    ("instrument", found.map { "\($0.id)" } ?? "all"), ("symbol", found?.symbol ?? "all"),
                    ("state", "\(state)"),
                ]
            )
        }
    }
}

/// `operator halt`.
struct HaltCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "halt",
        abstract: "Stops trading of an instrument, or of the venue; open orders stay.",
        discussion: """
            halted and cancel-only refuse new orders and take cancels; closed takes neither; end-of-messages, for the \
            whole venue, also ends the session of the feed, and only a new start of the node goes on from there.
            """)
    @Option(help: "halted, cancel-only, closed or end-of-messages.") var to = HaltState.halted
    @OptionGroup var market: MarketOptions

    func validate() throws {
        guard to != .endOfMessages || market.instrument == nil else {
            throw ValidationError("end-of-messages is for the whole venue")
        }
    }

    func run() throws { try market.set(to.state) }
}

/// `operator resume`.
struct ResumeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Lets an instrument, or the venue, trade. An order is taken when both do.")
    @OptionGroup var market: MarketOptions

    func run() throws { try market.set(.continuous) }
}

/// `operator kill`.
struct KillCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kill",
        abstract: "The kill switch: blocks an account, or all, and cancels the open orders.",
        discussion: "Cancels and withdrawals of the account go on. Lifting the block brings no order back.")
    @Option(help: "The account.") var account: UInt32?
    @Flag(help: "All accounts.") var everybody = false
    @Flag(help: "Lifts the block.") var lift = false
    @OptionGroup var access: AccessOptions

    func validate() throws {
        guard (account == nil) == everybody else { throw ValidationError("--account or --everybody, one of the two") }
    }

    func run() throws {
        try access.apply { _ in
            (
                .killSwitch(account: account, isEngaged: !lift),
                [("account", account.map { "\($0)" } ?? "all"), ("blocked", lift ? "0" : "1")]
            )
        }
    }
}

/// `operator limits`.
struct LimitsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "limits",
        abstract: "Sets limits of an account, or limits and fees of an instrument; what is not named stays.",
        discussion: """
            Those of an instrument stand in config.toml too, which has to say the same before the node's next start: \
            change both, or change config.toml and use `keys apply`.
            """)
    @Option(help: "The account.") var account: UInt32?
    @Option(help: "Its largest number of open orders.") var openOrders: UInt32?
    @Option(help: "The instrument: its symbol or its number.") var instrument: String?
    @Option(help: "Band around the reference price, basis points; 0 = none.") var bandBps: UInt32?
    @Option(help: "Protection of market orders, basis points.") var protectionBps: UInt32?
    @Option(help: "Fee of the side that rested, hundredths of a basis point.") var makerFee: Int32?
    @Option(help: "Fee of the side that came in, likewise.") var takerFee: Int32?
    @Option(help: "Largest quantity of an order, lots.") var quantityMax: UInt64?
    @Option(help: "Largest notional of an order, smallest units of the quote asset.") var notionalMax: UInt64?
    @OptionGroup var access: AccessOptions

    private var ofInstrument: [(name: String, value: String?)] {
        [
            ("bandBasisPoints", bandBps.map { "\($0)" }), ("protectionBasisPoints", protectionBps.map { "\($0)" }),
            ("makerFee", makerFee.map { "\($0)" }), ("takerFee", takerFee.map { "\($0)" }),
            ("quantityMaxLots", quantityMax.map { "\($0)" }), ("notionalMax", notionalMax.map { "\($0)" }),
        ]
    }

    func validate() throws {
        let hasInstrumentLimits = ofInstrument.contains { $0.value != nil }
        guard (account == nil) != (instrument == nil) else {
            throw ValidationError("--account or --instrument, one of the two")
        }
        guard (account == nil) == (openOrders == nil), (instrument == nil) != hasInstrumentLimits else {
            throw ValidationError("--open-orders is for an account, all other limits are for an instrument")
        }
    }

    func run() throws {
        try access.apply { (desk) throws(OperatorError) in
            if let account {
                return (
                    .setLimits(LimitChange(.account, account, openOrdersMax: openOrders)),
                    [("account", "\(account)"), ("openOrdersMax", "\(openOrders ?? 0)")]
                )
            }
            let found = try desk.instrument(instrument ?? "")
            var change = LimitChange(.instrument, found.id)
            (change.bandBasisPoints, change.protectionBasisPoints) = (bandBps, protectionBps)
            (change.makerFee, change.takerFee) = (makerFee, takerFee)
            (change.quantityMaxLots, change.notionalMax) = (quantityMax, notionalMax)
            let fields = ofInstrument.compactMap { field in field.value.map { (name: field.name, value: $0) } }
            return (.setLimits(change), [("instrument", "\(found.id)"), ("symbol", found.symbol)] + fields)
        }
    }
}
