import Book

/// Whole lists out of books, for comparing.
extension Books {
    /// The orders of one side as (id, price, lots), the first to trade first.
    func queue(instrument: UInt32, side: BookSide) -> [[UInt64]] {
        var result: [[UInt64]] = []
        var price = bestPriceTicks(instrument: instrument, side: side)
        while let priceTicks = price {
            var slot = head(instrument: instrument, side: side, priceTicks: priceTicks)
            while !slot.isNone {
                let node = node(slot).pointee
                result.append([node.orderId, UInt64(node.priceTicks), UInt64(node.quantityLots)])
                slot = next(slot)
            }
            price = nextPriceTicks(instrument: instrument, side: side, worseThan: priceTicks)
        }
        return result
    }

    /// The occupied prices of a side from the worst to the best, walked by `betterThan`.
    func pricesTowardsBest(instrument: UInt32, side: BookSide, from priceTicks: UInt32) -> [UInt32] {
        var result: [UInt32] = []
        var price = nextPriceTicks(instrument: instrument, side: side, betterThan: priceTicks)
        while let priceTicks = price {
            result.append(priceTicks)
            price = nextPriceTicks(instrument: instrument, side: side, betterThan: priceTicks)
        }
        return result
    }

    func orderIds(ofAccount account: UInt32) -> [UInt64] {
        var result: [UInt64] = []
        var slot = firstOrder(ofAccount: account)
        while !slot.isNone {
            result.append(node(slot).pointee.orderId)
            slot = nextOrderOfAccount(slot)
        }
        return result
    }

    func orderIds(ofInstrument instrument: UInt32) -> [UInt64] {
        var result: [UInt64] = []
        var slot = firstOrder(ofInstrument: instrument)
        while !slot.isNone {
            result.append(node(slot).pointee.orderId)
            slot = nextOrderOfInstrument(slot)
        }
        return result
    }
}
