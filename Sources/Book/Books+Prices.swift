/// Prices: the best one, the next one, and who is first in line.
extension Books {
    /// The order that an incoming order of `side` trades with next at its limit or better, or none.
    ///
    /// A maker that stays after a trade (it was reduced, not removed) is found again by the next call.
    @inlinable @inline(__always)
    public func maker(against side: BookSide, instrument: UInt32, limitTicks: UInt32) -> OrderSlot {
        let makerSide = side.opposite
        let ladder = ladder(instrument, makerSide)
        let key = ladder.pointee.bestKey
        // An empty side's key is worse than every limit that is a price.
        guard key <= limitTicks ^ makerSide.keyMask, key != LadderHandle.noKey else { return .none }
        let level = ladder.pointee.levels + Int(key &- ladder.pointee.baseKey)
        assert(level.pointee.head != 0)
        return OrderSlot(index: level.pointee.head)
    }

    /// The order that an incoming order of this place trades with next, or none.
    @inlinable @inline(__always)
    public func maker(against place: BookPlace) -> OrderSlot {
        let opposite = ladders + Int(place.ladderNumber ^ 1)
        let key = opposite.pointee.bestKey
        // On the other side the limit's key is the complement; an empty side's key is worse than that of any price.
        guard key <= ~place.key else { return .none }
        assert(key != LadderHandle.noKey)
        return OrderSlot(index: opposite.pointee.levels[Int(key &- opposite.pointee.baseKey)].head)
    }

    /// The best price at which orders of a side rest, in ticks, or nil when none do.
    @inlinable @inline(__always)
    public func bestPriceTicks(instrument: UInt32, side: BookSide) -> UInt32? {
        let key = ladder(instrument, side).pointee.bestKey
        return key == LadderHandle.noKey ? nil : key ^ side.keyMask
    }

    /// The nearest price that is worse than a price of the range and has orders of the side, or nil.
    @inlinable @inline(__always)
    public func nextPriceTicks(instrument: UInt32, side: BookSide, worseThan priceTicks: UInt32) -> UInt32? {
        let ladder = ladder(instrument, side)
        let levelIndex = (priceTicks ^ side.keyMask) &- ladder.pointee.baseKey
        precondition(levelIndex < ladder.pointee.levelCount, "a price outside the instrument's range")
        let key = ladder.pointee.key(after: levelIndex)
        return key == LadderHandle.noKey ? nil : key ^ side.keyMask
    }

    /// The nearest price that is better than a price of the range and has orders of the side, or nil.
    @inlinable @inline(__always)
    public func nextPriceTicks(instrument: UInt32, side: BookSide, betterThan priceTicks: UInt32) -> UInt32? {
        let ladder = ladder(instrument, side)
        let levelIndex = (priceTicks ^ side.keyMask) &- ladder.pointee.baseKey
        precondition(levelIndex < ladder.pointee.levelCount, "a price outside the instrument's range")
        let key = ladder.pointee.key(before: levelIndex)
        return key == LadderHandle.noKey ? nil : key ^ side.keyMask
    }

    /// Lots resting at one price of a side; 0 for a price outside the range.
    @inlinable @inline(__always)
    public func volumeLots(instrument: UInt32, side: BookSide, priceTicks: UInt32) -> UInt64 {
        guard contains(instrument: instrument, priceTicks: priceTicks) else { return 0 }
        return level(instrument, side, priceTicks).pointee.volumeLots
    }

    /// The first order in line at one price of a side, or none; none for a price outside the range.
    @inlinable @inline(__always)
    public func head(instrument: UInt32, side: BookSide, priceTicks: UInt32) -> OrderSlot {
        guard contains(instrument: instrument, priceTicks: priceTicks) else { return .none }
        return OrderSlot(index: level(instrument, side, priceTicks).pointee.head)
    }

    /// The order behind an order at its price, or none.
    @inlinable @inline(__always)
    public func next(_ slot: OrderSlot) -> OrderSlot {
        OrderSlot(index: node(slot).pointee.next)
    }

    /// Orders resting on one side of an instrument.
    @inlinable @inline(__always)
    public func orderCount(instrument: UInt32, side: BookSide) -> Int {
        Int(ladder(instrument, side).pointee.orderCount)
    }

    /// Whether an incoming order of `side` finds at least so many lots at its limit or better.
    ///
    /// Walks the occupied prices from the best until it has seen enough of them.
    @inlinable
    public func hasVolume(
        against side: BookSide, instrument: UInt32, limitTicks: UInt32, lots: UInt64
    ) -> Bool {
        let makerSide = side.opposite
        let ladder = ladder(instrument, makerSide)
        let limitKey = limitTicks ^ makerSide.keyMask
        var key = ladder.pointee.bestKey
        var missing = lots
        while missing > 0 {
            guard key <= limitKey, key != LadderHandle.noKey else { return false }
            let levelIndex = key &- ladder.pointee.baseKey
            let volume = ladder.pointee.levels[Int(levelIndex)].volumeLots
            assert(volume > 0)
            missing = volume < missing ? missing &- volume : 0
            key = ladder.pointee.key(after: levelIndex)
        }
        return true
    }

    @inlinable @inline(__always)
    func level(_ instrument: UInt32, _ side: BookSide, _ priceTicks: UInt32) -> UnsafeMutablePointer<PriceLevel> {
        let ladder = ladder(instrument, side)
        let levelIndex = (priceTicks ^ side.keyMask) &- ladder.pointee.baseKey
        precondition(levelIndex < ladder.pointee.levelCount, "a price outside the instrument's range")
        return ladder.pointee.levels + Int(levelIndex)
    }
}
