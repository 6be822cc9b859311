/// Reads parts of canonical bytes one after the other; every step refuses what is not there.
struct StateCursor {
    private let bytes: UnsafeRawBufferPointer
    private(set) var offset: Int
    private(set) var part = "state"
    private var partOffset: Int

    init(_ bytes: UnsafeRawBufferPointer, at offset: Int = 0) {
        self.bytes = bytes
        self.offset = offset
        partOffset = offset
    }

    var bytesLeft: Int { bytes.count - offset }

    /// Names what comes next, for errors.
    mutating func begin(_ part: String) {
        self.part = part
        partOffset = offset
    }

    func refusal(_ text: String) -> StateError { .value(part: part, offset: partOffset, text) }

    func require(_ condition: Bool, _ text: @autoclosure () -> String) throws(StateError) {
        if !condition { throw refusal(text()) }
    }

    mutating func read<Value: FixedWidthInteger>(_ type: Value.Type) throws(StateError) -> Value {
        let size = MemoryLayout<Value>.size
        guard bytesLeft >= size else { throw .length(part: part, offset: partOffset) }
        let value = bytes.loadUnaligned(fromByteOffset: offset, as: Value.self)
        offset += size
        return Value(littleEndian: value)
    }

    mutating func readBytes32() throws(StateError) -> Bytes32 {
        guard bytesLeft >= 32 else { throw .length(part: part, offset: partOffset) }
        let value = bytes.loadUnaligned(fromByteOffset: offset, as: Bytes32.self)
        offset += 32
        return value
    }

    mutating func readFlag(_ name: String) throws(StateError) -> Bool {
        let value = try read(UInt8.self)
        guard value <= 1 else { throw refusal("\(name) is \(value)") }
        return value == 1
    }

    mutating func skip(_ count: Int) throws(StateError) {
        guard count >= 0, bytesLeft >= count else { throw .length(part: part, offset: partOffset) }
        offset += count
    }

    /// A number of entries of at least `size` bytes each: never more than there are bytes for.
    mutating func readCount<Value: FixedWidthInteger & UnsignedInteger>(
        _ type: Value.Type, size: Int
    ) throws(StateError) -> Int {
        let count = try read(type)
        guard UInt64(count) <= UInt64(bytesLeft / size) else { throw .length(part: part, offset: partOffset) }
        return Int(count)
    }

    func requireEnd() throws(StateError) {
        guard bytesLeft == 0 else { throw .length(part: part, offset: partOffset) }
    }
}

// MARK: Parts

extension StateCursor {
    mutating func readVenue() throws(StateError) -> StateVenue {
        begin("venue")
        let generation = try read(UInt32.self)
        guard let state = TradingState(rawValue: try read(UInt8.self)) else { throw refusal("unknown state") }
        let isBlocked = try readFlag("kill switch")
        var keys: [Bytes32] = []
        for _ in 0..<4 { keys.append(try readBytes32()) }
        return StateVenue(
            feedGeneration: generation, state: state, isBlocked: isBlocked, keys: keys,
            lastOrderId: try read(UInt64.self), lastMatchNumber: try read(UInt64.self))
    }

    mutating func readAsset() throws(StateError) -> StateAsset {
        begin("asset")
        return StateAsset(
            symbol: try read(UInt64.self), decimals: try read(UInt8.self), total: try read(UInt64.self))
    }

    mutating func readInstrument() throws(StateError) -> StateInstrument {
        begin("instrument")
        let symbol = try read(UInt64.self)
        let (base, quote) = (try read(UInt32.self), try read(UInt32.self))
        let (lotSize, tickValue) = (try read(UInt64.self), try read(UInt64.self))
        let (multiplier, low, high) = (try read(UInt32.self), try read(UInt32.self), try read(UInt32.self))
        let (reference, band, protection) = (try read(UInt32.self), try read(UInt32.self), try read(UInt32.self))
        let (maker, taker) = (try read(Int32.self), try read(Int32.self))
        guard let feeMode = FeeMode(rawValue: try read(UInt8.self)) else { throw refusal("unknown fee mode") }
        guard let state = TradingState(rawValue: try read(UInt8.self)) else { throw refusal("unknown state") }
        return StateInstrument(
            symbol: symbol, baseAsset: base, quoteAsset: quote, lotSize: lotSize, tickValue: tickValue,
            priceMultiplier: multiplier, priceMinTicks: low, priceMaxTicks: high, referencePriceTicks: reference,
            bandBasisPoints: band, protectionBasisPoints: protection, makerFee: maker, takerFee: taker,
            feeMode: feeMode, state: state, quantityMaxLots: try read(UInt64.self),
            notionalMax: try read(UInt64.self))
    }

    mutating func readAccount() throws(StateError) -> StateAccount {
        begin("account")
        let id = try read(UInt32.self)
        let isBlocked = try readFlag("kill switch")
        let ownerSlot = try read(UInt16.self)
        let (openOrdersMax, openOrders) = (try read(UInt32.self), try read(UInt32.self))
        var keys: [StateKey] = []
        let keyCount = try readCount(UInt16.self, size: StateLayout.keyBytes)
        keys.reserveCapacity(keyCount)
        for _ in 0..<keyCount { keys.append(try readKey()) }
        var balances: [StateBalance] = []
        let balanceCount = try readCount(UInt32.self, size: StateLayout.balanceBytes)
        balances.reserveCapacity(balanceCount)
        for _ in 0..<balanceCount {
            balances.append(
                StateBalance(
                    asset: try read(UInt32.self), available: try read(UInt64.self), held: try read(UInt64.self)))
        }
        return StateAccount(
            id: id, isBlocked: isBlocked, ownerSlot: ownerSlot, openOrdersMax: openOrdersMax, openOrders: openOrders,
            keys: keys, balances: balances)
    }

    private mutating func readKey() throws(StateError) -> StateKey {
        let slot = try read(UInt16.self)
        let state = try read(UInt8.self)
        guard state == 1 || state == 2 else { throw refusal("a key of state \(state)") }
        return StateKey(
            slot: slot, isRevoked: state == 2, flags: try read(UInt16.self), key: try readBytes32(),
            nonceMark: try read(UInt64.self))
    }

    mutating func readOrder() throws(StateError) -> StateOrder {
        begin("order")
        let (id, account, instrument) = (try read(UInt64.self), try read(UInt32.self), try read(UInt32.self))
        guard let side = Side(rawValue: try read(UInt8.self)) else { throw refusal("unknown side") }
        let (price, lots, clientOrderId) = (try read(UInt32.self), try read(UInt32.self), try read(UInt64.self))
        guard let prevention = SelfTradePrevention(rawValue: try read(UInt8.self)) else {
            throw refusal("unknown self-trade prevention")
        }
        let isPostOnly = try readFlag("postOnly")
        return StateOrder(
            id: id, account: account, instrument: instrument, side: side, priceTicks: price, openLots: lots,
            clientOrderId: clientOrderId, selfTradePrevention: prevention, isPostOnly: isPostOnly,
            carry: try read(UInt32.self), makerRate: try read(Int32.self))
    }
}

extension StateAccount {
    /// Reads one account part of canonical bytes, which ends where the bytes do.
    public init(part bytes: UnsafeRawBufferPointer) throws(StateError) {
        var cursor = StateCursor(bytes)
        self = try cursor.readAccount()
        try cursor.requireEnd()
    }
}
