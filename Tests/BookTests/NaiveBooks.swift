import Book

/// What `Books` does, said with a dictionary and sorting: the twin of the differential tests.
struct NaiveBooks {
    struct Order: Equatable {
        var orderId: UInt64
        var instrument: UInt32
        var side: BookSide
        var priceTicks: UInt32
        var quantityLots: UInt32
        var account: UInt32
        var clientOrderId: UInt64
        /// Lower is first in line at its price.
        var place: Int
    }

    var orders: [UInt64: Order] = [:]
    private var nextPlace = 0

    mutating func insert(
        orderId: UInt64, instrument: UInt32, side: BookSide, priceTicks: UInt32, quantityLots: UInt32,
        account: UInt32 = 0, clientOrderId: UInt64 = Books.noClientOrderId
    ) {
        orders[orderId] = Order(
            orderId: orderId, instrument: instrument, side: side, priceTicks: priceTicks, quantityLots: quantityLots,
            account: account, clientOrderId: clientOrderId, place: nextPlace)
        nextPlace += 1
    }

    /// The orders of one side, the first to trade first.
    func queue(instrument: UInt32, side: BookSide) -> [Order] {
        orders.values.filter { $0.instrument == instrument && $0.side == side }.sorted {
            if $0.priceTicks != $1.priceTicks {
                return side == .bid ? $0.priceTicks > $1.priceTicks : $0.priceTicks < $1.priceTicks
            }
            return $0.place < $1.place
        }
    }

    func maker(against side: BookSide, instrument: UInt32, limitTicks: UInt32) -> Order? {
        guard let first = queue(instrument: instrument, side: side.opposite).first else { return nil }
        let crosses = side == .bid ? first.priceTicks <= limitTicks : first.priceTicks >= limitTicks
        return crosses ? first : nil
    }

    /// Ascending ids of the orders that satisfy a condition.
    func ids(where condition: (Order) -> Bool) -> [UInt64] {
        orders.values.filter(condition).map(\.orderId).sorted()
    }
}

/// A fixed sequence of random numbers (SplitMix64), so that a failure can be run again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
