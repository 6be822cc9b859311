/// The order books of all instruments: one slab of orders, one table of order ids, one pool of price levels.
///
/// A book knows prices, quantities and priority, and nothing of money: its owner (the venue) decides what trades
/// with what and takes every step itself, from `maker(against:instrument:limitTicks:)` over `reduce` and `remove`
/// to `insert`. All memory is allocated by `init`; no step allocates, and each takes constant time, save for the
/// walks that say so.
///
/// What a step requires is checked by the caller before (`isFull`, `contains(instrument:priceTicks:)`, an unused
/// id) and here again by `precondition` where a mistake would write outside the book's memory.
@frozen
public struct Books: ~Copyable {
    /// What the books hold at most.
    public let capacity: BookCapacity
    /// Price levels that no instrument has taken.
    public private(set) var unusedLevelCount: Int

    @usableFromInline var restingCount: Int

    /// Head of the list of slots that were used and are free again; the last freed, still in the cache, is reused
    /// first.
    @usableFromInline var freeSlot: UInt32
    /// Slots below this have been used.
    @usableFromInline var freshSlot: UInt32
    @usableFromInline let idMask: UInt64
    @usableFromInline let nodes: UnsafeMutablePointer<OrderNode>
    @usableFromInline let idBuckets: UnsafeMutablePointer<UInt32>
    @usableFromInline let ladders: UnsafeMutablePointer<LadderHandle>

    /// Nil when nobody owns orders; so are the four below it.
    @usableFromInline let details: UnsafeMutablePointer<OrderDetail>?
    /// Two for each slot, on one cache line: in the account's list, and in the instrument's.
    @usableFromInline let links: UnsafeMutablePointer<OrderLinks>?
    @usableFromInline let accountLists: UnsafeMutablePointer<OrderList>?
    @usableFromInline let instrumentLists: UnsafeMutablePointer<OrderList>?
    @usableFromInline let clientBuckets: UnsafeMutablePointer<UInt32>?
    @usableFromInline let clientMask: UInt64
    @usableFromInline let clientKey: (UInt64, UInt64)

    private var nextLevels: UnsafeMutablePointer<PriceLevel>
    private var nextWords: UnsafeMutablePointer<UInt64>
    let memory: BookMemory

    /// The client order id of an order that has none: SBE's null of an unsigned 64-bit field.
    @inlinable @inline(__always)
    public static var noClientOrderId: UInt64 { UInt64.max }

    /// Allocates `capacity.memoryBytes` of memory and makes empty books without instruments.
    ///
    /// - Parameters:
    ///   - clientOrderIdKey: 128 secret random bits, drawn by each process. Clients choose their order ids, and who
    ///     knew the key could choose them so that all of them share one bucket. No outcome depends on it.
    ///   - isPopulated: whether all of the memory is made present at once, so that no step ever waits for the
    ///     kernel. Only who will touch little of it says no.
    public init(
        capacity: BookCapacity, clientOrderIdKey: (UInt64, UInt64) = (0, 0), isPopulated: Bool = true
    ) throws(BookError) {
        guard capacity.isValid else { throw .capacity }
        let layout = BookLayout(capacity)
        let memory = try BookMemory(bytes: layout.totalBytes, isPopulated: isPopulated)
        let base = memory.base
        func array<Element>(_ type: Element.Type, at offset: Int) -> UnsafeMutablePointer<Element> {
            (base + offset).assumingMemoryBound(to: type)
        }
        self.capacity = capacity
        restingCount = 0
        unusedLevelCount = capacity.levels
        freeSlot = 0
        freshSlot = 1
        idMask = UInt64(layout.idBucketCount - 1)
        nodes = array(OrderNode.self, at: layout.nodes)
        idBuckets = array(UInt32.self, at: layout.idBuckets)
        ladders = array(LadderHandle.self, at: layout.ladders)
        let owned = capacity.accounts > 0
        details = owned ? array(OrderDetail.self, at: layout.details) : nil
        links = owned ? array(OrderLinks.self, at: layout.links) : nil
        accountLists = owned ? array(OrderList.self, at: layout.accountLists) : nil
        instrumentLists = owned ? array(OrderList.self, at: layout.instrumentLists) : nil
        clientBuckets = owned ? array(UInt32.self, at: layout.clientBuckets) : nil
        clientMask = owned ? UInt64(layout.clientBucketCount - 1) : 0
        clientKey = clientOrderIdKey
        nextLevels = array(PriceLevel.self, at: layout.levels)
        nextWords = array(UInt64.self, at: layout.words)
        self.memory = memory
        for index in 0..<(2 * capacity.instruments) { ladders[index].bestKey = LadderHandle.noKey }
    }

    /// Orders resting over all instruments.
    @inlinable @inline(__always)
    public var orderCount: Int { restingCount }

    /// Whether no further order can rest.
    @inlinable @inline(__always)
    public var isFull: Bool { restingCount == capacity.orders }

    // MARK: Instruments

    /// Gives an instrument its range of prices, both ends included, for ever.
    ///
    /// Takes `BookCapacity.levels(minPriceTicks:maxPriceTicks:)` levels. A price outside the range cannot rest:
    /// the owner refuses it at its door, with a reason.
    public mutating func list(
        instrument: UInt32, minPriceTicks: UInt32, maxPriceTicks: UInt32
    ) throws(BookError) {
        guard instrument < capacity.instruments else { throw .unknownInstrument }
        guard !isListed(instrument) else { throw .alreadyListed }
        guard minPriceTicks >= 1, minPriceTicks <= maxPriceTicks, maxPriceTicks < UInt32.max else {
            throw .priceRange
        }
        let levelCount = Int(maxPriceTicks - minPriceTicks) + 1
        guard levelCount <= Self.pricesPerInstrumentMax else { throw .priceRange }
        guard 2 * levelCount <= unusedLevelCount else { throw .levelsExhausted }
        for side in [BookSide.bid, .ask] {
            let bestPriceTicks = side == .bid ? maxPriceTicks : minPriceTicks
            ladders[Self.ladderIndex(instrument, side)] = LadderHandle(
                baseKey: bestPriceTicks ^ side.keyMask, levelCount: levelCount, levels: nextLevels, words: nextWords)
            nextLevels += levelCount
            nextWords += LadderHandle.wordCount(levels: levelCount)
        }
        unusedLevelCount -= 2 * levelCount
    }

    /// The most prices that one instrument's range holds.
    public static var pricesPerInstrumentMax: Int { LadderHandle.levelCountMax }

    /// Whether the instrument has been listed; false for one beyond the capacity.
    @inlinable @inline(__always)
    public func isListed(_ instrument: UInt32) -> Bool {
        instrument < UInt32(truncatingIfNeeded: capacity.instruments)
            && ladders[Self.ladderIndex(instrument, .bid)].levelCount != 0
    }

    /// Whether an order can rest at a price: the instrument is listed and the price within its range.
    @inlinable @inline(__always)
    public func contains(instrument: UInt32, priceTicks: UInt32) -> Bool {
        guard instrument < UInt32(truncatingIfNeeded: capacity.instruments) else { return false }
        let ladder = ladders + Self.ladderIndex(instrument, .ask)
        return priceTicks &- ladder.pointee.baseKey < ladder.pointee.levelCount
    }

    @inlinable @inline(__always)
    static func ladderIndex(_ instrument: UInt32, _ side: BookSide) -> Int {
        Int(instrument) &* 2 &+ Int(side.rawValue)
    }

    @inlinable @inline(__always)
    func ladder(_ instrument: UInt32, _ side: BookSide) -> UnsafeMutablePointer<LadderHandle> {
        precondition(instrument < UInt32(truncatingIfNeeded: capacity.instruments), "an unknown instrument")
        return ladders + Self.ladderIndex(instrument, side)
    }
}

// Raw pointers into memory of its own, which only one owner can reach.
extension Books: @unchecked Sendable {}
