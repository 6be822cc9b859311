import Book

/// Matching and nothing else: the workload's commands over `Books`, every trade told through a C callback.
struct Engine: ~Copyable {
    typealias TradeCallback =
        @convention(c) (
            _ context: UnsafeMutableRawPointer?, _ instrument: UInt32, _ makerOrderId: UInt64, _ takerOrderId: UInt64,
            _ priceTicks: UInt32, _ quantityLots: UInt32
        ) -> Void

    /// What became of a command, as the ABI says it: the functions that tell end in calls of each other, which only are
    /// jumps while all of them return the same.
    typealias Outcome = Int32

    static var accepted: Outcome { 0 }
    /// The command names an order that is not resting, or what no book has, or more commands came than the header
    /// said; nothing has changed.
    static var rejected: Outcome { 1 }

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
    ///
    /// The functions below are static, are given the engine's address, and end in a call of the next one: calls that
    /// are jumps, so that none saves registers for another.
    @inline(__always)
    static func apply(_ engine: UnsafeMutablePointer<Engine>, _ record: UnsafePointer<WorkloadRecord>) -> Outcome {
        record.pointee.operation <= WorkloadRecord.immediateOrCancel ? new(engine, record) : change(engine, record)
    }

    /// A new order. The way of one that crosses nothing is short and calls nothing.
    @inline(never)
    private static func new(_ engine: UnsafeMutablePointer<Engine>, _ record: UnsafePointer<WorkloadRecord>) -> Outcome
    {
        let place = engine.pointee.books.place(
            instrument: UInt32(record.pointee.instrument), side: record.pointee.side == 0 ? .bid : .ask,
            priceTicks: record.pointee.priceTicks)
        guard let place, record.pointee.quantityLots != 0 else { return rejected }
        guard engine.pointee.books.maker(against: place).isNone else { return trade(engine, record, place) }
        if record.pointee.operation == WorkloadRecord.new {
            if engine.pointee.books.isFull { return rejected }
            _ = engine.pointee.books.insert(
                orderId: record.pointee.orderId, at: place, quantityLots: record.pointee.quantityLots)
        }
        return accepted
    }

    /// A new order that crosses another.
    @inline(never)
    private static func trade(
        _ engine: UnsafeMutablePointer<Engine>, _ record: UnsafePointer<WorkloadRecord>, _ place: BookPlace
    ) -> Outcome {
        if engine.pointee.books.isFull { return rejected }
        enter(
            engine, orderId: record.pointee.orderId, at: place, quantityLots: record.pointee.quantityLots,
            rests: record.pointee.operation == WorkloadRecord.new)
        return accepted
    }

    /// A command about a resting order.
    @inline(never)
    private static func change(
        _ engine: UnsafeMutablePointer<Engine>, _ record: UnsafePointer<WorkloadRecord>
    ) -> Outcome {
        let slot = engine.pointee.books.slot(ofOrder: record.pointee.orderId)
        if slot.isNone { return rejected }
        if record.pointee.operation == WorkloadRecord.cancel {
            engine.pointee.books.remove(slot)
            return accepted
        }
        if record.pointee.operation == WorkloadRecord.replace { return replace(engine, record, slot) }
        if record.pointee.operation == WorkloadRecord.reduce { return reduce(engine, record, slot) }
        return rejected
    }

    @inline(never)
    private static func reduce(
        _ engine: UnsafeMutablePointer<Engine>, _ record: UnsafePointer<WorkloadRecord>, _ slot: OrderSlot
    ) -> Outcome {
        if record.pointee.quantityLots < engine.pointee.books.node(slot).pointee.quantityLots {
            engine.pointee.books.reduce(slot, by: record.pointee.quantityLots)
        } else {
            engine.pointee.books.remove(slot)
        }
        return accepted
    }

    @inline(never)
    private static func replace(
        _ engine: UnsafeMutablePointer<Engine>, _ record: UnsafePointer<WorkloadRecord>, _ slot: OrderSlot
    ) -> Outcome {
        let node = engine.pointee.books.node(slot)
        let place = engine.pointee.books.place(
            instrument: node.pointee.instrument, side: node.pointee.side, priceTicks: record.pointee.priceTicks)
        guard let place, record.pointee.quantityLots != 0 else { return rejected }
        engine.pointee.books.remove(slot)
        enter(
            engine, orderId: record.pointee.replacementOrderId, at: place,
            quantityLots: record.pointee.quantityLots, rests: true)
        return accepted
    }

    /// Trades an incoming order with what it crosses, and rests what is left of it.
    @inline(__always)
    private static func enter(
        _ engine: UnsafeMutablePointer<Engine>, orderId: UInt64, at place: BookPlace, quantityLots: UInt32, rests: Bool
    ) {
        var leavesLots = quantityLots
        while true {
            let slot = engine.pointee.books.maker(against: place)
            if slot.isNone { break }
            let maker = engine.pointee.books.node(slot)
            let makerLots = maker.pointee.quantityLots
            let lots = min(makerLots, leavesLots)
            engine.pointee.onTrade(
                engine.pointee.context, place.instrument, maker.pointee.orderId, orderId, maker.pointee.priceTicks, lots
            )
            if lots == makerLots {
                engine.pointee.books.remove(slot)
            } else {
                engine.pointee.books.reduce(slot, by: lots)
            }
            leavesLots &-= lots
            if leavesLots == 0 { return }
        }
        if rests { _ = engine.pointee.books.insert(orderId: orderId, at: place, quantityLots: leavesLots) }
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
