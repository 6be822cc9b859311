import GlassbookClient

/// What a workload comes to, as `FILE.expect` has it: trades in their order, and the final books.
struct WorkloadOutcome {
    private static let offset: UInt64 = 1_469_598_103_934_665_603
    private(set) var trades: UInt64 = 0
    private var volume: UInt64 = 0
    private var notional: UInt64 = 0
    private var tradeHash = Self.offset

    private static func mix(_ hash: inout UInt64, _ value: UInt64) {
        hash = (hash ^ value) &* 1_099_511_628_211
        hash ^= hash >> 29
    }

    /// Adds the next trade; maker and taker by the workload's ids.
    mutating func addTrade(instrument: UInt32, maker: UInt64, taker: UInt64, price: UInt32, quantity: UInt32) {
        trades += 1
        volume += UInt64(quantity)
        notional &+= UInt64(price) &* UInt64(quantity)
        for value in [UInt64(instrument), maker, taker, UInt64(price), UInt64(quantity)] {
            Self.mix(&tradeHash, value)
        }
    }

    /// The line of `FILE.expect`, with the books as the feed shows them.
    func line(_ books: [UInt32: BookImage], instruments: UInt32) -> String {
        var hash = Self.offset
        var levels = 0
        var rest: UInt64 = 0
        for instrument in 0..<instruments {
            guard let book = books[instrument] else { continue }
            for (side, sideLevels) in [(UInt64(0), book.buys), (UInt64(1), book.sells)] {
                for level in sideLevels {
                    for value in [UInt64(instrument), side, UInt64(level.price), level.lots] { Self.mix(&hash, value) }
                    levels += 1
                    rest += level.lots
                }
            }
        }
        func best(_ levels: [BookLevel]?) -> String {
            levels?.first.map { "\($0.price)/\($0.lots)" } ?? "0/0"
        }
        return "trades=\(trades) volume=\(volume) notional=\(notional) tradehash=\(hexadecimal(tradeHash)) "
            + "levels=\(levels) restqty=\(rest) l2hash=\(hexadecimal(hash)) bid0=\(best(books[0]?.buys)) "
            + "ask0=\(best(books[0]?.sells))"
    }

    private func hexadecimal(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
