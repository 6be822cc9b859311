import Reference
import Testing
import Wire

/// A Reference with two assets (0 base, 1 quote), one instrument and accounts 3, 4 and 5.
final class Market {
    private var venue: Reference
    private let memory = UnsafeMutableRawPointer.allocate(byteCount: EffectWriter.capacity, alignment: 8)
    private let message = UnsafeMutableRawPointer.allocate(byteCount: Limits.messageBytesMax, alignment: 8)
    private var nonces: [UInt32: UInt64] = [:]
    private var sequence: UInt64 = 0
    private var clientOrderId: UInt64 = 0
    /// Effects of the last record; they stand until the next one.
    private(set) var effects: [Effect] = []
    private(set) var progress = Progress.done

    /// What the one instrument is; lot size and tick value are 1.
    struct Listing {
        var makerFee: Int32 = 0
        var takerFee: Int32 = 0
        var feeMode = FeeMode.quote
        var bandBasisPoints: UInt32 = 0
        var protectionBasisPoints: UInt32 = 0
        var ordersMax: UInt32 = 2000
    }

    init(_ listing: Listing = Listing(), listed: Bool = true) {
        let key = Bytes32(1, 2, 3, 4)
        GenesisMessage.encode(
            at: message, random: .zero, operatorKey: key, logKey: key, receiptKey: key, settlementKey: key, time: 1,
            promiseSeconds: 60, rulesVersion: 1, venueName: 0x2020_2020, accountsMax: 10, keySlots: 4, assetsMax: 4,
            instrumentsMax: 4, ordersMax: listing.ordersMax, levelsMax: 10_000, referencesMax: 100,
            openOrdersMax: listing.ordersMax)
        venue = Reference(genesis: GenesisMessage(message))
        apply(.genesis, GenesisMessage.size)
        if listed { list(listing) }
    }

    deinit {
        memory.deallocate()
        message.deallocate()
    }

    private func list(_ listing: Listing) {
        for (asset, symbol) in [(UInt32(0), "BASE"), (1, "QUOTE")] {
            send(ListAssetMessage.size, 1) {
                ListAssetMessage.encode(
                    at: $0, account: 1, keySlot: 0, nonce: $1, deadline: 0, asset: asset, decimals: 2,
                    symbol: FixedText.eight(symbol)!)
            }
        }
        send(ListInstrumentMessage.size, 1) {
            ListInstrumentMessage.encode(
                at: $0, account: 1, keySlot: 0, nonce: $1, deadline: 0, instrument: 0, baseAsset: 0, quoteAsset: 1,
                priceMultiplier: 1, symbol: FixedText.eight("B-Q")!, lotSize: 1, tickValue: 1, priceMinTicks: 1,
                priceMaxTicks: 1000, referencePriceTicks: 100, bandBasisPoints: listing.bandBasisPoints,
                protectionBasisPoints: listing.protectionBasisPoints, makerFee: listing.makerFee,
                takerFee: listing.takerFee, feeMode: listing.feeMode, state: .continuous, quantityMaxLots: 1_000_000,
                notionalMax: UInt64(Int64.max))
        }
        for account in 3...5 as ClosedRange<UInt32> {
            send(CreateAccountMessage.size, 1) {
                CreateAccountMessage.encode(
                    at: $0, account: 1, keySlot: 0, nonce: $1, deadline: 0, newAccount: account, flags: 0,
                    ownerKey: Bytes32(UInt64(account)), proof: Bytes64())
            }
        }
        #expect(effects.map(\.template) == [Template.accountCreated])
    }

    private func apply(_ kind: RecordKind, _ length: Int) {
        sequence += 1
        var writer = EffectWriter(memory)
        let command = Command(
            message: message, count: length, kind: kind, sequence: sequence, time: 1000, proofsHold: true)
        progress = venue.apply(command, into: &writer)
        effects = []
        var cursor = EffectCursor(UnsafeRawPointer(memory), count: writer.length)
        while let effect = cursor.read() { effects.append(effect) }
    }

    /// One command, signed by slot 0.
    func send(_ length: Int, _ account: UInt32, _ encode: (UnsafeMutableRawPointer, UInt64) -> Void) {
        nonces[account, default: 0] += 1
        encode(message, nonces[account]!)
        apply(.command, length)
    }

    /// Goes on with the command that is not done.
    func goOn() {
        ContinuationMessage.encode(at: message, cause: venue.pendingCause ?? 0)
        apply(.continuation, ContinuationMessage.size)
    }

    func deposit(_ account: UInt32, base: UInt64 = 0, quote: UInt64 = 0) {
        for (asset, amount) in [(UInt32(0), base), (1, quote)] where amount > 0 {
            let reference = Bytes32(sequence)
            send(DepositMessage.size, 1) {
                DepositMessage.encode(
                    at: $0, account: 1, keySlot: 0, nonce: $1, deadline: 0, target: account, asset: asset,
                    amount: amount, reference: reference)
            }
            #expect(effects.map(\.template) == [Template.balanceChanged])
        }
    }

    /// A limit order, or without a price a market order; its client order id.
    @discardableResult func order(
        _ account: UInt32, _ side: Side, _ quantity: UInt32, at price: UInt32?,
        _ timeInForce: TimeInForce = .goodTillCancel, _ prevention: SelfTradePrevention = .cancelTaker,
        flags: OrderFlags = []
    ) -> UInt64 {
        clientOrderId += 1
        let name = clientOrderId
        send(NewOrderMessage.size, account) {
            NewOrderMessage.encode(
                at: $0, account: account, keySlot: 0, nonce: $1, deadline: 0, instrument: 0, side: side,
                orderType: price == nil ? .market : .limit, timeInForce: timeInForce, selfTradePrevention: prevention,
                clientOrderId: name, priceTicks: price ?? Null.u32, quantityLots: quantity, expiry: Null.u64,
                displayLots: Null.u32, minimumLots: Null.u32, stopPriceTicks: Null.u32, flags: flags)
        }
        return name
    }

    func cancel(_ account: UInt32, _ clientOrderId: UInt64) {
        send(CancelOrderMessage.size, account) {
            CancelOrderMessage.encode(
                at: $0, account: account, keySlot: 0, nonce: $1, deadline: 0, orderId: Null.u64,
                clientOrderId: clientOrderId)
        }
    }

    func replace(_ account: UInt32, _ clientOrderId: UInt64, _ quantity: UInt32, at price: UInt32) {
        send(ReplaceOrderMessage.size, account) {
            ReplaceOrderMessage.encode(
                at: $0, account: account, keySlot: 0, nonce: $1, deadline: 0, orderId: Null.u64,
                clientOrderId: clientOrderId, newClientOrderId: Null.u64, priceTicks: price, quantityLots: quantity,
                flags: [])
        }
    }

    func setFees(maker: Int32, taker: Int32) {
        send(SetLimitsMessage.size, 1) {
            SetLimitsMessage.encode(
                at: $0, account: 1, keySlot: 0, nonce: $1, deadline: 0, scope: .instrument, target: 0,
                openOrdersMax: Null.u32, bandBasisPoints: Null.u32, protectionBasisPoints: Null.u32, makerFee: maker,
                takerFee: taker, quantityMaxLots: Null.u64, notionalMax: Null.u64)
        }
    }

    func massCancel(_ account: UInt32) {
        send(MassCancelMessage.size, account) {
            MassCancelMessage.encode(
                at: $0, account: account, keySlot: 0, nonce: $1, deadline: 0, instrument: Null.u32, side: nil)
        }
    }

    /// Available, as the refusal of a withdrawal that nobody can afford tells it.
    func available(_ account: UInt32, _ asset: UInt32) -> UInt64 {
        send(WithdrawMessage.size, account) {
            WithdrawMessage.encode(
                at: $0, account: account, keySlot: 0, nonce: $1, deadline: 0, asset: asset, amount: UInt64(Int64.max),
                reference: .zero)
        }
        #expect(rejection?.0 == .insufficientFunds)
        return rejection?.1 ?? 0
    }

    // MARK: What came of it

    var templates: [UInt16] { effects.map(\.template) }

    var rejection: (Reason?, UInt64)? {
        guard effects.count == 1, effects[0].template == Template.rejected else { return nil }
        let rejected = RejectedMessage(effects[0].base)
        return (rejected.reason, rejected.expected)
    }

    var executions: [ExecutedMessage] {
        effects.filter { $0.template == Template.executed }.map { ExecutedMessage($0.base) }
    }

    var cancels: [CancelledMessage] {
        effects.filter { $0.template == Template.cancelled }.map { CancelledMessage($0.base) }
    }

    var state: [UInt8] {
        var sink = Collected()
        venue.writeState(into: &sink)
        return sink.bytes
    }

    private struct Collected: StateSink {
        var bytes: [UInt8] = []
        mutating func write(_ part: UnsafeRawBufferPointer) { bytes += part }
    }
}
