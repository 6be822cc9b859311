import Wire

/// What a ledger holds at most: the capacities of genesis.
public struct LedgerCapacity: Equatable, Sendable {
    /// Accounts are 0 ..< this.
    public var accounts: UInt32
    /// Key slots of each account, for ever.
    public var keySlots: UInt32
    /// Assets are 0 ..< this.
    public var assets: UInt32
    /// Deposit references that are remembered.
    public var references: UInt32

    public init(accounts: UInt32, keySlots: UInt32, assets: UInt32, references: UInt32) {
        self.accounts = accounts
        self.keySlots = keySlots
        self.assets = assets
        self.references = references
    }

    /// The anonymous memory that a ledger of this capacity takes, bytes, all of it at its start.
    public var memoryBytes: Int { LedgerLayout(self).totalBytes }
}

/// Where each array lies in the one block of memory that a ledger has.
struct LedgerLayout {
    static let alignmentBytes = 64
    private(set) var totalBytes = 0
    let keys: Int
    let accounts: Int
    let balances: Int
    let assets: Int
    let references: Int
    let referenceIndex: Int
    /// Buckets of the index of references: a power of two, at least twice as many as references.
    let referenceBuckets: Int

    init(_ capacity: LedgerCapacity) {
        var end = 0
        func place(_ stride: Int, _ count: Int) -> Int {
            let start = end
            end = (start + stride * count + Self.alignmentBytes - 1) / Self.alignmentBytes * Self.alignmentBytes
            return start
        }
        let accountCount = Int(capacity.accounts)
        var buckets = 2
        while buckets < 2 * Int(capacity.references) { buckets *= 2 }
        referenceBuckets = buckets
        keys = place(MemoryLayout<KeyRow>.stride, accountCount * Int(capacity.keySlots))
        accounts = place(MemoryLayout<AccountRow>.stride, accountCount)
        balances = place(MemoryLayout<Balance>.stride, accountCount * Int(capacity.assets))
        assets = place(MemoryLayout<AssetRow>.stride, Int(capacity.assets))
        references = place(MemoryLayout<Bytes32>.stride, Int(capacity.references))
        referenceIndex = place(MemoryLayout<UInt32>.stride, buckets)
        totalBytes = end
    }
}
