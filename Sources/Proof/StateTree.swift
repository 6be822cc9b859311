import Cryptography
import Wire

/// The trees over a state whose hash is the state root; StateRoot.md specifies it.
///
/// Made from all parts of a state once, then brought up to date from the parts that records touched: that costs what
/// changed, not how many accounts there are. Memory grows with the accounts that exist, in pages.
public struct StateTree: ~Copyable, @unchecked Sendable {
    /// Depths: positions are ids below 2^depth, the first two bytes of a hash for references.
    public static let accountDepth = 24
    public static let instrumentDepth = 16
    public static let assetDepth = 10
    static let referenceDepth = 16

    /// The venue's id: BLAKE2b-256 of the body of the genesis message.
    public let venueId: Hash256
    private var venuePart = Hash256.zero
    private var accounts = StateLevels<PlainNodes>(depth: accountDepth)
    private var instruments = StateLevels<PlainNodes>(depth: instrumentDepth)
    private var assets = StateLevels<PlainNodes>(depth: assetDepth)
    private var references = StateLevels<PlainNodes>(depth: referenceDepth)
    /// By asset.
    private var liabilities: [Liabilities] = []
    /// Deposit references by the first two bytes of their hash, ascending.
    private var buckets: [Int: [Bytes32]] = [:]
    /// Assets whose leaf has to be made anew.
    private var changedAssets: Set<UInt32> = []
    private var buffer = StatePartBuffer()

    /// The liabilities tree of an asset, and the asset's part.
    private final class Liabilities {
        var levels = StateLevels<SumNodes>(depth: accountDepth)
        var part: [UInt8] = []
    }

    /// Makes the trees of a whole state.
    public init(_ state: borrowing some StateParts & ~Copyable) throws(StateTreeError) {
        state.writeGenesisPart(into: &buffer)
        venueId = Self.venueId(buffer.bytes)
        for account in state.accountIds() { try setAccount(account, state) }
        for instrument in 0..<state.listedInstruments { try setInstrument(instrument, state) }
        changedAssets.formUnion(0..<state.listedAssets)
        var added: [Bytes32] = []
        state.forEachReference { added.append($0) }
        add(references: added)
        try finish(state)
    }

    /// Makes the trees of a state from its canonical bytes (rule STA-1), which may be any bytes.
    public init(canonical bytes: [UInt8]) throws(StateTreeError) { try self.init(canonical: bytes[...]) }

    /// Makes the trees of a state from its canonical bytes (rule STA-1), which may be any bytes and stand in others.
    public init(canonical bytes: ArraySlice<UInt8>) throws(StateTreeError) {
        let state: CanonicalState
        do throws(StateError) { state = try CanonicalState(bytes) } catch { throw .state(error) }
        try self.init(state)
    }

    /// Takes over what records changed.
    ///
    /// - Parameters:
    ///   - state: the state after them; no command is unfinished.
    ///   - touched: of every record since the last update.
    /// - Throws: what makes the state one without a root; the tree is of no further use then.
    public mutating func update(
        from state: borrowing some StateParts & ~Copyable, _ touched: TouchedParts
    ) throws(StateTreeError) {
        for account in TouchedParts.unique(touched.accounts) { try setAccount(account, state) }
        for instrument in TouchedParts.unique(touched.instruments) { try setInstrument(instrument, state) }
        changedAssets.formUnion(touched.assets)
        add(references: touched.references)
        try finish(state)
    }

    /// The hashes that the root is made of.
    /// - Parameter through: sequence of the last record that made the state.
    public func header(through: UInt64) -> StateHeader {
        StateHeader(
            venueId: venueId, through: through, venuePart: venuePart, assets: assets.root, accounts: accounts.root,
            instruments: instruments.root, references: references.root)
    }

    /// The state root.
    /// - Parameter through: sequence of the last record that made the state.
    public func root(through: UInt64) -> Hash256 { header(through: through).root }

    /// Bytes of memory that the nodes take.
    public var byteCount: Int {
        accounts.byteCount + instruments.byteCount + assets.byteCount + references.byteCount
            + liabilities.reduce(0) { $0 + $1.levels.byteCount }
    }

    // MARK: Leaves

    private mutating func setAccount(
        _ id: UInt32, _ state: borrowing some StateParts & ~Copyable
    ) throws(StateTreeError) {
        guard id < 1 << Self.accountDepth else { throw .capacity("account \(id) is above 2^\(Self.accountDepth) - 1") }
        guard state.hasAccount(id) else { throw .capacity("account \(id) does not exist") }
        buffer.clear()
        buffer.write(UInt8(0))
        state.writeAccountPart(id, into: &buffer)
        let account: StateAccount
        do throws(StateError) {
            account = try StateAccount(part: UnsafeRawBufferPointer(rebasing: buffer.bytes[1...]))
        } catch { throw .state(error) }
        buffer.write(account.openOrders)
        state.writeOrderParts(ofAccount: id, into: &buffer)
        accounts.set(id, Sha256.hash(buffer.bytes))
        try setLiabilities(of: account, state)
    }

    private mutating func setLiabilities(
        of account: StateAccount, _ state: borrowing some StateParts & ~Copyable
    ) throws(StateTreeError) {
        try makeAssets(state.listedAssets)
        guard let ownerKey = account.ownerKey else { throw .capacity("account \(account.id) has no owner key") }
        var next = 0
        for asset in 0..<liabilities.count {
            var amount: UInt128 = 0
            if next < account.balances.count, account.balances[next].asset == UInt32(asset) {
                amount = UInt128(account.balances[next].available) + UInt128(account.balances[next].held)
                next += 1
            }
            let levels = liabilities[asset]
            if amount == 0 && !levels.levels.hasLeaf(Int(account.id)) { continue }
            let leaf = SumNode.leaf(
                ownerKey: Hash256(account: ownerKey), account: account.id, asset: UInt32(asset), amount: amount)
            if leaf == levels.levels.node(0, Int(account.id)) { continue }
            levels.levels.set(account.id, leaf)
        }
        guard next == account.balances.count else { throw .capacity("account \(account.id) has an unlisted asset") }
    }

    private mutating func makeAssets(_ count: UInt32) throws(StateTreeError) {
        guard count <= 1 << Self.assetDepth else { throw .capacity("\(count) assets, at most 2^\(Self.assetDepth)") }
        while liabilities.count < Int(count) { liabilities.append(Liabilities()) }
    }

    private mutating func setInstrument(
        _ id: UInt32, _ state: borrowing some StateParts & ~Copyable
    ) throws(StateTreeError) {
        guard id < 1 << Self.instrumentDepth, id < state.listedInstruments else {
            throw .capacity("instrument \(id) of \(state.listedInstruments)")
        }
        buffer.clear()
        buffer.write(UInt8(0))
        state.writeInstrumentPart(id, into: &buffer)
        instruments.set(id, Sha256.hash(buffer.bytes))
    }

    /// Bucket leaf: SHA-256(00 ‖ references ascending).
    private mutating func add(references added: [Bytes32]) {
        var changed: Set<Int> = []
        for reference in added {
            let hash = withUnsafeBytes(of: reference) { Sha256.hash($0) }
            let bucket = hash.withUnsafeBytes { Int($0[0]) << 8 | Int($0[1]) }
            var held = buckets[bucket] ?? []
            let place = held.firstIndex { !$0.precedes(reference) } ?? held.count
            if place < held.count, held[place] == reference { continue }
            held.insert(reference, at: place)
            buckets[bucket] = held
            changed.insert(bucket)
        }
        for bucket in changed {
            buffer.clear()
            buffer.write(UInt8(0))
            for reference in buckets[bucket] ?? [] { buffer.write(reference) }
            references.set(UInt32(bucket), Sha256.hash(buffer.bytes))
        }
    }

    /// Makes all nodes anew that have to be, and checks that every asset's balances add up to its total.
    private mutating func finish(_ state: borrowing some StateParts & ~Copyable) throws(StateTreeError) {
        try makeAssets(state.listedAssets)
        try accounts.rehash()
        try instruments.rehash()
        try references.rehash()
        for asset in 0..<UInt32(liabilities.count) {
            let tree = liabilities[Int(asset)]
            guard tree.levels.isChanged || changedAssets.contains(asset) || tree.part.isEmpty else { continue }
            try tree.levels.rehash()
            buffer.clear()
            state.writeAssetPart(asset, into: &buffer)
            tree.part = Array(buffer.bytes)
            let root = tree.levels.root
            let total = AssetLeaf.total(tree.part)
            guard root.sum == UInt128(total) else {
                throw .unbacked(asset: asset, total: total, liabilities: root.sum)
            }
            assets.set(asset, AssetLeaf.hash(part: tree.part, liabilities: root))
        }
        changedAssets.removeAll()
        try assets.rehash()
        buffer.clear()
        state.writeGenesisPart(into: &buffer)
        state.writeVenuePart(into: &buffer)
        venuePart = Sha256.hash(buffer.bytes)
    }

    /// The id of the venue whose state it says it is.
    public static func venueId(of state: CanonicalState) -> Hash256 {
        state.genesisBytes.withUnsafeBytes { venueId($0) }
    }

    private static func venueId(_ genesis: UnsafeRawBufferPointer) -> Hash256 {
        Blake2b256.hash(UnsafeRawBufferPointer(rebasing: genesis[MessageHeader.size...]))
    }
}

// MARK: Proofs

extension StateTree {
    /// A proof of what an account is owed of an asset; also of nothing. Nil for an asset that is not listed, or an
    /// account that cannot exist.
    ///
    /// - Parameters:
    ///   - ownerKey: the account's owner key; not looked at when it is owed nothing.
    ///   - through: sequence of the last record that made the state.
    public func balanceProof(
        account: UInt32, asset: UInt32, ownerKey: Hash256, through: UInt64
    ) -> BalanceProof? {
        guard account < 1 << Self.accountDepth, Int(asset) < liabilities.count else { return nil }
        let tree = liabilities[Int(asset)]
        let amount = tree.levels.node(0, Int(account)).sum
        return BalanceProof(
            account: account, asset: asset, ownerKey: amount == 0 ? .zero : ownerKey, amount: amount,
            sums: tree.levels.path(account), assetPart: tree.part, assetPath: assets.path(asset),
            header: header(through: through))
    }
}

/// The leaf of an asset in the tree of assets.
enum AssetLeaf {
    /// SHA-256(00 ‖ asset part ‖ liabilities hash ‖ liabilities sum 16 BE).
    static func hash(part: [UInt8], liabilities: SumNode) -> Hash256 {
        var bytes = [UInt8](repeating: 0, count: 1 + part.count + SumNode.byteCount)
        bytes.replaceSubrange(1..<(1 + part.count), with: part)
        bytes.withUnsafeMutableBytes { liabilities.store(to: $0.baseAddress! + 1 + part.count) }
        return Sha256.hash(bytes)
    }

    /// Deposits minus withdrawals, of an asset's part of 17 bytes.
    static func total(_ part: [UInt8]) -> UInt64 {
        precondition(part.count == StateLayout.assetBytes)
        return part.withUnsafeBytes { UInt64(littleEndian: $0.loadUnaligned(fromByteOffset: 9, as: UInt64.self)) }
    }
}

extension Hash256 {
    /// A key as it stands in a state.
    init(account key: Bytes32) { self = Swift.withUnsafeBytes(of: key) { Hash256(loading: $0.baseAddress!) } }
}
