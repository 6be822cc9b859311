import Book
import Testing

/// `Books` beside `NaiveBooks` under the same random steps: any difference in an answer or in the final queues fails.
@Suite struct DifferentialTests {
    private static let instruments: UInt32 = 3
    private static let accounts: UInt32 = 4
    private static let minPriceTicks: UInt32 = 95
    private static let maxPriceTicks: UInt32 = 230

    @Test(arguments: 1...12 as ClosedRange<UInt64>)
    func ownedBooksAgreeWithNaiveOnes(seed: UInt64) throws {
        try run(seed: seed, owned: true, steps: 4_000)
    }

    @Test(arguments: 101...108 as ClosedRange<UInt64>)
    func booksWithoutOwnersAgreeWithNaiveOnes(seed: UInt64) throws {
        try run(seed: seed, owned: false, steps: 4_000)
    }

    private func run(seed: UInt64, owned: Bool, steps: Int) throws {
        // Small enough to be full at times, and for ids to wrap around the id table many times.
        let capacity = BookCapacity(
            instruments: Int(Self.instruments), orders: 37, levels: 3 * 2 * 136,
            accounts: owned ? Int(Self.accounts) : 0)
        var books = try Books(capacity: capacity, clientOrderIdKey: (seed, ~seed))
        for instrument in 0..<Self.instruments {
            try books.list(
                instrument: instrument, minPriceTicks: Self.minPriceTicks, maxPriceTicks: Self.maxPriceTicks)
        }
        var twins = Twins(books: books, naive: NaiveBooks(), owned: owned, generator: SeededGenerator(seed: seed))
        for step in 0..<steps {
            try twins.step()
            if step % 16 == 0 { try twins.compare() }
        }
        try twins.compare()
        #expect(twins.fullCount > 0, "the books were never full")
        #expect(twins.tradeCount > 100)
    }

    /// Both books, and the steps that both take.
    private struct Twins: ~Copyable {
        var books: Books
        var naive: NaiveBooks
        let owned: Bool
        var generator: SeededGenerator
        var lastId: UInt64 = 0
        var fullCount = 0
        var tradeCount = 0

        init(books: consuming Books, naive: NaiveBooks, owned: Bool, generator: SeededGenerator) {
            self.books = books
            self.naive = naive
            self.owned = owned
            self.generator = generator
        }

        mutating func step() throws {
            switch UInt32.random(in: 0..<10, using: &generator) {
            case 0...5: try enter()
            case 6, 7: try cancel()
            default: try reduce()
            }
            for instrument in 0..<DifferentialTests.instruments {
                for side in [BookSide.bid, .ask] {
                    let best = naive.queue(instrument: instrument, side: side).first?.priceTicks
                    try #require(books.bestPriceTicks(instrument: instrument, side: side) == best)
                }
            }
        }

        /// A price from the whole range, or (mostly) close to its middle.
        private mutating func randomPriceTicks() -> UInt32 {
            Bool.random(using: &generator)
                ? UInt32.random(in: 155...166, using: &generator)
                : UInt32.random(
                    in: DifferentialTests.minPriceTicks...DifferentialTests.maxPriceTicks, using: &generator)
        }

        /// A new order that trades with what it crosses and rests with what is left.
        private mutating func enter() throws {
            // Ids have gaps, as orders that never rest leave them.
            lastId += UInt64.random(in: 1...20, using: &generator)
            let instrument = UInt32.random(in: 0..<DifferentialTests.instruments, using: &generator)
            let side: BookSide = Bool.random(using: &generator) ? .bid : .ask
            let limitTicks = randomPriceTicks()
            var leavesLots = UInt32.random(in: 1...30, using: &generator)
            let crossing = naive.queue(instrument: instrument, side: side.opposite).filter {
                side == .bid ? $0.priceTicks <= limitTicks : $0.priceTicks >= limitTicks
            }
            let volume = crossing.reduce(UInt64(0)) { $0 + UInt64($1.quantityLots) }
            for lots in [volume, volume + 1] {
                let holds = books.hasVolume(against: side, instrument: instrument, limitTicks: limitTicks, lots: lots)
                try #require(holds == (lots <= volume))
            }
            while leavesLots > 0 {
                let slot = books.maker(against: side, instrument: instrument, limitTicks: limitTicks)
                let maker = naive.maker(against: side, instrument: instrument, limitTicks: limitTicks)
                try #require(slot.isNone == (maker == nil))
                guard let maker else { break }
                try #require(books.node(slot).pointee.orderId == maker.orderId)
                try #require(books.node(slot).pointee.quantityLots == maker.quantityLots)
                let lots = min(maker.quantityLots, leavesLots)
                take(lots, from: slot, maker.orderId)
                leavesLots -= lots
                tradeCount += 1
            }
            guard leavesLots > 0 else { return }
            try #require(books.isFull == (naive.orders.count == books.capacity.orders))
            guard !books.isFull else {
                fullCount += 1
                return
            }
            try rest(instrument, side, limitTicks, leavesLots)
        }

        private mutating func rest(
            _ instrument: UInt32, _ side: BookSide, _ priceTicks: UInt32, _ quantityLots: UInt32
        ) throws {
            let account = UInt32.random(in: 0..<DifferentialTests.accounts, using: &generator)
            let clientOrderId = lastId % 5 == 0 ? Books.noClientOrderId : lastId &* 0x1_0000_0000
            naive.insert(
                orderId: lastId, instrument: instrument, side: side, priceTicks: priceTicks,
                quantityLots: quantityLots, account: account, clientOrderId: clientOrderId)
            let slot =
                owned
                ? books.insert(
                    orderId: lastId, instrument: instrument, side: side, priceTicks: priceTicks,
                    quantityLots: quantityLots, account: account, clientOrderId: clientOrderId, flags: 7)
                : books.insert(
                    orderId: lastId, instrument: instrument, side: side, priceTicks: priceTicks,
                    quantityLots: quantityLots, flags: 7)
            try #require(books.slot(ofOrder: lastId) == slot)
            try #require(books.node(slot).pointee.flags == 7)
            guard owned else { return }
            try #require(books.detail(slot).pointee.extension0 == 0)
            // What a reused slot must not keep.
            books.detail(slot).pointee.extension0 = lastId
            books.detail(slot).pointee.extension1 = 1
            books.detail(slot).pointee.extension2 = 2
        }

        private mutating func take(_ lots: UInt32, from slot: OrderSlot, _ orderId: UInt64) {
            if books.node(slot).pointee.quantityLots == lots {
                books.remove(slot)
                naive.orders[orderId] = nil
            } else {
                books.reduce(slot, by: lots)
                naive.orders[orderId]!.quantityLots -= lots
            }
        }

        /// An id that rests, or (one time in eight) any id up to the last one.
        private mutating func randomId() -> UInt64 {
            let resting = naive.orders.keys.sorted()
            if resting.isEmpty || UInt32.random(in: 0..<8, using: &generator) == 0 {
                return UInt64.random(in: 1...(lastId + 1), using: &generator)
            }
            return resting.randomElement(using: &generator)!
        }

        private mutating func cancel() throws {
            let id = randomId()
            let slot = books.slot(ofOrder: id)
            try #require(slot.isNone == (naive.orders[id] == nil))
            guard let order = naive.orders[id] else { return }
            if owned, order.clientOrderId != Books.noClientOrderId {
                let named = books.slot(ofAccount: order.account, clientOrderId: order.clientOrderId)
                try #require(named == slot)
                try #require(
                    books.slot(ofAccount: order.account + 1, clientOrderId: order.clientOrderId) == .none)
            }
            take(order.quantityLots, from: slot, id)
            if owned {
                try #require(books.slot(ofAccount: order.account, clientOrderId: order.clientOrderId) == .none)
            }
        }

        private mutating func reduce() throws {
            let id = randomId()
            guard let order = naive.orders[id], order.quantityLots > 1 else { return }
            take(UInt32.random(in: 1..<order.quantityLots, using: &generator), from: books.slot(ofOrder: id), id)
        }

        /// Compares every queue and list, and checks what is behind them.
        borrowing func compare() throws {
            try books.checkInvariants()
            try #require(books.orderCount == naive.orders.count)
            for instrument in 0..<DifferentialTests.instruments {
                for side in [BookSide.bid, .ask] {
                    try compare(instrument, side)
                }
                guard owned else { continue }
                let ids = naive.ids { $0.instrument == instrument }
                try #require(books.orderIds(ofInstrument: instrument) == ids)
                try #require(books.orderCount(ofInstrument: instrument) == ids.count)
            }
            guard owned else { return }
            for account in 0..<DifferentialTests.accounts {
                let ids = naive.ids { $0.account == account }
                try #require(books.orderIds(ofAccount: account) == ids)
                try #require(books.orderCount(ofAccount: account) == ids.count)
            }
        }

        private borrowing func compare(_ instrument: UInt32, _ side: BookSide) throws {
            let queue = naive.queue(instrument: instrument, side: side)
            let expected = queue.map { [$0.orderId, UInt64($0.priceTicks), UInt64($0.quantityLots)] }
            try #require(books.queue(instrument: instrument, side: side) == expected)
            try #require(books.orderCount(instrument: instrument, side: side) == queue.count)
            let worst = side == .bid ? DifferentialTests.minPriceTicks : DifferentialTests.maxPriceTicks
            let volumes = Dictionary(grouping: queue, by: \.priceTicks).mapValues {
                $0.reduce(UInt64(0)) { $0 + UInt64($1.quantityLots) }
            }
            for (priceTicks, volumeLots) in volumes {
                let found = books.volumeLots(instrument: instrument, side: side, priceTicks: priceTicks)
                try #require(found == volumeLots)
            }
            let prices = volumes.keys.filter { $0 != worst }.sorted()
            try #require(
                books.pricesTowardsBest(instrument: instrument, side: side, from: worst)
                    == (side == .bid ? prices : prices.reversed()))
        }
    }
}
