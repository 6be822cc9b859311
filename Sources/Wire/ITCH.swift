/// Nasdaq TotalView-ITCH 5.0, the messages that this venue sends. Big-endian; each type has one length, and the carrier
/// (MoldUDP64, SoupBinTCP) gives it. Every message begins with the same 11 bytes:
///
/// | Offset | Bytes | Field |
/// |---|---|---|
/// | 0 | 1 | type |
/// | 1 | 2 | locate: instrument + 1; 0 when the message is of the venue |
/// | 3 | 2 | tracking number: 0 |
/// | 5 | 6 | time, ns since midnight UTC |
@frozen public enum ITCH {
    /// Bytes that every message begins with.
    public static let headBytes = 11
    /// Longest message of any type that this venue sends.
    public static let messageBytesMax = TradeMessage.size
    /// Nanoseconds of a day.
    public static let dayNanoseconds: UInt64 = 86_400_000_000_000

    /// Type of a message.
    @inlinable public static func type(_ base: UnsafeRawPointer) -> UInt8 { base.load(as: UInt8.self) }
    /// Locate: instrument + 1, or 0.
    @inlinable public static func locate(_ base: UnsafeRawPointer) -> UInt16 { BigEndian.u16(base, 1) }
    /// Nanoseconds since midnight UTC.
    @inlinable public static func time(_ base: UnsafeRawPointer) -> UInt64 { BigEndian.u48(base, 5) }

    /// Length of the messages of a type; nil for a type that this venue does not send.
    @inlinable public static func size(ofType type: UInt8) -> Int? {
        switch type {
        case SystemEventMessage.type: SystemEventMessage.size
        case StockDirectoryMessage.type: StockDirectoryMessage.size
        case TradingActionMessage.type: TradingActionMessage.size
        case AddOrderMessage.type: AddOrderMessage.size
        case OrderExecutedITCH.type: OrderExecutedITCH.size
        case OrderExecutedWithPriceMessage.type: OrderExecutedWithPriceMessage.size
        case OrderCancelITCH.type: OrderCancelITCH.size
        case OrderDeleteMessage.type: OrderDeleteMessage.size
        case OrderReplaceITCH.type: OrderReplaceITCH.size
        case TradeMessage.type: TradeMessage.size
        case CrossTradeMessage.type: CrossTradeMessage.size
        default: nil
        }
    }

    @inlinable static func encodeHead(
        at base: UnsafeMutableRawPointer, _ type: UInt8, locate: UInt16, time: UInt64
    ) {
        base.storeBytes(of: type, as: UInt8.self)
        BigEndian.store(locate, at: base, 1)
        BigEndian.store(UInt16(0), at: base, 3)
        BigEndian.store48(time, at: base, 5)
    }

    /// `B` or `S`.
    @inlinable static func side(_ side: Side) -> UInt8 { side == .buy ? 0x42 : 0x53 }

    /// The side of `B` or `S`; nil for anything else.
    @inlinable static func side(_ letter: UInt8) -> Side? { letter == 0x42 ? .buy : letter == 0x53 ? .sell : nil }
}
