import Wire

/// How a journal is written. None of it changes what is in the records.
public struct JournalOptions: Sendable {
    /// Bytes of a new segment: a multiple of 4096, at least `segmentBytesMin`. Existing segments keep their size.
    public var segmentBytes: UInt64 = 256 << 20
    /// Bytes ahead of the tail that the helper thread keeps present in memory.
    public var populateBytes = 2 << 20
    /// Segments that can be mapped at a time: a power of two. A reader of this process that falls further behind
    /// stops the writer with `noSpace`.
    public var segmentsMappedMax = 64
    /// The core that the helper thread is confined to, or nil for wherever its creator may run.
    public var helperCore: UInt32? = nil
    /// Whether records are hashed. False only in a benchmark that measures what the hash costs: such a journal
    /// cannot be read.
    public var hashing = true

    /// Smallest segment: 256 KiB.
    public static let segmentBytesMin: UInt64 = 256 << 10
    /// Largest segment: 4 GiB.
    public static let segmentBytesMax: UInt64 = 4 << 30

    public init() {}

    /// What is wrong with these options, or nil.
    var refusal: String? {
        if segmentBytes < Self.segmentBytesMin || segmentBytes > Self.segmentBytesMax || segmentBytes % 4096 != 0 {
            return "segment of \(segmentBytes) bytes: expected a multiple of 4096 from 256 KiB to 4 GiB"
        }
        if populateBytes < 0 { return "populate \(populateBytes) bytes: expected 0 or more" }
        if segmentsMappedMax < 4 || segmentsMappedMax & (segmentsMappedMax - 1) != 0 {
            return "\(segmentsMappedMax) mapped segments: expected a power of two, at least 4"
        }
        return nil
    }
}
