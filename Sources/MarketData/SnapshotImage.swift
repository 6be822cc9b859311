import Wire

/// A snapshot of the feed at one moment, as SoupBinTCP packets: S `O`, the last S of the venue's state if there was
/// one, R and H of every instrument, A of every displayed order, longest in its place first, then G. Fixed memory.
public struct SnapshotImage: ~Copyable, @unchecked Sendable {
    private let memory: UnsafeMutableRawPointer
    private let capacity: Int
    /// Bytes of it.
    public private(set) var count = 0
    /// First message of the feed that it does not contain.
    public private(set) var nextSequence: UInt64 = 0

    public init(orders: Int, instruments: Int) {
        let directory = StockDirectoryMessage.size + TradingActionMessage.size + 2 * SoupBinTCP.headerBytes
        capacity =
            orders * (AddOrderMessage.size + SoupBinTCP.headerBytes) + instruments * directory
            + 2 * SystemEventMessage.size + EndOfSnapshotMessage.size + 3 * SoupBinTCP.headerBytes
        memory = .allocate(byteCount: capacity, alignment: 64)
    }

    deinit { memory.deallocate() }

    /// Bytes of memory.
    public var byteCount: Int { capacity }

    /// The bytes, from an offset.
    public func bytes(from offset: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: memory + offset, count: count - offset)
    }

    /// Makes the image anew.
    public mutating func build(
        _ book: borrowing FeedBook, _ listings: borrowing FeedEncoder, time: UInt64, nextSequence: UInt64
    ) {
        let time = time % ITCH.dayNanoseconds
        self.nextSequence = nextSequence
        count = 0
        SystemEventMessage.encode(
            at: begin(SystemEventMessage.size), time: time, event: SystemEventMessage.startOfMessages)
        if listings.venueEvent != 0 {
            SystemEventMessage.encode(at: begin(SystemEventMessage.size), time: time, event: listings.venueEvent)
        }
        for instrument in 0..<UInt32(listings.instrumentCount) where listings.instrument(instrument).symbol != 0 {
            withUnsafeTemporaryAllocation(byteCount: FeedEncoder.bytesPerEffectMax, alignment: 8) { both in
                listings.directory(of: instrument, time, at: both.baseAddress!)
                let size = StockDirectoryMessage.size
                begin(size).copyMemory(from: both.baseAddress!, byteCount: size)
                begin(TradingActionMessage.size).copyMemory(
                    from: both.baseAddress! + size, byteCount: TradingActionMessage.size)
            }
        }
        var place = memory + count
        book.forEachOrder { order in
            SoupBinTCP.encodeHeader(
                at: place, type: SoupBinTCP.sequencedData, payloadBytes: AddOrderMessage.size)
            AddOrderMessage.encode(
                at: place + SoupBinTCP.headerBytes, locate: order.locate, time: time, reference: order.reference,
                side: order.side, shares: order.shares, symbol: listings.instrument(UInt32(order.locate) - 1).symbol,
                price: order.price)
            place += SoupBinTCP.headerBytes + AddOrderMessage.size
        }
        count = place - memory
        EndOfSnapshotMessage.encode(at: begin(EndOfSnapshotMessage.size), nextSequence: nextSequence)
        precondition(count <= capacity, "a snapshot fits its memory")
    }

    /// Begins a packet of sequenced data; returns where its payload goes.
    private mutating func begin(_ payloadBytes: Int) -> UnsafeMutableRawPointer {
        let packet = memory + count
        SoupBinTCP.encodeHeader(at: packet, type: SoupBinTCP.sequencedData, payloadBytes: payloadBytes)
        count += SoupBinTCP.headerBytes + payloadBytes
        return packet + SoupBinTCP.headerBytes
    }
}
