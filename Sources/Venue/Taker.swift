import Book
import Wire

/// How an order ends when nothing more crosses it and quantity is left (NEW-6).
enum Ending: UInt8 {
    case rests
    case immediateOrCancel
    case marketRemainder
}

/// An order that came in and is trading: not in the book, its hold taken (NEW-6, TRD).
struct Taker {
    let orderId: UInt64
    let clientOrderId: UInt64
    /// What is reserved for it now.
    var hold: UInt64
    let account: UInt32
    let instrument: UInt32
    let priceTicks: UInt32
    var openLots: UInt32
    /// FEE-2.
    var carry: UInt32
    let takerRate: Int32
    let makerRate: Int32
    let side: Side
    let ending: Ending
    let selfTradePrevention: SelfTradePrevention
    let isPostOnly: Bool
    /// Entry of the batch, or null.
    let entry: UInt16
    /// Where it would rest, and what it crosses.
    let place: BookPlace
}

extension Side {
    /// The side of the book.
    var bookSide: BookSide { self == .buy ? .bid : .ask }
}

extension BookSide {
    /// The side of an order.
    var side: Side { self == .bid ? .buy : .sell }
}

/// What the venue keeps with a resting order, in the places that the book leaves to its owner.
extension OrderDetail {
    /// Fee carry (FEE-2).
    var carry: UInt32 {
        get { UInt32(truncatingIfNeeded: extension0) }
        set { extension0 = extension0 & 0xFFFF_FFFF_0000_0000 | UInt64(newValue) }
    }
    /// Maker rate that the order was accepted with.
    var makerRate: Int32 {
        get { Int32(bitPattern: UInt32(truncatingIfNeeded: extension0 &>> 32)) }
        set { extension0 = extension0 & 0xFFFF_FFFF | UInt64(UInt32(bitPattern: newValue)) &<< 32 }
    }
    /// Chosen when the order came in.
    var selfTradePrevention: SelfTradePrevention {
        guard let value = SelfTradePrevention(rawValue: UInt8(truncatingIfNeeded: extension1)) else {
            preconditionFailure("a resting order without its self-trade prevention")
        }
        return value
    }
    /// Chosen when the order came in.
    var isPostOnly: Bool { extension1 & 0x100 != 0 }

    /// Sets what an order that begins to rest brings with it.
    mutating func take(_ taker: borrowing Taker) {
        extension0 = UInt64(UInt32(bitPattern: taker.makerRate)) &<< 32 | UInt64(taker.carry)
        extension1 = UInt32(taker.selfTradePrevention.rawValue) | (taker.isPostOnly ? 0x100 : 0)
    }
}
