import Venue
import Wire

/// The records of a small venue in memory: two accounts that trade, cancel and are refused.
struct Market {
    /// Whole records, hashes aside, which nobody asks for here.
    private(set) var records: [[UInt8]] = []
    private var nonces: [UInt32: UInt64] = [:]

    /// Calls `body` with each record behind the venue that has applied it.
    static func replay(_ body: (RecordView, borrowing Venue) throws -> Void) rethrows {
        var market = Market()
        try market.run(body)
    }

    private mutating func run(_ body: (RecordView, borrowing Venue) throws -> Void) rethrows {
        let genesis = Self.message(GenesisMessage.size) {
            GenesisMessage.encode(
                at: $0, random: Bytes32(1, 2, 3, 4), operatorKey: Bytes32(1), logKey: Bytes32(2),
                receiptKey: Bytes32(3), settlementKey: Bytes32(4), time: 1, promiseSeconds: 60, rulesVersion: 1,
                venueName: FixedText.four("TEST")!, accountsMax: 8, keySlots: 2, assetsMax: 2, instrumentsMax: 1,
                ordersMax: 2000, levelsMax: 2000, referencesMax: 16, openOrdersMax: 2000)
        }
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: genesis.count, alignment: 8)
        defer { copy.deallocate() }
        copy.copyBytes(from: genesis)
        var venue = Venue(genesis: GenesisMessage(copy.baseAddress!))
        try apply(.genesis, genesis, &venue, body)
        for command in script() { try apply(.command, command, &venue, body) }
    }

    private mutating func script() -> [[UInt8]] {
        var commands: [[UInt8]] = []
        func command(_ account: UInt32, _ size: Int, _ encode: (UnsafeMutableRawPointer, UInt64) -> Void) {
            nonces[account, default: 0] += 1
            let nonce = nonces[account]!
            commands.append(Self.message(size) { encode($0, nonce) })
        }
        for (asset, name) in ["USD", "GLD"].enumerated() {
            command(1, ListAssetMessage.size) { base, nonce in
                ListAssetMessage.encode(
                    at: base, account: 1, keySlot: 0, nonce: nonce, deadline: 0, asset: UInt32(asset), decimals: 2,
                    symbol: FixedText.eight(name)!)
            }
        }
        command(1, ListInstrumentMessage.size) { base, nonce in
            ListInstrumentMessage.encode(
                at: base, account: 1, keySlot: 0, nonce: nonce, deadline: 0, instrument: 0, baseAsset: 1,
                quoteAsset: 0, priceMultiplier: 100, symbol: FixedText.eight("GLDUSD")!, lotSize: 1, tickValue: 1,
                priceMinTicks: 1, priceMaxTicks: 900, referencePriceTicks: 100, bandBasisPoints: 0,
                protectionBasisPoints: 0, makerFee: 10, takerFee: 30, feeMode: .quote, state: .continuous,
                quantityMaxLots: 1_000_000, notionalMax: 1 << 40)
        }
        for account in UInt32(3)...4 {
            command(1, CreateAccountMessage.size) { base, nonce in
                CreateAccountMessage.encode(
                    at: base, account: 1, keySlot: 0, nonce: nonce, deadline: 0, newAccount: account, flags: 0,
                    ownerKey: Bytes32(UInt64(account)), proof: Bytes64())
            }
            for asset in UInt32(0)...1 {
                command(1, DepositMessage.size) { base, nonce in
                    DepositMessage.encode(
                        at: base, account: 1, keySlot: 0, nonce: nonce, deadline: 0, target: account, asset: asset,
                        amount: 1_000_000, reference: Bytes32(nonce))
                }
            }
        }
        func order(_ account: UInt32, _ side: Side, _ price: UInt32, _ quantity: UInt32) {
            command(account, NewOrderMessage.size) { base, nonce in
                NewOrderMessage.encode(
                    at: base, account: account, keySlot: 0, nonce: nonce, deadline: 0, instrument: 0, side: side,
                    orderType: .limit, timeInForce: .goodTillCancel, selfTradePrevention: .cancelTaker,
                    clientOrderId: nonce, priceTicks: price, quantityLots: quantity, expiry: Null.u64,
                    displayLots: Null.u32, minimumLots: Null.u32, stopPriceTicks: Null.u32, flags: [])
            }
        }
        order(3, .sell, 100, 10)
        order(3, .sell, 101, 10)
        order(4, .buy, 101, 15)
        order(4, .buy, 5_000, 1)
        command(3, CancelOrderMessage.size) { base, nonce in
            CancelOrderMessage.encode(
                at: base, account: 3, keySlot: 0, nonce: nonce, deadline: 0, orderId: Null.u64, clientOrderId: 2)
        }
        return commands
    }

    private mutating func apply(
        _ kind: RecordKind, _ message: [UInt8], _ venue: inout Venue,
        _ body: (RecordView, borrowing Venue) throws -> Void
    ) rethrows {
        let sequence = UInt64(records.count + 1)
        let time = 1_700_000_000_000_000_000 + sequence
        let scratch = UnsafeMutableRawPointer.allocate(byteCount: EffectWriter.capacity, alignment: 64)
        defer { scratch.deallocate() }
        var effects = EffectWriter(scratch)
        message.withUnsafeBytes {
            let command = Command(
                message: $0.baseAddress!, count: message.count, kind: kind, sequence: sequence, time: time,
                proofsHold: true)
            _ = venue.apply(command, into: &effects)
        }
        let length = RecordLayout.body + RecordLayout.padded(message.count) + effects.length + RecordLayout.hashBytes
        let record = UnsafeMutableRawPointer.allocate(byteCount: length, alignment: 8)
        defer { record.deallocate() }
        record.initializeMemory(as: UInt8.self, repeating: 0, count: length)
        record.storeBytes(of: UInt32(length), as: UInt32.self)
        record.storeBytes(of: sequence, toByteOffset: RecordLayout.sequence, as: UInt64.self)
        record.storeBytes(of: time, toByteOffset: RecordLayout.time, as: UInt64.self)
        record.storeBytes(of: kind.rawValue, toByteOffset: RecordLayout.kind, as: UInt16.self)
        record.storeBytes(of: UInt32(message.count), toByteOffset: RecordLayout.commandLength, as: UInt32.self)
        record.storeBytes(of: UInt32(effects.length), toByteOffset: RecordLayout.effectsLength, as: UInt32.self)
        message.withUnsafeBytes { (record + RecordLayout.body).copyMemory(from: $0.baseAddress!, byteCount: $0.count) }
        (record + RecordLayout.body + RecordLayout.padded(message.count))
            .copyMemory(from: scratch, byteCount: effects.length)
        records.append(Array(UnsafeRawBufferPointer(start: record, count: length)))
        try body(RecordView(record), venue)
    }

    private static func message(_ size: Int, _ encode: (UnsafeMutableRawPointer) -> Void) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: size)
        bytes.withUnsafeMutableBytes { encode($0.baseAddress!) }
        return bytes
    }
}
