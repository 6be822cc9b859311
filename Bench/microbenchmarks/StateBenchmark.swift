import ArgumentParser
import Cryptography
import Glibc
import Platform
import Proof
import Venue
import Wire

/// What the state root costs: brought up to date after a batch of records, and made from nothing.
struct StateBenchmark: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "state", abstract: "The state root after a batch of records among many accounts.")

    @Option(help: "Accounts that have a balance.")
    var accounts: UInt32 = 1_000_000
    @Option(help: "Records of a batch.")
    var batch = 10_000
    @Option(help: "Batches; the median counts.")
    var runs = 9
    @Option(help: "The core to be pinned to.")
    var core: UInt32?
    @Flag(help: "A list of {name, value, unit, bar, holds}.")
    var json = false

    func run() throws {
        if let core { try CPUSet([core]).confineCurrentThread() }
        var market = StateMarket(accounts: accounts, orders: UInt32(batch * (runs + 1)))
        let start = SystemClock.monotonicNanoseconds()
        var tree = try StateTree(market.venue)
        let whole = Self.milliseconds(since: start)
        var touched = TouchedParts()
        var times: [Double] = []
        var processor: [Double] = []
        var read: [Double] = []
        for _ in 0..<runs {
            touched.removeAll()
            market.trade(batch) { command, effects in touched.add(kind: .command, command: command, effects: effects) }
            let start = SystemClock.monotonicNanoseconds(), used = Self.processorMilliseconds()
            try tree.update(from: market.venue, touched)
            let root = tree.root(through: market.sequence)
            times.append(Self.milliseconds(since: start))
            processor.append(Self.processorMilliseconds() - used)
            let proof = tree.balanceProof(
                account: 3, asset: 0, ownerKey: StateMarket.ownerKey(3), through: market.sequence)
            guard let proof else { preconditionFailure("a listed asset") }
            let made = SystemClock.monotonicNanoseconds()
            try BalanceProof(proof.bytes).check(root: root, account: 3, asset: 0)
            read.append(Double(SystemClock.monotonicNanoseconds() - made) / 1e6)
        }
        Figure.show(
            [
                Figure(name: "state_root_of_batch", value: Self.middle(times), unit: "ms", bar: .atMost(250)),
                Figure(name: "state_root_of_batch_processor", value: Self.middle(processor), unit: "ms"),
                Figure(name: "state_root_from_nothing", value: whole, unit: "ms"),
                Figure(name: "balance_proof_check", value: Self.middle(read), unit: "ms", bar: .atMost(1)),
                Figure(name: "balance_proof_size", value: Double(BalanceProof.byteCount), unit: "bytes"),
                Figure(name: "state_tree_memory", value: Double(tree.byteCount) / 1e6, unit: "MB"),
            ], json: json)
    }

    /// Processor time of this thread: what is left of a busy machine's figures.
    private static func processorMilliseconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) * 1e3 + Double(time.tv_nsec) / 1e6
    }

    private static func milliseconds(since start: UInt64) -> Double {
        Double(SystemClock.monotonicNanoseconds() - start) / 1e6
    }

    private static func middle(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
}

/// A venue of many accounts in which every order comes from another one, and every second one trades.
struct StateMarket: ~Copyable {
    var venue: Venue
    private(set) var sequence: UInt64 = 0
    private let accounts: UInt32
    private let scratch = UnsafeMutableRawPointer.allocate(byteCount: EffectWriter.capacity, alignment: 64)
    private let message = UnsafeMutableRawPointer.allocate(byteCount: 256, alignment: 8)
    private var operatorNonce: UInt64 = 0
    private var orders: UInt64 = 0

    static func key(_ account: UInt32) -> Bytes32 { Bytes32(UInt64(account), 7, 7, 7) }

    static func ownerKey(_ account: UInt32) -> Hash256 {
        withUnsafeBytes(of: key(account)) { Hash256(loading: $0.baseAddress!) }
    }

    init(accounts: UInt32, orders: UInt32) {
        self.accounts = accounts
        GenesisMessage.encode(
            at: message, random: Bytes32(1), operatorKey: Bytes32(2), logKey: Bytes32(3), receiptKey: Bytes32(4),
            settlementKey: Bytes32(5), time: 1, promiseSeconds: 1, rulesVersion: 1,
            venueName: FixedText.four("BNCH") ?? 0, accountsMax: accounts + 3, keySlots: 2, assetsMax: 2,
            instrumentsMax: 1, ordersMax: orders, levelsMax: 2000, referencesMax: accounts, openOrdersMax: orders)
        venue = Venue(genesis: GenesisMessage(message))
        apply(.genesis, GenesisMessage.size)
        for asset in 0..<2 as Range<UInt32> {
            ListAssetMessage.encode(
                at: message, account: 1, keySlot: 0, nonce: nextNonce(), deadline: 0, asset: asset, decimals: 8,
                symbol: FixedText.eight("A\(asset)") ?? 0)
            apply(.command, ListAssetMessage.size)
        }
        ListInstrumentMessage.encode(
            at: message, account: 1, keySlot: 0, nonce: nextNonce(), deadline: 0, instrument: 0, baseAsset: 1,
            quoteAsset: 0, priceMultiplier: 1, symbol: FixedText.eight("I") ?? 0, lotSize: 100, tickValue: 10,
            priceMinTicks: 1, priceMaxTicks: 1000, referencePriceTicks: 500, bandBasisPoints: 0,
            protectionBasisPoints: 0, makerFee: 10, takerFee: 30, feeMode: .quote, state: .continuous,
            quantityMaxLots: 1_000_000, notionalMax: UInt64(Int64.max))
        apply(.command, ListInstrumentMessage.size)
        for account in 3..<(accounts + 3) { open(account) }
    }

    deinit {
        scratch.deallocate()
        message.deallocate()
    }

    private mutating func nextNonce() -> UInt64 {
        operatorNonce += 1
        return operatorNonce
    }

    private mutating func open(_ account: UInt32) {
        CreateAccountMessage.encode(
            at: message, account: 1, keySlot: 0, nonce: nextNonce(), deadline: 0, newAccount: account, flags: 0,
            ownerKey: Self.key(account), proof: Bytes64())
        apply(.command, CreateAccountMessage.size)
        let nonce = nextNonce()
        DepositMessage.encode(
            at: message, account: 1, keySlot: 0, nonce: nonce, deadline: 0, target: account, asset: account & 1,
            amount: 1 << 40, reference: Bytes32(nonce))
        apply(.command, DepositMessage.size)
    }

    /// Orders of so many accounts, spread over all: even ones buy, odd ones sell, all at one price.
    mutating func trade(_ count: Int, _ body: (UnsafeRawPointer, EffectCursor) -> Void) {
        for _ in 0..<count {
            orders += 1
            let spread = (orders >> 1) &* 0x9E37_79B9_7F4A_7C15 % UInt64(accounts / 2)
            let account = 4 + 2 * UInt32(spread) - UInt32(orders & 1)
            NewOrderMessage.encode(
                at: message, account: account, keySlot: 0, nonce: orders, deadline: 0, instrument: 0,
                side: account & 1 == 0 ? .buy : .sell, orderType: .limit, timeInForce: .goodTillCancel,
                selfTradePrevention: .cancelTaker, clientOrderId: orders, priceTicks: 500, quantityLots: 10,
                expiry: Null.u64, displayLots: Null.u32, minimumLots: Null.u32, stopPriceTicks: Null.u32, flags: [])
            let length = apply(.command, NewOrderMessage.size)
            body(message, EffectCursor(scratch, count: length))
        }
    }

    @discardableResult
    private mutating func apply(_ kind: RecordKind, _ count: Int) -> Int {
        sequence += 1
        var effects = EffectWriter(scratch)
        _ = venue.apply(
            Command(
                message: message, count: count, kind: kind, sequence: sequence, time: sequence, proofsHold: true),
            into: &effects)
        precondition(Effect(base: scratch).template != Template.rejected)
        return effects.length
    }
}
