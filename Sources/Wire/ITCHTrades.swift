/// P, Trade (non-cross): 44 bytes. 11 reference (0), 19 side (`B`), 20 shares (4), 24 symbol (8), 32 price (4), 36
/// match number (8). For executions against hidden orders: rules version 1 sends none.
@frozen public struct TradeMessage {
    public static let type: UInt8 = 0x50
    public static let size = 44

    public let base: UnsafeRawPointer
    @inlinable public init(_ base: UnsafeRawPointer) { self.base = base }
    @inlinable public var locate: UInt16 { ITCH.locate(base) }
    @inlinable public var shares: UInt32 { BigEndian.u32(base, 20) }
    @inlinable public var symbol: UInt64 { base.loadUnaligned(fromByteOffset: 24, as: UInt64.self) }
    @inlinable public var price: UInt32 { BigEndian.u32(base, 32) }
    @inlinable public var matchNumber: UInt64 { BigEndian.u64(base, 36) }

    public static func encode(
        at base: UnsafeMutableRawPointer, locate: UInt16, time: UInt64, shares: UInt32, symbol: UInt64, price: UInt32,
        matchNumber: UInt64
    ) {
        AddOrderMessage.encode(
            at: base, locate: locate, time: time, reference: 0, side: .buy, shares: shares, symbol: symbol,
            price: price)
        base.storeBytes(of: type, as: UInt8.self)
        BigEndian.store(matchNumber, at: base, 36)
    }
}

/// Q, Cross Trade: 40 bytes. 11 shares (8), 19 symbol (8), 27 price (4), 31 match number (8), 39 cross type. For
/// auctions: rules version 1 sends none.
@frozen public struct CrossTradeMessage {
    public static let type: UInt8 = 0x51
    public static let size = 40

    public let base: UnsafeRawPointer
    @inlinable public init(_ base: UnsafeRawPointer) { self.base = base }
    @inlinable public var locate: UInt16 { ITCH.locate(base) }
    @inlinable public var shares: UInt64 { BigEndian.u64(base, 11) }
    @inlinable public var symbol: UInt64 { base.loadUnaligned(fromByteOffset: 19, as: UInt64.self) }
    @inlinable public var price: UInt32 { BigEndian.u32(base, 27) }
    @inlinable public var matchNumber: UInt64 { BigEndian.u64(base, 31) }
    /// `O` opening, `C` closing, `H` after a halt.
    @inlinable public var crossType: UInt8 { base.load(fromByteOffset: 39, as: UInt8.self) }

    public static func encode(
        at base: UnsafeMutableRawPointer, locate: UInt16, time: UInt64, shares: UInt64, symbol: UInt64, price: UInt32,
        matchNumber: UInt64, crossType: UInt8
    ) {
        ITCH.encodeHead(at: base, type, locate: locate, time: time)
        BigEndian.store(shares, at: base, 11)
        base.storeBytes(of: symbol, toByteOffset: 19, as: UInt64.self)
        BigEndian.store(price, at: base, 27)
        BigEndian.store(matchNumber, at: base, 31)
        base.storeBytes(of: crossType, toByteOffset: 39, as: UInt8.self)
    }
}
