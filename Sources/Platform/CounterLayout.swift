import CPlatform

/// The counters file: what a process counts and how long its stages take, in shared memory that any other process can
/// read while it runs, and that costs the writer a store.
///
/// All integers little-endian, all words aligned. A file of C counters and H histograms has 64 + 64 C + 16,512 H bytes.
///
/// Header, 64 bytes:
///
///      0  8 bytes  "GLASSCNT"
///      8  u32      version, 1
///     12  u32      C: places for counters
///     16  u32      H: places for histograms
///     20  u32      counters in use, stored last when one is added
///     24  u32      histograms in use, likewise
///     28  u32      process id of the writer
///     32  u64      when the file was made, nanoseconds since 1970 UTC
///     40  24 bytes zero
///
/// Counters, 64 bytes each, so that two threads never write one cache line:
///
///      0  56 bytes name, UTF-8, padded with zeros
///     56  u64      value
///
/// Histograms, 16,512 bytes each:
///
///      0  56 bytes name, UTF-8, padded with zeros
///     56  u64      zero
///     64  u64      sum of all values, modulo 2^64
///     72  u64      largest value
///     80  48 bytes zero
///    128  2,048 × u64: how many values fell into each bucket
///
/// The bucket of a value v: v itself below 32; otherwise, with e the position of its highest set bit (5 … 63),
/// (e - 4) × 32 + ((v >> (e - 5)) & 31). So each power of two has 32 buckets of equal width, a bucket's width is at
/// most 1/32 of its values, and the highest index is 1,919. Bucket i holds from low(i) to low(i + 1) - 1, where
/// low(i) = i below 32, otherwise (32 + i % 32) << (i / 32 - 1).
///
/// Each value has one writing thread. A reader sees every word whole, but not all words of one moment.
public enum CounterLayout {
    public static let magic: UInt64 = 0x544E_4353_5341_4C47  // "GLASSCNT" as a little-endian word
    public static let version: UInt32 = 1
    public static let headerSize = 64
    public static let nameSize = 56
    public static let counterSize = 64
    public static let bucketCount = 2048
    public static let histogramHeadSize = 128
    public static let histogramSize = histogramHeadSize + bucketCount * 8
    /// Buckets that a 64-bit value can fall into: the rest of the table stays zero.
    public static let bucketsUsed = 1920

    enum Offset {
        static let version = 8
        static let counterPlaces = 12
        static let histogramPlaces = 16
        static let counters = 20
        static let histograms = 24
        static let process = 28
        static let created = 32
    }

    static func byteCount(counters: Int, histograms: Int) -> Int {
        headerSize + counters * counterSize + histograms * histogramSize
    }

    static func counterOffset(_ index: Int) -> Int { headerSize + index * counterSize }

    static func histogramOffset(_ index: Int, counters: Int) -> Int {
        headerSize + counters * counterSize + index * histogramSize
    }

    /// The bucket of a value: below `bucketsUsed`.
    @inlinable
    public static func bucket(of value: UInt64) -> Int {
        if value < 32 { return Int(truncatingIfNeeded: value) }
        let exponent = 63 &- value.leadingZeroBitCount
        return (exponent &- 4) &* 32 &+ Int(truncatingIfNeeded: (value &>> UInt64(exponent &- 5)) & 31)
    }

    /// The lowest value of a bucket.
    public static func lowestValue(ofBucket index: Int) -> UInt64 {
        index < 32 ? UInt64(index) : UInt64(32 + index % 32) << UInt64(index / 32 - 1)
    }

    /// The highest value of a bucket.
    public static func highestValue(ofBucket index: Int) -> UInt64 {
        index + 1 < bucketsUsed ? lowestValue(ofBucket: index + 1) - 1 : .max
    }
}
