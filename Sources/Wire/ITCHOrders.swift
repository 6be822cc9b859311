/// A, Add Order: 36 bytes. 11 reference (8), 19 side, 20 shares (4), 24 symbol (8), 32 price (4).
@frozen public struct AddOrderMessage {
    public static let type: UInt8 = 0x41
    public static let size = 36

    public let base: UnsafeRawPointer
    @inlinable public init(_ base: UnsafeRawPointer) { self.base = base }
    @inlinable public var locate: UInt16 { ITCH.locate(base) }
    @inlinable public var reference: UInt64 { BigEndian.u64(base, 11) }
    /// Nil when the letter is neither `B` nor `S`.
    @inlinable public var side: Side? { ITCH.side(base.load(fromByteOffset: 19, as: UInt8.self)) }
    @inlinable public var shares: UInt32 { BigEndian.u32(base, 20) }
    @inlinable public var symbol: UInt64 { base.loadUnaligned(fromByteOffset: 24, as: UInt64.self) }
    /// Four implied decimals.
    @inlinable public var price: UInt32 { BigEndian.u32(base, 32) }

    @inlinable public static func encode(
        at base: UnsafeMutableRawPointer, locate: UInt16, time: UInt64, reference: UInt64, side: Side, shares: UInt32,
        symbol: UInt64, price: UInt32
    ) {
        ITCH.encodeHead(at: base, type, locate: locate, time: time)
        BigEndian.store(reference, at: base, 11)
        base.storeBytes(of: ITCH.side(side), toByteOffset: 19, as: UInt8.self)
        BigEndian.store(shares, at: base, 20)
        base.storeBytes(of: symbol, toByteOffset: 24, as: UInt64.self)
        BigEndian.store(price, at: base, 32)
    }
}

/// E, Order Executed: 31 bytes. 11 reference (8), 19 executed shares (4), 23 match number (8).
@frozen public struct OrderExecutedITCH {
    public static let type: UInt8 = 0x45
    public static let size = 31

    public let base: UnsafeRawPointer
    @inlinable public init(_ base: UnsafeRawPointer) { self.base = base }
    @inlinable public var locate: UInt16 { ITCH.locate(base) }
    @inlinable public var reference: UInt64 { BigEndian.u64(base, 11) }
    @inlinable public var shares: UInt32 { BigEndian.u32(base, 19) }
    @inlinable public var matchNumber: UInt64 { BigEndian.u64(base, 23) }

    @inlinable public static func encode(
        at base: UnsafeMutableRawPointer, locate: UInt16, time: UInt64, reference: UInt64, shares: UInt32,
        matchNumber: UInt64
    ) {
        ITCH.encodeHead(at: base, type, locate: locate, time: time)
        BigEndian.store(reference, at: base, 11)
        BigEndian.store(shares, at: base, 19)
        BigEndian.store(matchNumber, at: base, 23)
    }
}

/// C, Order Executed With Price: 36 bytes. As E, then 31 printable, 32 price (4). For auctions: rules version 1 sends
/// none.
@frozen public struct OrderExecutedWithPriceMessage {
    public static let type: UInt8 = 0x43
    public static let size = 36

    public let base: UnsafeRawPointer
    @inlinable public init(_ base: UnsafeRawPointer) { self.base = base }
    @inlinable public var locate: UInt16 { ITCH.locate(base) }
    @inlinable public var reference: UInt64 { BigEndian.u64(base, 11) }
    @inlinable public var shares: UInt32 { BigEndian.u32(base, 19) }
    @inlinable public var matchNumber: UInt64 { BigEndian.u64(base, 23) }
    @inlinable public var isPrintable: Bool { base.load(fromByteOffset: 31, as: UInt8.self) == 0x59 }
    @inlinable public var price: UInt32 { BigEndian.u32(base, 32) }

    @inlinable public static func encode(
        at base: UnsafeMutableRawPointer, locate: UInt16, time: UInt64, reference: UInt64, shares: UInt32,
        matchNumber: UInt64, isPrintable: Bool, price: UInt32
    ) {
        OrderExecutedITCH.encode(
            at: base, locate: locate, time: time, reference: reference, shares: shares, matchNumber: matchNumber)
        base.storeBytes(of: type, as: UInt8.self)
        base.storeBytes(of: isPrintable ? 0x59 : 0x4E, toByteOffset: 31, as: UInt8.self)
        BigEndian.store(price, at: base, 32)
    }
}

/// X, Order Cancel: 23 bytes. 11 reference (8), 19 shares taken off (4).
@frozen public struct OrderCancelITCH {
    public static let type: UInt8 = 0x58
    public static let size = 23

    public let base: UnsafeRawPointer
    @inlinable public init(_ base: UnsafeRawPointer) { self.base = base }
    @inlinable public var locate: UInt16 { ITCH.locate(base) }
    @inlinable public var reference: UInt64 { BigEndian.u64(base, 11) }
    @inlinable public var shares: UInt32 { BigEndian.u32(base, 19) }

    @inlinable public static func encode(
        at base: UnsafeMutableRawPointer, locate: UInt16, time: UInt64, reference: UInt64, shares: UInt32
    ) {
        ITCH.encodeHead(at: base, type, locate: locate, time: time)
        BigEndian.store(reference, at: base, 11)
        BigEndian.store(shares, at: base, 19)
    }
}

/// D, Order Delete: 19 bytes. 11 reference (8).
@frozen public struct OrderDeleteMessage {
    public static let type: UInt8 = 0x44
    public static let size = 19

    public let base: UnsafeRawPointer
    @inlinable public init(_ base: UnsafeRawPointer) { self.base = base }
    @inlinable public var locate: UInt16 { ITCH.locate(base) }
    @inlinable public var reference: UInt64 { BigEndian.u64(base, 11) }

    @inlinable public static func encode(
        at base: UnsafeMutableRawPointer, locate: UInt16, time: UInt64, reference: UInt64
    ) {
        ITCH.encodeHead(at: base, type, locate: locate, time: time)
        BigEndian.store(reference, at: base, 11)
    }
}

/// U, Order Replace: 35 bytes. 11 original reference (8), 19 new reference (8), 27 shares (4), 31 price (4).
@frozen public struct OrderReplaceITCH {
    public static let type: UInt8 = 0x55
    public static let size = 35

    public let base: UnsafeRawPointer
    @inlinable public init(_ base: UnsafeRawPointer) { self.base = base }
    @inlinable public var locate: UInt16 { ITCH.locate(base) }
    @inlinable public var originalReference: UInt64 { BigEndian.u64(base, 11) }
    @inlinable public var reference: UInt64 { BigEndian.u64(base, 19) }
    @inlinable public var shares: UInt32 { BigEndian.u32(base, 27) }
    @inlinable public var price: UInt32 { BigEndian.u32(base, 31) }

    @inlinable public static func encode(
        at base: UnsafeMutableRawPointer, locate: UInt16, time: UInt64, originalReference: UInt64, reference: UInt64,
        shares: UInt32, price: UInt32
    ) {
        ITCH.encodeHead(at: base, type, locate: locate, time: time)
        BigEndian.store(originalReference, at: base, 11)
        BigEndian.store(reference, at: base, 19)
        BigEndian.store(shares, at: base, 27)
        BigEndian.store(price, at: base, 31)
    }
}
