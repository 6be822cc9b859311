/// The price levels of one instrument and side, and the bitmap that finds the occupied ones: 64 bytes.
///
/// Levels are indexed by key (see `BookSide.keyMask`), so index 0 is the best price of the range on either side,
/// and "worse" is always "larger". Of the bitmap's four tiers, bit i of tier 0 says that level i has orders; bit i
/// of tier n + 1 says that word i of tier n is not zero. Whatever the gap between two occupied prices, the next
/// one is at most seven words away.
///
/// Handles are made by `Books` and point into its memory.
@frozen
@usableFromInline
struct LadderHandle {
    /// Key of the best occupied level; `noKey` when the side is empty.
    @usableFromInline var bestKey: UInt32
    /// Key of the best price in the range, occupied or not: the key of level 0.
    @usableFromInline var baseKey: UInt32
    /// Prices in the range; 0 when the instrument is not listed.
    @usableFromInline var levelCount: UInt32
    /// Orders resting on this side.
    @usableFromInline var orderCount: UInt32
    @usableFromInline var levels: UnsafeMutablePointer<PriceLevel>
    @usableFromInline var tier0: UnsafeMutablePointer<UInt64>
    @usableFromInline var tier1: UnsafeMutablePointer<UInt64>
    @usableFromInline var tier2: UnsafeMutablePointer<UInt64>
    @usableFromInline var tier3: UnsafeMutablePointer<UInt64>
    @usableFromInline var unused: UInt64

    /// Worse than any price's key: keys of prices 1 to `UInt32.max - 1` are below it on both sides.
    @inlinable @inline(__always)
    static var noKey: UInt32 { UInt32.max }

    /// The most prices a ladder holds: four tiers of 64.
    static let levelCountMax = 64 * 64 * 64 * 64

    init(
        baseKey: UInt32, levelCount: Int, levels: UnsafeMutablePointer<PriceLevel>, words: UnsafeMutablePointer<UInt64>
    ) {
        precondition(levelCount > 0 && levelCount <= Self.levelCountMax)
        bestKey = Self.noKey
        self.baseKey = baseKey
        self.levelCount = UInt32(levelCount)
        orderCount = 0
        self.levels = levels
        let counts = Self.tierWordCounts(levels: levelCount)
        // The small tiers first: together they are a few cache lines.
        tier3 = words
        tier2 = tier3 + 1
        tier1 = tier2 + counts.2
        tier0 = tier1 + counts.1
        unused = 0
    }

    /// Words of tiers 0 to 2; tier 3 is always one word.
    private static func tierWordCounts(levels: Int) -> (Int, Int, Int) {
        let zero = (levels + 63) / 64
        let one = (zero + 63) / 64
        return (zero, one, (one + 63) / 64)
    }

    /// Words of bitmap that a ladder takes.
    static func wordCount(levels: Int) -> Int {
        let counts = tierWordCounts(levels: levels)
        return counts.0 + counts.1 + counts.2 + 1
    }

    /// Words of bitmap that any set of ladders takes at most that share so many levels.
    static func wordCountMax(levels: Int, ladders: Int) -> Int {
        levels / 64 + levels / 4096 + levels / 262_144 + 4 * ladders
    }

    // MARK: Bitmap

    /// Marks a level as occupied.
    @inlinable @inline(__always)
    mutating func mark(_ index: UInt32) {
        assert(index < levelCount)
        let word = tier0 + Int(index &>> 6)
        let before = word.pointee
        word.pointee = before | (1 &<< UInt64(index & 63))
        if before == 0 { markUpperTiers(index &>> 6) }
    }

    /// The rare part of `mark`: the first level of its word.
    @inlinable @inline(__always)
    func markUpperTiers(_ index: UInt32) {
        tier1[Int(index &>> 6)] |= 1 &<< UInt64(index & 63)
        tier2[Int(index &>> 12)] |= 1 &<< UInt64((index &>> 6) & 63)
        tier3.pointee |= 1 &<< UInt64((index &>> 12) & 63)
    }

    /// Marks a level as empty, and finds the best one again when it was that.
    @inlinable @inline(__always)
    mutating func unmark(_ index: UInt32) {
        assert(index < levelCount)
        let word = tier0 + Int(index &>> 6)
        let after = word.pointee & ~(1 &<< UInt64(index & 63))
        word.pointee = after
        if after == 0 { unmarkUpperTiers(index &>> 6) }
        guard baseKey &+ index == bestKey else { return }
        // Nothing is better than the best: what is left of its word is worse, the lowest bit the nearest.
        if after != 0 {
            bestKey = baseKey &+ (index & ~63) &+ UInt32(truncatingIfNeeded: after.trailingZeroBitCount)
        } else {
            bestKey = key(after: index)
        }
    }

    /// The rare part of `unmark`: the last level of its word.
    @inlinable @inline(never)
    mutating func unmarkUpperTiers(_ index: UInt32) {
        tier1[Int(index &>> 6)] &= ~(1 &<< UInt64(index & 63))
        guard tier1[Int(index &>> 6)] == 0 else { return }
        tier2[Int(index &>> 12)] &= ~(1 &<< UInt64((index &>> 6) & 63))
        guard tier2[Int(index &>> 12)] == 0 else { return }
        tier3.pointee &= ~(1 &<< UInt64((index &>> 12) & 63))
    }

    /// Key of the nearest occupied level worse than a level, or `noKey`.
    @inlinable @inline(never)
    mutating func key(after index: UInt32) -> UInt32 {
        assert(index < levelCount)
        // ~1 << b keeps the bits above b, none of them for b = 63.
        var word = tier0[Int(index &>> 6)] & (~1 &<< UInt64(index & 63))
        if word != 0 { return baseKey &+ ((index &>> 6) &<< 6 | Self.lowest(word)) }
        var at = index &>> 6
        word = tier1[Int(at &>> 6)] & (~1 &<< UInt64(at & 63))
        if word == 0 {
            at = at &>> 6
            word = tier2[Int(at &>> 6)] & (~1 &<< UInt64(at & 63))
            if word == 0 {
                at = at &>> 6
                word = tier3.pointee & (~1 &<< UInt64(at & 63))
                if word == 0 { return Self.noKey }
                at = Self.lowest(word)
                word = tier2[Int(at)]
                at = at &<< 6 | Self.lowest(word)
            } else {
                at = (at &>> 6) &<< 6 | Self.lowest(word)
            }
            word = tier1[Int(at)]
            at = at &<< 6 | Self.lowest(word)
        } else {
            at = (at &>> 6) &<< 6 | Self.lowest(word)
        }
        return baseKey &+ (at &<< 6 | Self.lowest(tier0[Int(at)]))
    }

    /// Key of the nearest occupied level better than a level, or `noKey`.
    @inlinable @inline(never)
    mutating func key(before index: UInt32) -> UInt32 {
        assert(index < levelCount)
        var word = tier0[Int(index &>> 6)] & Self.below(index)
        if word != 0 { return baseKey &+ ((index &>> 6) &<< 6 | Self.highest(word)) }
        var at = index &>> 6
        word = tier1[Int(at &>> 6)] & Self.below(at)
        if word == 0 {
            at = at &>> 6
            word = tier2[Int(at &>> 6)] & Self.below(at)
            if word == 0 {
                at = at &>> 6
                word = tier3.pointee & Self.below(at)
                if word == 0 { return Self.noKey }
                at = Self.highest(word)
                word = tier2[Int(at)]
                at = at &<< 6 | Self.highest(word)
            } else {
                at = (at &>> 6) &<< 6 | Self.highest(word)
            }
            word = tier1[Int(at)]
            at = at &<< 6 | Self.highest(word)
        } else {
            at = (at &>> 6) &<< 6 | Self.highest(word)
        }
        return baseKey &+ (at &<< 6 | Self.highest(tier0[Int(at)]))
    }

    /// The bits below a position within its word.
    @inlinable @inline(__always)
    static func below(_ index: UInt32) -> UInt64 {
        (1 &<< UInt64(index & 63)) &- 1
    }

    @inlinable @inline(__always)
    static func lowest(_ word: UInt64) -> UInt32 {
        assert(word != 0)
        return UInt32(truncatingIfNeeded: word.trailingZeroBitCount)
    }

    @inlinable @inline(__always)
    static func highest(_ word: UInt64) -> UInt32 {
        assert(word != 0)
        return 63 &- UInt32(truncatingIfNeeded: word.leadingZeroBitCount)
    }
}
