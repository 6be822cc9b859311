import Book

/// Matching and nothing else: the workload's commands over `Books`, every trade told through a C callback.
struct Engine: ~Copyable {
    typealias TradeCallback =
        @convention(c) (
            _ context: UnsafeMutableRawPointer?, _ instrument: UInt32, _ makerOrderId: UInt64, _ takerOrderId: UInt64,
            _ priceTicks: UInt32, _ quantityLots: UInt32
        ) -> Void

    /// What became of a command.
    enum Outcome: Int32 {
        case accepted = 0
        /// The command names an order that is not resting, or what no book has; nothing has changed.
        case rejected = 1
    }

    private var books: Books
    private let onTrade: TradeCallback
    private let context: UnsafeMutableRawPointer?

    /// Books for everything that the workload could leave resting; throws when that is beyond them.
    init(
        _ header: WorkloadHeader, onTrade: @escaping TradeCallback, context: UnsafeMutableRawPointer?
    ) throws(BookError) {
        let levels = BookCapacity.levels(minPriceTicks: header.minPriceTicks, maxPriceTicks: header.maxPriceTicks)
        let capacity = BookCapacity(
            instruments: Int(header.instruments), orders: Int(clamping: max(header.commands, 1)),
            levels: Int(header.instruments) * levels, accounts: 0)
        var books = try Books(capacity: capacity)
        for instrument in 0..<header.instruments {
            try books.list(
                instrument: instrument, minPriceTicks: header.minPriceTicks, maxPriceTicks: header.maxPriceTicks)
        }
        self.books = books
        self.onTrade = onTrade
        self.context = context
    }

    /// Carries out one command, which is all it reads.
    @inline(__always)
    mutating func apply(_ record: UnsafePointer<WorkloadRecord>) -> Outcome {
        let operation = record.pointee.operation
        if operation <= WorkloadRecord.immediateOrCancel {
            return enter(
                orderId: record.pointee.orderId, instrument: UInt32(record.pointee.instrument),
                side: record.pointee.side == 0 ? .bid : .ask, record,
                rests: operation == WorkloadRecord.new)
        }
        let slot = books.slot(ofOrder: record.pointee.orderId)
        if slot.isNone { return .rejected }
        if operation == WorkloadRecord.cancel {
            books.remove(slot)
            return .accepted
        }
        if operation == WorkloadRecord.reduce {
            if record.pointee.quantityLots < books.node(slot).pointee.quantityLots {
                books.reduce(slot, by: record.pointee.quantityLots)
            } else {
                books.remove(slot)
            }
            return .accepted
        }
        guard operation == WorkloadRecord.replace else { return .rejected }
        let instrument = books.node(slot).pointee.instrument
        let side = books.node(slot).pointee.side
        guard isPossible(record, instrument) else { return .rejected }
        books.remove(slot)
        return enter(
            orderId: record.pointee.replacementOrderId, instrument: instrument, side: side, record, rests: true)
    }

    @inline(__always)
    private func isPossible(_ record: UnsafePointer<WorkloadRecord>, _ instrument: UInt32) -> Bool {
        record.pointee.quantityLots != 0
            && books.contains(instrument: instrument, priceTicks: record.pointee.priceTicks)
    }

    /// Trades an incoming order with what it crosses, and rests what is left of it.
    @inline(__always)
    private mutating func enter(
        orderId: UInt64, instrument: UInt32, side: BookSide, _ record: UnsafePointer<WorkloadRecord>, rests: Bool
    ) -> Outcome {
        guard isPossible(record, instrument), !books.isFull else { return .rejected }
        let limitTicks = record.pointee.priceTicks
        var leavesLots = record.pointee.quantityLots
        while true {
            let slot = books.maker(against: side, instrument: instrument, limitTicks: limitTicks)
            if slot.isNone { break }
            let maker = books.node(slot)
            let makerLots = maker.pointee.quantityLots
            let lots = min(makerLots, leavesLots)
            onTrade(context, instrument, maker.pointee.orderId, orderId, maker.pointee.priceTicks, lots)
            if lots == makerLots { books.remove(slot) } else { books.reduce(slot, by: lots) }
            leavesLots &-= lots
            if leavesLots == 0 { return .accepted }
        }
        if rests {
            _ = books.insert(
                orderId: orderId, instrument: instrument, side: side, priceTicks: limitTicks,
                quantityLots: leavesLots)
        }
        return .accepted
    }

    // MARK: Reading

    typealias LevelCallback =
        @convention(c) (
            _ context: UnsafeMutableRawPointer?, _ priceTicks: UInt32, _ quantityLots: UInt64
        ) -> Void

    /// The best price of a side and the lots there.
    func best(instrument: UInt32, side: BookSide) -> (priceTicks: UInt32, quantityLots: UInt64)? {
        guard books.isListed(instrument) else { return nil }
        guard let priceTicks = books.bestPriceTicks(instrument: instrument, side: side) else { return nil }
        return (priceTicks, volumeLots(instrument: instrument, side: side, priceTicks: priceTicks))
    }

    /// The lots at one price of a side.
    func volumeLots(instrument: UInt32, side: BookSide, priceTicks: UInt32) -> UInt64 {
        books.volumeLots(instrument: instrument, side: side, priceTicks: priceTicks)
    }

    /// Tells every occupied price of a side, the best first.
    func forEachLevel(
        instrument: UInt32, side: BookSide, _ onLevel: LevelCallback, context: UnsafeMutableRawPointer?
    ) {
        guard books.isListed(instrument) else { return }
        var price = books.bestPriceTicks(instrument: instrument, side: side)
        while let priceTicks = price {
            onLevel(context, priceTicks, volumeLots(instrument: instrument, side: side, priceTicks: priceTicks))
            price = books.nextPriceTicks(instrument: instrument, side: side, worseThan: priceTicks)
        }
    }
}
