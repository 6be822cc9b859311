/// The place in the books of an order of one instrument, side and price: where it rests, or what it crosses.
///
/// It stands for what was checked when it was made (`Books.place`): the instrument is listed and the price is in its
/// range. It stays valid as long as the books do.
@frozen
public struct BookPlace {
    @usableFromInline let ladder: UnsafeMutablePointer<LadderHandle>
    @usableFromInline let ladderNumber: UInt32
    @usableFromInline let levelIndex: UInt32
    /// The limit price in ticks.
    public let priceTicks: UInt32

    @inlinable @inline(__always)
    init(ladder: UnsafeMutablePointer<LadderHandle>, ladderNumber: UInt32, levelIndex: UInt32, priceTicks: UInt32) {
        self.ladder = ladder
        self.ladderNumber = ladderNumber
        self.levelIndex = levelIndex
        self.priceTicks = priceTicks
    }

    /// The instrument.
    @inlinable @inline(__always)
    public var instrument: UInt32 { ladderNumber &>> 1 }

    /// The side of the order whose place this is.
    @inlinable @inline(__always)
    public var side: BookSide { ladderNumber & 1 == 0 ? .bid : .ask }

    @inlinable @inline(__always)
    var key: UInt32 { priceTicks ^ ((ladderNumber & 1) &- 1) }

    @inlinable @inline(__always)
    var level: UnsafeMutablePointer<PriceLevel> { ladder.pointee.levels + Int(levelIndex) }
}
