#if _endian(big)
    #error("The journal and order entry are little-endian and are read in place: a big-endian host is not supported.")
#endif

/// Bounds of the wire formats. Those that depend on each other are asserted in `WireTests`.
@frozen public enum Limits {
    /// Entries of a batch.
    public static let batchEntriesMax = 128
    /// Largest SBE message of a command, header included: a full batch.
    public static let messageBytesMax = BatchMessage.size + batchEntriesMax * BatchEntry.size
    /// Largest order-entry frame: SOFH, message, signature.
    public static let frameBytesMax = FrameHeader.size + messageBytesMax + signatureBytes
    /// Bytes of an Ed25519 signature.
    public static let signatureBytes = 64
    /// Bytes of the constant that stands before every signed message.
    public static let prefixBytes = 32
    /// Effects of one record; what is left goes on in a continuation record.
    public static let effectsPerRecordMax = 512
    /// A unit of work (a match step, a cancel, the start or the end of an order) makes at most this many effects,
    /// and begins only when that many still fit.
    public static let effectsPerUnitMax = 4
    /// Largest effect, bytes, header included.
    public static let effectBytesMax = ExecutedMessage.size
    /// Largest record, bytes: a multiple of 8 that fits an entry bundle of the transparency log (65,535).
    public static let recordBytesMax = 65_528
    /// Highest ITCH price, four implied decimals.
    public static let itchPriceMax: UInt64 = 2_000_000_000
    /// Denominator of fee rates: they are hundredths of a basis point.
    public static let feeDenominator: Int64 = 1_000_000
    /// Highest fee rate: 10 %.
    public static let feeRateMax: Int32 = 100_000
    /// Denominator of bands and protections.
    public static let basisPoints: UInt64 = 10_000
}

/// SBE null values: the largest of an unsigned type, the smallest of a signed one.
@frozen public enum Null {
    @inlinable public static var u8: UInt8 { .max }
    @inlinable public static var u16: UInt16 { .max }
    @inlinable public static var u32: UInt32 { .max }
    @inlinable public static var u64: UInt64 { .max }
    @inlinable public static var i32: Int32 { .min }
}

/// Accounts that exist from genesis on.
@frozen public enum WellKnownAccount {
    /// Collects fees.
    public static let fees: UInt32 = 0
    /// The operator.
    public static let venueOperator: UInt32 = 1
    /// The settlement plane.
    public static let settlement: UInt32 = 2
    /// First account that can be created.
    public static let firstCreated: UInt32 = 3
}
