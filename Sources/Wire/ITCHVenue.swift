/// S, System Event: 12 bytes. 11 event code.
@frozen public struct SystemEventMessage {
    public static let type: UInt8 = 0x53
    public static let size = 12
    /// `O`: start of messages, the first of a feed session.
    public static let startOfMessages: UInt8 = 0x4F
    /// `S`: start of system hours, orders are accepted.
    public static let startOfSystemHours: UInt8 = 0x53
    /// `E`: end of system hours, no new orders.
    public static let endOfSystemHours: UInt8 = 0x45
    /// `C`: end of messages, the last of a feed session.
    public static let endOfMessages: UInt8 = 0x43

    public let base: UnsafeRawPointer
    @inlinable public init(_ base: UnsafeRawPointer) { self.base = base }
    @inlinable public var event: UInt8 { base.load(fromByteOffset: 11, as: UInt8.self) }

    @inlinable public static func encode(at base: UnsafeMutableRawPointer, time: UInt64, event: UInt8) {
        ITCH.encodeHead(at: base, type, locate: 0, time: time)
        base.storeBytes(of: event, toByteOffset: 11, as: UInt8.self)
    }
}

/// R, Stock Directory: 39 bytes. 11 symbol (8); 19 market category and what follows: see `encode`.
@frozen public struct StockDirectoryMessage {
    public static let type: UInt8 = 0x52
    public static let size = 39

    public let base: UnsafeRawPointer
    @inlinable public init(_ base: UnsafeRawPointer) { self.base = base }
    @inlinable public var locate: UInt16 { ITCH.locate(base) }
    /// Eight characters in memory order.
    @inlinable public var symbol: UInt64 { base.loadUnaligned(fromByteOffset: 11, as: UInt64.self) }

    /// Market category, financial status and tiers are spaces (not applicable), round lot 1, authenticity `P`, the
    /// yes-or-no fields `N`, sub-type `Z`.
    public static func encode(at base: UnsafeMutableRawPointer, locate: UInt16, time: UInt64, symbol: UInt64) {
        ITCH.encodeHead(at: base, type, locate: locate, time: time)
        base.storeBytes(of: symbol, toByteOffset: 11, as: UInt64.self)
        func put(_ offset: Int, _ letter: UInt8) { base.storeBytes(of: letter, toByteOffset: offset, as: UInt8.self) }
        put(19, 0x20)
        put(20, 0x20)
        BigEndian.store(UInt32(1), at: base, 21)
        put(25, 0x4E)
        // Issue classification `C` (common stock) has no better letter for an asset pair.
        put(26, 0x43)
        put(27, 0x5A)
        put(28, 0x20)
        put(29, 0x50)
        put(30, 0x4E)
        put(31, 0x4E)
        put(32, 0x20)
        put(33, 0x4E)
        BigEndian.store(UInt32(0), at: base, 34)
        put(38, 0x4E)
    }
}

/// H, Stock Trading Action: 25 bytes. 11 symbol (8), 19 state, 20 reserved, 21 reason (4).
@frozen public struct TradingActionMessage {
    public static let type: UInt8 = 0x48
    public static let size = 25
    /// `T`: trading.
    public static let trading: UInt8 = 0x54
    /// `H`: halted.
    public static let halted: UInt8 = 0x48
    /// `P`: paused; here: only cancels are accepted, or closed.
    public static let paused: UInt8 = 0x50

    public let base: UnsafeRawPointer
    @inlinable public init(_ base: UnsafeRawPointer) { self.base = base }
    @inlinable public var locate: UInt16 { ITCH.locate(base) }
    @inlinable public var symbol: UInt64 { base.loadUnaligned(fromByteOffset: 11, as: UInt64.self) }
    @inlinable public var state: UInt8 { base.load(fromByteOffset: 19, as: UInt8.self) }
    /// Four characters in memory order.
    @inlinable public var reason: UInt32 { base.loadUnaligned(fromByteOffset: 21, as: UInt32.self) }

    @inlinable public static func encode(
        at base: UnsafeMutableRawPointer, locate: UInt16, time: UInt64, symbol: UInt64, state: UInt8, reason: UInt32
    ) {
        ITCH.encodeHead(at: base, type, locate: locate, time: time)
        base.storeBytes(of: symbol, toByteOffset: 11, as: UInt64.self)
        base.storeBytes(of: state, toByteOffset: 19, as: UInt8.self)
        base.storeBytes(of: 0x20, toByteOffset: 20, as: UInt8.self)
        base.storeBytes(of: reason, toByteOffset: 21, as: UInt32.self)
    }
}
