/// A whole state, read from its canonical bytes (rule STA-1).
///
/// Total: any bytes are either a state or give a `StateError`; memory stays proportional to the bytes. What is checked
/// is what the bytes say of themselves: sizes, order, ranges of enumerations and ids, and that parts agree on who
/// exists. Whether the money adds up is for who restores a venue or builds a tree.
public struct CanonicalState: Sendable {
    /// A copy of the canonical bytes.
    public var bytes: [UInt8] { Array(slice) }
    private let slice: ArraySlice<UInt8>
    public let venue: StateVenue
    public let assets: [StateAsset]
    public let instruments: [StateInstrument]
    /// Accounts that exist.
    public var accountCount: Int { accounts.count }
    /// Deposit references.
    public let referenceCount: Int
    /// Open orders.
    public let orderCount: Int

    private let venueOffset: Int
    private let assetsOffset: Int
    private let instrumentsOffset: Int
    private let accounts: [AccountPlace]
    private let referencesOffset: Int
    private let ordersOffset: Int
    /// Numbers of the orders, by account, then by id.
    private let ordersByAccount: [UInt32]

    private struct AccountPlace: Sendable {
        var id: UInt32
        /// Number of its first order in `ordersByAccount`.
        var firstOrder: UInt32
        var orderCount: UInt32
        var offset: Int
        var end: Int
    }

    /// Reads canonical bytes to their last one.
    public init(_ bytes: [UInt8]) throws(StateError) { try self.init(bytes[...]) }

    /// Reads canonical bytes that stand in others, to their last one. They are not copied.
    public init(_ bytes: ArraySlice<UInt8>) throws(StateError) {
        var outcome: Result<CanonicalState, StateError> = .failure(.length(part: "state", offset: 0))
        bytes.withUnsafeBytes { buffer in
            do throws(StateError) { outcome = .success(try CanonicalState(buffer, bytes)) } catch {
                outcome = .failure(error)
            }
        }
        self = try outcome.get()
    }

    private init(_ buffer: UnsafeRawBufferPointer, _ bytes: ArraySlice<UInt8>) throws(StateError) {
        var cursor = StateCursor(buffer)
        slice = bytes
        let version = try cursor.read(UInt32.self)
        try cursor.require(version == StateLayout.version, "version \(version), expected \(StateLayout.version)")
        let capacities = try Self.readGenesis(&cursor, buffer)
        venueOffset = cursor.offset
        venue = try cursor.readVenue()
        let states: [TradingState] = [.continuous, .closed, .cancelOnly, .halted, .endOfMessages]
        try cursor.require(states.contains(venue.state), "state \(venue.state) is none of a venue")
        (assetsOffset, assets) = try Self.readAssets(&cursor, capacities)
        (instrumentsOffset, instruments) = try Self.readInstruments(&cursor, capacities, assets.count)
        var accounts = try Self.readAccounts(&cursor, capacities, assets.count)
        (referencesOffset, referenceCount) = try Self.readReferences(&cursor, capacities)
        ordersOffset = cursor.offset + 8
        ordersByAccount = try Self.readOrders(
            &cursor, capacities, &accounts, instruments.count, lastOrderId: venue.lastOrderId)
        orderCount = ordersByAccount.count
        self.accounts = accounts
        try cursor.requireEnd()
    }

    /// The genesis message in it. The pointer is valid for the call.
    public func withGenesis<Result: ~Copyable>(_ body: (GenesisMessage) -> Result) -> Result {
        let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: StateLayout.genesisBytes, alignment: 8)
        defer { copy.deallocate() }
        copy.copyBytes(from: genesisBytes)
        return body(GenesisMessage(UnsafeRawPointer(copy.baseAddress!)))
    }

    /// The bytes of the genesis message, header included.
    public var genesisBytes: ArraySlice<UInt8> { slice.dropFirst(4).prefix(StateLayout.genesisBytes) }

    /// An account by its number in ascending order of ids.
    public func account(at number: Int) -> StateAccount {
        slice.withUnsafeBytes { buffer in
            var cursor = StateCursor(buffer, at: accounts[number].offset)
            guard let account = try? cursor.readAccount() else { preconditionFailure("an account that was read") }
            return account
        }
    }

    /// Numbers of the open orders of an account, ascending, by its number in ascending order of ids.
    public func orderNumbers(ofAccountAt number: Int) -> ArraySlice<UInt32> {
        let place = accounts[number]
        return ordersByAccount[Int(place.firstOrder)..<Int(place.firstOrder + place.orderCount)]
    }

    /// Bytes of memory that one takes at most beside its bytes, by the capacities of the genesis message.
    public static func byteCountMax(_ genesis: GenesisMessage) -> Int {
        // Assets and instruments come one by one: an array is twice as long as what is in it, beside the one before.
        Int(genesis.accountsMax) * (MemoryLayout<AccountPlace>.stride + 4) + Int(genesis.ordersMax) * 4
            + 3 * Int(genesis.assetsMax) * MemoryLayout<StateAsset>.stride
            + 3 * Int(genesis.instrumentsMax) * MemoryLayout<StateInstrument>.stride
    }

    /// A deposit reference by its number in ascending order.
    public func reference(at number: Int) -> Bytes32 {
        precondition(number >= 0 && number < referenceCount, "a reference that is not there")
        return slice.withUnsafeBytes {
            $0.loadUnaligned(fromByteOffset: referencesOffset + number * StateLayout.referenceBytes, as: Bytes32.self)
        }
    }

    /// An open order by its number in ascending order of ids.
    public func order(at number: Int) -> StateOrder {
        precondition(number >= 0 && number < orderCount, "an order that is not there")
        return slice.withUnsafeBytes { buffer in
            var cursor = StateCursor(buffer, at: ordersOffset + number * StateLayout.orderBytes)
            guard let order = try? cursor.readOrder() else { preconditionFailure("an order that was read") }
            return order
        }
    }
}

// MARK: Reading

extension CanonicalState {
    private struct Capacities {
        var accounts: UInt32, keySlots: UInt32, assets: UInt32, instruments: UInt32, orders: UInt32, references: UInt32
    }

    private static func readGenesis(
        _ cursor: inout StateCursor, _ buffer: UnsafeRawBufferPointer
    ) throws(StateError) -> Capacities {
        cursor.begin("genesis")
        let offset = cursor.offset
        try cursor.skip(StateLayout.genesisBytes)
        let header = MessageHeader(buffer.baseAddress! + offset)
        try cursor.require(
            header.templateId == Template.genesis && header.schemaId == MessageHeader.journalSchema
                && header.version == MessageHeader.version && header.blockLength == GenesisMessage.blockLength,
            "it is no genesis message")
        let genesis = GenesisMessage(buffer.baseAddress! + offset)
        return Capacities(
            accounts: genesis.accountsMax, keySlots: genesis.keySlots, assets: genesis.assetsMax,
            instruments: genesis.instrumentsMax, orders: genesis.ordersMax, references: genesis.referencesMax)
    }

    private static func readAssets(
        _ cursor: inout StateCursor, _ capacities: Capacities
    ) throws(StateError) -> (Int, [StateAsset]) {
        cursor.begin("assets")
        let count = try cursor.readCount(UInt32.self, size: StateLayout.assetBytes)
        try cursor.require(count <= Int(capacities.assets), "\(count), expected at most \(capacities.assets)")
        let offset = cursor.offset
        var assets: [StateAsset] = []
        for _ in 0..<count { assets.append(try cursor.readAsset()) }
        return (offset, assets)
    }

    private static func readInstruments(
        _ cursor: inout StateCursor, _ capacities: Capacities, _ assetCount: Int
    ) throws(StateError) -> (Int, [StateInstrument]) {
        cursor.begin("instruments")
        let count = try cursor.readCount(UInt32.self, size: StateLayout.instrumentBytes)
        try cursor.require(count <= Int(capacities.instruments), "\(count), expected at most \(capacities.instruments)")
        let offset = cursor.offset
        var instruments: [StateInstrument] = []
        for _ in 0..<count {
            let instrument = try cursor.readInstrument()
            let (base, quote) = (Int(instrument.baseAsset), Int(instrument.quoteAsset))
            try cursor.require(base < assetCount && quote < assetCount && base != quote, "assets \(base) and \(quote)")
            instruments.append(instrument)
        }
        return (offset, instruments)
    }

    private static func readAccounts(
        _ cursor: inout StateCursor, _ capacities: Capacities, _ assetCount: Int
    ) throws(StateError) -> [AccountPlace] {
        cursor.begin("accounts")
        let count = try cursor.readCount(UInt32.self, size: StateLayout.accountHeadBytes + 6)
        var accounts: [AccountPlace] = []
        accounts.reserveCapacity(count)
        for number in 0..<count {
            let offset = cursor.offset
            let account = try cursor.readAccount()
            let isNext = accounts.last.map { $0.id < account.id } ?? true
            try cursor.require(isNext && account.id < capacities.accounts, "id \(account.id)")
            // Fees, operator and settlement exist from genesis on.
            try cursor.require(number >= 3 || account.id == UInt32(number), "id \(account.id), expected \(number)")
            try check(account, capacities, assetCount, cursor)
            accounts.append(
                AccountPlace(
                    id: account.id, firstOrder: 0, orderCount: account.openOrders, offset: offset, end: cursor.offset))
        }
        try cursor.require(count >= 3, "\(count) accounts, expected at least 3")
        return accounts
    }

    private static func check(
        _ account: StateAccount, _ capacities: Capacities, _ assetCount: Int, _ cursor: StateCursor
    ) throws(StateError) {
        var last = -1
        for key in account.keys {
            try cursor.require(Int(key.slot) > last && UInt32(key.slot) < capacities.keySlots, "key slot \(key.slot)")
            last = Int(key.slot)
        }
        try cursor.require(account.keys.first?.slot == 0, "no key in slot 0")
        let owner = account.keys.first { $0.slot == account.ownerSlot }
        try cursor.require(owner.map { !$0.isRevoked } ?? false, "no owner key in force")
        last = -1
        for balance in account.balances {
            try cursor.require(Int(balance.asset) > last && Int(balance.asset) < assetCount, "asset \(balance.asset)")
            try cursor.require(balance.available | balance.held != 0, "a balance of nothing")
            last = Int(balance.asset)
        }
    }

    private static func readReferences(
        _ cursor: inout StateCursor, _ capacities: Capacities
    ) throws(StateError) -> (Int, Int) {
        cursor.begin("references")
        let count = try cursor.readCount(UInt64.self, size: StateLayout.referenceBytes)
        try cursor.require(count <= Int(capacities.references), "\(count), expected at most \(capacities.references)")
        let offset = cursor.offset
        var last: Bytes32?
        for _ in 0..<count {
            let reference = try cursor.readBytes32()
            try cursor.require(last.map { $0.precedes(reference) } ?? true, "they do not ascend")
            last = reference
        }
        return (offset, count)
    }

    private static func readOrders(
        _ cursor: inout StateCursor, _ capacities: Capacities, _ accounts: inout [AccountPlace], _ instruments: Int,
        lastOrderId: UInt64
    ) throws(StateError) -> [UInt32] {
        cursor.begin("orders")
        let count = try cursor.readCount(UInt64.self, size: StateLayout.orderBytes)
        try cursor.require(count <= Int(capacities.orders), "\(count), expected at most \(capacities.orders)")
        // Every order gets its place behind those of lower accounts: their numbers are in the accounts.
        var sum: UInt64 = 0
        for number in accounts.indices {
            accounts[number].firstOrder = UInt32(truncatingIfNeeded: sum)
            sum += UInt64(accounts[number].orderCount)
        }
        try cursor.require(sum == UInt64(count), "\(count), but accounts have \(sum)")
        var byAccount = [UInt32](repeating: 0, count: count)
        var filled = [UInt32](repeating: 0, count: accounts.count)
        var last: UInt64 = 0
        for number in 0..<count {
            let order = try cursor.readOrder()
            try cursor.require(order.id > last && order.id <= lastOrderId, "id \(order.id)")
            try cursor.require(Int(order.instrument) < instruments, "instrument \(order.instrument)")
            try cursor.require(order.openLots > 0, "open quantity 0")
            last = order.id
            guard let at = position(of: order.account, in: accounts), filled[at] < accounts[at].orderCount else {
                throw cursor.refusal("account \(order.account) has no such order")
            }
            byAccount[Int(accounts[at].firstOrder + filled[at])] = UInt32(number)
            filled[at] += 1
        }
        return byAccount
    }

    private static func position(of account: UInt32, in accounts: [AccountPlace]) -> Int? {
        var (low, high) = (0, accounts.count)
        while low < high {
            let middle = (low + high) / 2
            if accounts[middle].id < account { low = middle + 1 } else { high = middle }
        }
        return low < accounts.count && accounts[low].id == account ? low : nil
    }
}

// MARK: Parts

extension CanonicalState: StateParts {
    public var listedAssets: UInt32 { UInt32(assets.count) }
    public var listedInstruments: UInt32 { UInt32(instruments.count) }
    public func accountIds() -> [UInt32] { accounts.map(\.id) }
    public func hasAccount(_ account: UInt32) -> Bool { Self.position(of: account, in: accounts) != nil }

    public func forEachReference(_ body: (Bytes32) -> Void) {
        for number in 0..<referenceCount { body(reference(at: number)) }
    }

    public func writeGenesisPart<S: StateSink & ~Copyable>(into sink: inout S) {
        write(4, StateLayout.genesisBytes, &sink)
    }

    public func writeVenuePart<S: StateSink & ~Copyable>(into sink: inout S) {
        write(venueOffset, StateLayout.venueBytes, &sink)
    }

    public func writeAssetPart<S: StateSink & ~Copyable>(_ asset: UInt32, into sink: inout S) {
        precondition(asset < listedAssets, "an unknown asset")
        write(assetsOffset + Int(asset) * StateLayout.assetBytes, StateLayout.assetBytes, &sink)
    }

    public func writeInstrumentPart<S: StateSink & ~Copyable>(_ instrument: UInt32, into sink: inout S) {
        precondition(instrument < listedInstruments, "an unknown instrument")
        let offset = instrumentsOffset + Int(instrument) * StateLayout.instrumentBytes
        write(offset, StateLayout.instrumentBytes, &sink)
    }

    public func writeAccountPart<S: StateSink & ~Copyable>(_ account: UInt32, into sink: inout S) {
        let place = place(of: account)
        write(place.offset, place.end - place.offset, &sink)
    }

    public func writeOrderParts<S: StateSink & ~Copyable>(ofAccount account: UInt32, into sink: inout S) {
        let place = place(of: account)
        for number in ordersByAccount[Int(place.firstOrder)..<Int(place.firstOrder + place.orderCount)] {
            write(ordersOffset + Int(number) * StateLayout.orderBytes, StateLayout.orderBytes, &sink)
        }
    }

    private func place(of account: UInt32) -> AccountPlace {
        guard let at = Self.position(of: account, in: accounts) else { preconditionFailure("an unknown account") }
        return accounts[at]
    }

    private func write<S: StateSink & ~Copyable>(_ offset: Int, _ count: Int, _ sink: inout S) {
        slice.withUnsafeBytes { sink.write(UnsafeRawBufferPointer(rebasing: $0[offset..<(offset + count)])) }
    }
}

extension Bytes32 {
    /// Whether it comes before another as a string of bytes.
    public func precedes(_ other: Bytes32) -> Bool {
        if word0 != other.word0 { return word0.byteSwapped < other.word0.byteSwapped }
        if word1 != other.word1 { return word1.byteSwapped < other.word1.byteSwapped }
        if word2 != other.word2 { return word2.byteSwapped < other.word2.byteSwapped }
        return word3.byteSwapped < other.word3.byteSwapped
    }
}
