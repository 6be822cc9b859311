/// How much books hold. Everything is allocated for it at the start, and nothing afterwards.
public struct BookCapacity: Equatable, Sendable {
    /// Instruments are 0 ..< this; at most `instrumentsMax`.
    public var instruments: Int
    /// Orders resting at the same time, over all instruments; at most `ordersMax`.
    public var orders: Int
    /// Price levels over all instruments: a listing takes two for every price of its range.
    public var levels: Int
    /// Accounts are 0 ..< this. 0 means that nobody owns orders: no details, owners' lists or client order ids.
    public var accounts: Int

    /// ITCH names an instrument by a 16-bit locate code, instrument + 1.
    public static let instrumentsMax = 65_535 - 1
    /// Slots and the id table's mask are 32 bits wide, and the table has up to four buckets an order.
    public static let ordersMax = 1 << 28
    /// 16 bytes a level: 64 GiB.
    public static let levelsMax = 1 << 32
    /// Accounts are 32 bits wide, and a list head is 12 bytes.
    public static let accountsMax = 1 << 28

    public init(instruments: Int, orders: Int, levels: Int, accounts: Int) {
        self.instruments = instruments
        self.orders = orders
        self.levels = levels
        self.accounts = accounts
    }

    /// Whether every field is within its bounds.
    public var isValid: Bool {
        instruments > 0 && instruments <= Self.instrumentsMax
            && orders > 0 && orders <= Self.ordersMax
            && levels >= 0 && levels <= Self.levelsMax
            && accounts >= 0 && accounts <= Self.accountsMax
    }

    /// The anonymous memory, in bytes, that books of this capacity take, all of it at their start.
    ///
    /// The capacity must be valid.
    public var memoryBytes: Int {
        precondition(isValid, "a book's capacity is out of bounds")
        return BookLayout(self).totalBytes
    }

    /// The levels that listing a range of prices takes.
    public static func levels(minPriceTicks: UInt32, maxPriceTicks: UInt32) -> Int {
        minPriceTicks <= maxPriceTicks ? 2 * (Int(maxPriceTicks) - Int(minPriceTicks) + 1) : 0
    }
}

/// Where each array lies in the one block of memory that books have.
struct BookLayout {
    /// Every array starts on a cache line.
    static let alignmentBytes = 64
    /// The block is a multiple of huge pages.
    static let hugePageBytes = 2 << 20

    private(set) var totalBytes = 0
    let nodes: Int
    let idBuckets: Int
    let idBucketCount: Int
    let ladders: Int
    let words: Int
    let levels: Int
    let details: Int
    let links: Int
    let accountLists: Int
    let instrumentLists: Int
    let clientBuckets: Int
    let clientBucketCount: Int

    init(_ capacity: BookCapacity) {
        var end = 0
        func place<Element>(_ type: Element.Type, _ count: Int) -> Int {
            let start = end
            let bytes = count * MemoryLayout<Element>.stride
            end = (start + bytes + Self.alignmentBytes - 1) / Self.alignmentBytes * Self.alignmentBytes
            return start
        }
        // Slot 0 is no order, but has memory: lists end there.
        let slots = capacity.orders + 1
        let owned = capacity.accounts > 0
        idBucketCount = Self.bucketCount(orders: capacity.orders)
        clientBucketCount = owned ? idBucketCount : 0
        nodes = place(OrderNode.self, slots)
        idBuckets = place(UInt32.self, idBucketCount)
        ladders = place(LadderHandle.self, 2 * capacity.instruments)
        words = place(
            UInt64.self, LadderHandle.wordCountMax(levels: capacity.levels, ladders: 2 * capacity.instruments))
        levels = place(PriceLevel.self, capacity.levels)
        details = place(OrderDetail.self, owned ? slots : 0)
        links = place(OrderLinks.self, owned ? 2 * slots : 0)
        accountLists = place(OrderList.self, capacity.accounts)
        instrumentLists = place(OrderList.self, owned ? capacity.instruments : 0)
        clientBuckets = place(UInt32.self, clientBucketCount)
        totalBytes = (end + Self.hugePageBytes - 1) / Self.hugePageBytes * Self.hugePageBytes
    }

    /// A power of two, at least twice the orders, so that few orders share a bucket.
    private static func bucketCount(orders: Int) -> Int {
        var count = 2
        while count < 2 * orders { count *= 2 }
        return count
    }
}
