import Venue
import Wire

/// A workload as client commands of 1,000 accounts, half of which buy and half of which sell, made before the clock
/// starts.
///
/// An order id of the venue is known only when it has been given, so the commands are made by a first run of a venue,
/// whose trades are compared with the workload's expectation. A second venue gives the same ids again.
struct VenueWorkload: ~Copyable {
    static let traders: UInt32 = 1_000
    /// Room for one command, as a slot of the ring has.
    static let slotBytes = 128

    let workload: Workload
    /// Commands, one a slot.
    let commands: UnsafeMutableRawPointer
    let genesis: UnsafeMutableRawPointer
    /// Administration before them: assets, instruments, accounts, deposits, one a slot.
    let opening: UnsafeMutableRawPointer
    private(set) var openingCount = 0

    init(_ workload: Workload) throws(BenchmarkError) {
        self.workload = workload
        commands = .allocate(byteCount: workload.commands * Self.slotBytes, alignment: 64)
        genesis = .allocate(byteCount: GenesisMessage.size, alignment: 8)
        let openingMax = 2 * Int(workload.instruments) + 1 + Int(Self.traders) * (2 + Int(workload.instruments))
        opening = .allocate(byteCount: openingMax * 2 * Self.slotBytes, alignment: 64)
        encodeGenesis()
        encodeOpening()
        try translate()
    }

    deinit {
        commands.deallocate()
        genesis.deallocate()
        opening.deallocate()
    }

    /// A venue with its listings, accounts and deposits, before the first command of the workload.
    borrowing func makeVenue() -> Venue {
        var venue = Venue(genesis: GenesisMessage(genesis))
        let scratch = UnsafeMutableRawPointer.allocate(byteCount: EffectWriter.capacity, alignment: 8)
        defer { scratch.deallocate() }
        var effects = EffectWriter(scratch)
        let first = Command(
            message: genesis, count: GenesisMessage.size, kind: .genesis, sequence: 1, time: 1, proofsHold: false)
        _ = venue.apply(first, into: &effects)
        for index in 0..<openingCount {
            effects = EffectWriter(scratch)
            let message = UnsafeRawPointer(opening + index * 2 * Self.slotBytes)
            _ = venue.apply(Self.command(message, sequence: UInt64(index + 2), proofsHold: true), into: &effects)
            let template = Effect(base: scratch).template
            precondition(template != Template.rejected, "\(RejectedMessage(scratch).reason as Any)")
        }
        return venue
    }

    /// Sequence of the first command of the workload.
    var firstSequence: UInt64 { UInt64(openingCount + 2) }

    /// The command in a slot; its length is that of its template.
    static func command(_ message: UnsafeRawPointer, sequence: UInt64, proofsHold: Bool = false) -> Command {
        let count = MessageHeader.size + Int(MessageHeader(message).blockLength)
        return Command(
            message: message, count: count, kind: .command, sequence: sequence, time: sequence, proofsHold: proofsHold)
    }

    // MARK: Opening

    private func encodeGenesis() {
        let levels = 2 * (workload.priceMaxTicks - workload.priceMinTicks + 1) * workload.instruments
        GenesisMessage.encode(
            at: genesis, random: Bytes32(1), operatorKey: Bytes32(2), logKey: Bytes32(3), receiptKey: Bytes32(4),
            settlementKey: Bytes32(5), time: 1, promiseSeconds: 1, rulesVersion: 1,
            venueName: FixedText.four("BNCH") ?? 0, accountsMax: Self.traders + 3, keySlots: 2,
            assetsMax: workload.instruments + 1, instrumentsMax: workload.instruments,
            ordersMax: UInt32(min(workload.commands, 1 << 21)), levelsMax: levels,
            referencesMax: Self.traders * (workload.instruments + 1), openOrdersMax: UInt32.max)
    }

    private mutating func encodeOpening() {
        for asset in 0...workload.instruments {
            ListAssetMessage.encode(
                at: nextOpening(), account: 1, keySlot: 0, nonce: nonce, deadline: 0, asset: asset, decimals: 8,
                symbol: FixedText.eight("A\(asset)") ?? 0)
        }
        for instrument in 0..<workload.instruments {
            ListInstrumentMessage.encode(
                at: nextOpening(), account: 1, keySlot: 0, nonce: nonce, deadline: 0, instrument: instrument,
                baseAsset: instrument + 1, quoteAsset: 0, priceMultiplier: 1,
                symbol: FixedText.eight("I\(instrument)") ?? 0, lotSize: 100, tickValue: 10,
                priceMinTicks: workload.priceMinTicks, priceMaxTicks: workload.priceMaxTicks,
                referencePriceTicks: workload.priceMinTicks, bandBasisPoints: 0, protectionBasisPoints: 0, makerFee: 10,
                takerFee: 30, feeMode: .quote, state: .continuous, quantityMaxLots: UInt64(UInt32.max - 1),
                notionalMax: UInt64(Int64.max))
        }
        for trader in 0..<Self.traders {
            let account = trader + WellKnownAccount.firstCreated
            CreateAccountMessage.encode(
                at: nextOpening(), account: 1, keySlot: 0, nonce: nonce, deadline: 0, newAccount: account, flags: 0,
                ownerKey: Bytes32(UInt64(account)), proof: Bytes64())
            // Buyers own quote, sellers the base of every instrument.
            if trader < Self.traders / 2 {
                encodeDeposit(account, asset: 0)
            } else {
                for instrument in 0..<workload.instruments { encodeDeposit(account, asset: instrument + 1) }
            }
        }
    }

    private mutating func encodeDeposit(_ account: UInt32, asset: UInt32) {
        DepositMessage.encode(
            at: nextOpening(), account: 1, keySlot: 0, nonce: nonce, deadline: 0, target: account, asset: asset,
            amount: 1 << 52, reference: Bytes32(nonce))
    }

    private var nonce: UInt64 { UInt64(openingCount) }

    private mutating func nextOpening() -> UnsafeMutableRawPointer {
        openingCount += 1
        return opening + (openingCount - 1) * 2 * Self.slotBytes
    }

    // MARK: Translating

    /// Makes every command by applying those before it.
    private mutating func translate() throws(BenchmarkError) {
        var venue = makeVenue()
        // By the workload's order id: the venue's id, and the account.
        var venueIds = [UInt64](repeating: 0, count: workload.orderIdMax + 1)
        var workloadIds = [UInt64](repeating: 0, count: workload.orderIdMax + workload.commands + 1)
        // By the workload's order id: a replacement stays with its account.
        var accounts = [UInt32](repeating: 0, count: workload.orderIdMax + 1)
        var nonces = [UInt64](repeating: 0, count: Int(Self.traders) + 3)
        var outcome = TradeOutcome()
        let scratch = UnsafeMutableRawPointer.allocate(byteCount: EffectWriter.capacity, alignment: 8)
        defer { scratch.deallocate() }
        for index in 0..<workload.commands {
            let record = workload.records[index]
            let place = commands + index * Self.slotBytes
            if record.operation <= Workload.Record.immediateOrCancel {
                accounts[Int(record.orderId)] = Self.account(ofNew: record)
            }
            let account = accounts[Int(record.orderId)]
            accounts[Int(record.replacementOrderId)] = account
            nonces[Int(account)] += 1
            encode(record, at: place, account: account, nonce: nonces[Int(account)], venueIds)
            var effects = EffectWriter(scratch)
            let command = Self.command(place, sequence: firstSequence + UInt64(index))
            guard venue.apply(command, into: &effects) == .done else { preconditionFailure("a record that is full") }
            var cursor = EffectCursor(scratch, count: effects.length)
            while let effect = cursor.read() {
                note(effect, record, &venueIds, &workloadIds, &outcome)
            }
        }
        guard workload.expectation.hasPrefix(outcome.line + " ") else {
            throw .outcome(found: outcome.line, expected: workload.expectation)
        }
    }

    /// The account of a new order: spread, so that neighbouring commands are of different accounts.
    private static func account(ofNew record: Workload.Record) -> UInt32 {
        let half = UInt64(traders / 2)
        let trader = UInt32((record.orderId &* 0x9E37_79B9_7F4A_7C15 &>> 32) % half)
        return WellKnownAccount.firstCreated + trader + (record.side == 0 ? 0 : traders / 2)
    }

    private func encode(
        _ record: Workload.Record, at place: UnsafeMutableRawPointer, account: UInt32, nonce: UInt64,
        _ venueIds: [UInt64]
    ) {
        switch record.operation {
        case Workload.Record.cancel:
            CancelOrderMessage.encode(
                at: place, account: account, keySlot: 0, nonce: nonce, deadline: 0,
                orderId: venueIds[Int(record.orderId)], clientOrderId: Null.u64)
        case Workload.Record.replace:
            ReplaceOrderMessage.encode(
                at: place, account: account, keySlot: 0, nonce: nonce, deadline: 0,
                orderId: venueIds[Int(record.orderId)], clientOrderId: Null.u64,
                newClientOrderId: record.replacementOrderId, priceTicks: record.priceTicks,
                quantityLots: record.quantityLots, flags: .losePriority)
        default:
            NewOrderMessage.encode(
                at: place, account: account, keySlot: 0, nonce: nonce, deadline: 0,
                instrument: UInt32(record.instrument), side: record.side == 0 ? .buy : .sell, orderType: .limit,
                timeInForce: record.operation == Workload.Record.immediateOrCancel
                    ? .immediateOrCancel : .goodTillCancel,
                selfTradePrevention: .cancelTaker, clientOrderId: record.orderId, priceTicks: record.priceTicks,
                quantityLots: record.quantityLots, expiry: Null.u64, displayLots: Null.u32, minimumLots: Null.u32,
                stopPriceTicks: Null.u32, flags: [])
        }
    }

    private func note(
        _ effect: Effect, _ record: Workload.Record, _ venueIds: inout [UInt64], _ workloadIds: inout [UInt64],
        _ outcome: inout TradeOutcome
    ) {
        switch effect.template {
        case Template.accepted:
            let id = AcceptedMessage(effect.base).orderId
            venueIds[Int(record.orderId)] = id
            workloadIds[Int(id)] = record.orderId
        case Template.replaced:
            let id = ReplacedMessage(effect.base).orderId
            venueIds[Int(record.replacementOrderId)] = id
            workloadIds[Int(id)] = record.replacementOrderId
        case Template.executed:
            let trade = ExecutedMessage(effect.base)
            outcome.add(
                trade, maker: workloadIds[Int(trade.makerOrderId)], taker: workloadIds[Int(trade.takerOrderId)])
        default: break
        }
    }
}
