import Wire

/// The trades of a run, as Bench/workload/outcome.h adds them up.
struct TradeOutcome {
    private var trades: UInt64 = 0
    private var volume: UInt64 = 0
    private var notional: UInt64 = 0
    private var hash: UInt64 = 1_469_598_103_934_665_603

    /// Adds a trade; the ids are the workload's.
    mutating func add(_ trade: ExecutedMessage, maker: UInt64, taker: UInt64) {
        trades += 1
        volume += UInt64(trade.quantityLots)
        notional &+= UInt64(trade.priceTicks) &* UInt64(trade.quantityLots)
        for value in [UInt64(trade.instrument), maker, taker, UInt64(trade.priceTicks), UInt64(trade.quantityLots)] {
            hash = (hash ^ value) &* 1_099_511_628_211
            hash ^= hash >> 29
        }
    }

    /// The beginning of the line that FILE.expect holds.
    var line: String {
        let digits = String(hash, radix: 16)
        let padded = String(repeating: "0", count: 16 - digits.count) + digits
        return "trades=\(trades) volume=\(volume) notional=\(notional) tradehash=\(padded)"
    }
}
