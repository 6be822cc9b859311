import Foundation
import Wire

/// An endless stream of commands like those of the neutral workload: 45 % new orders that rest, 40 % cancels, 10 %
/// replaces that lose their place, 5 % orders that trade (three in five immediate or cancel), power-law distances from
/// a middle price for each instrument. Buys and sells are two accounts.
///
/// Cancels and replaces name client order ids. Orders that others have filled stay candidates until they are named, so
/// some commands are refused: how many is part of what a run reports.
struct OrderMix {
    private struct Candidate {
        var id: UInt64
        var instrument: UInt32
    }

    /// Mean distance of resting orders from the middle price, ticks.
    private static let distance = 15.0
    private var random: Generator
    private let middles: [UInt32]
    private var candidates: [[Candidate]] = [[], []]
    private var nextId: UInt64 = 1
    private let depth: Int

    /// - Parameter depth: orders that rest, over both sides of all instruments.
    init(instruments: UInt32, depth: Int, seed: UInt64) {
        var random = Generator(seed: seed)
        middles = (0..<instruments).map { _ in 20_000 + UInt32(random.below(20_000)) }
        self.random = random
        self.depth = depth
    }

    /// Writes an entry of a new order that rests.
    mutating func writeResting(_ side: Side, at entry: UnsafeMutableRawPointer) {
        let instrument = UInt32(random.below(UInt64(middles.count)))
        let id = takeId()
        candidates[side == .buy ? 0 : 1].append(Candidate(id: id, instrument: instrument))
        write(new: id, side, instrument, passivePrice(side, instrument), quantity(), .goodTillCancel, at: entry)
    }

    /// Writes the next entry of an account.
    mutating func write(_ side: Side, at entry: UnsafeMutableRawPointer) {
        let index = side == .buy ? 0 : 1
        let choice = random.below(1000)
        let held = candidates[index].count
        let wantsNew = choice < 450 && held <= depth / 2 + depth / 40
        if choice >= 950 {
            let instrument = UInt32(random.below(UInt64(middles.count)))
            let price = middles[Int(instrument)] &+ (side == .buy ? 3 : ~UInt32(2))
            let isImmediate = random.below(10) < 6
            let id = takeId()
            if !isImmediate { candidates[index].append(Candidate(id: id, instrument: instrument)) }
            write(
                new: id, side, instrument, price, quantity(), isImmediate ? .immediateOrCancel : .goodTillCancel,
                at: entry)
        } else if wantsNew || held == 0 {
            writeResting(side, at: entry)
        } else {
            let place = Int(random.below(UInt64(held)))
            candidates[index].swapAt(place, held - 1)
            let named = candidates[index].removeLast()
            choice < 850
                ? write(cancel: named.id, at: entry) : write(replace: named, side, index, at: entry)
        }
    }

    private mutating func takeId() -> UInt64 {
        defer { nextId += 1 }
        return nextId
    }

    private mutating func quantity() -> UInt32 {
        let choice = random.below(10)
        return choice < 5 ? 100 : choice < 7 ? 100 * UInt32(1 + random.below(10)) : UInt32(1 + random.below(999))
    }

    private mutating func passivePrice(_ side: Side, _ instrument: UInt32) -> UInt32 {
        let steps = UInt32(Self.distance * (pow(1 - random.fraction() * 0.9999, -0.45) - 1))
        let middle = middles[Int(instrument)]
        return side == .buy ? middle - 1 - min(steps, middle - 2) : min(middle + 1 + steps, 65_534)
    }

    private func write(
        new id: UInt64, _ side: Side, _ instrument: UInt32, _ price: UInt32, _ quantity: UInt32,
        _ timeInForce: TimeInForce, at entry: UnsafeMutableRawPointer
    ) {
        BatchEntry.encode(
            at: entry, kind: .new, side: side, orderType: .limit, timeInForce: timeInForce,
            selfTradePrevention: .cancelTaker, flags: 0, instrument: instrument, priceTicks: price,
            quantityLots: quantity, clientOrderId: id, orderId: Null.u64, newClientOrderId: Null.u64)
    }

    private func write(cancel id: UInt64, at entry: UnsafeMutableRawPointer) {
        BatchEntry.encode(
            at: entry, kind: .cancel, side: nil, orderType: nil, timeInForce: nil, selfTradePrevention: nil, flags: 0,
            instrument: Null.u32, priceTicks: Null.u32, quantityLots: Null.u32, clientOrderId: id, orderId: Null.u64,
            newClientOrderId: Null.u64)
    }

    private mutating func write(
        replace named: Candidate, _ side: Side, _ index: Int, at entry: UnsafeMutableRawPointer
    ) {
        let id = takeId()
        candidates[index].append(Candidate(id: id, instrument: named.instrument))
        BatchEntry.encode(
            at: entry, kind: .replace, side: nil, orderType: nil, timeInForce: nil, selfTradePrevention: nil,
            flags: ReplaceFlags.losePriority.rawValue, instrument: Null.u32,
            priceTicks: passivePrice(side, named.instrument), quantityLots: quantity(), clientOrderId: named.id,
            orderId: Null.u64, newClientOrderId: id)
    }
}
