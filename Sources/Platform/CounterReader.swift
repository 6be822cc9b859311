import CPlatform

/// Reads a counters file (`CounterLayout`) of another process, while that writes it.
public struct CounterReader: ~Copyable, @unchecked Sendable {
    private let mapping: Mapping
    private let counterPlaces: Int
    private let histogramPlaces: Int

    /// The process that writes, or wrote, the file.
    public let process: UInt32
    /// When the file was made, in nanoseconds since 1970 UTC.
    public let createdNanoseconds: UInt64

    /// Opens a file read-only.
    ///
    /// - Throws: `wrongFormat` when it is no counters file, of another version, or not as long as it says.
    public init(path: String) throws(PlatformError) {
        let file = try File.open(path, .readOnly)
        let size = try File.size(file, path: path)
        guard size >= CounterLayout.headerSize, size <= Self.sizeMax else {
            throw .wrongFormat("\(path): \(size) bytes are no counters file")
        }
        let mapping = try Mapping(file, byteCount: Int(size), .readOnly, path: path)
        typealias Offset = CounterLayout.Offset
        let base = mapping.base
        guard UInt64(littleEndian: base.load(as: UInt64.self)) == CounterLayout.magic else {
            throw .wrongFormat("\(path): expected it to begin with GLASSCNT")
        }
        let version = UInt32(littleEndian: base.load(fromByteOffset: Offset.version, as: UInt32.self))
        guard version == CounterLayout.version else {
            throw .wrongFormat("\(path): expected version \(CounterLayout.version), found \(version)")
        }
        let counters = UInt32(littleEndian: base.load(fromByteOffset: Offset.counterPlaces, as: UInt32.self))
        let histograms = UInt32(littleEndian: base.load(fromByteOffset: Offset.histogramPlaces, as: UInt32.self))
        let expected = CounterLayout.byteCount(counters: Int(counters), histograms: Int(histograms))
        guard expected == Int(size) else {
            throw .wrongFormat("\(path): expected \(expected) bytes for its places, found \(size)")
        }
        self.mapping = mapping
        counterPlaces = Int(counters)
        histogramPlaces = Int(histograms)
        process = UInt32(littleEndian: base.load(fromByteOffset: Offset.process, as: UInt32.self))
        createdNanoseconds = UInt64(littleEndian: base.load(fromByteOffset: Offset.created, as: UInt64.self))
    }

    private static let sizeMax = CounterLayout.byteCount(
        counters: CounterFile.placesMax, histograms: CounterFile.placesMax)

    /// All counters, in the order in which they were added.
    public func counters() -> [(name: String, value: UInt64)] {
        let count = inUse(CounterLayout.Offset.counters, counterPlaces)
        return (0..<count).map { index in
            let place = mapping.base + CounterLayout.counterOffset(index)
            return (name(at: place), word(place, CounterLayout.nameSize))
        }
    }

    /// The value of one counter; nil when there is none of that name.
    public func counter(_ name: String) -> UInt64? { counters().first { $0.name == name }?.value }

    /// All histograms, in the order in which they were added.
    public func histograms() -> [HistogramSnapshot] {
        let count = inUse(CounterLayout.Offset.histograms, histogramPlaces)
        return (0..<count).map { index in
            let place = mapping.base + CounterLayout.histogramOffset(index, counters: counterPlaces)
            let buckets = (0..<CounterLayout.bucketsUsed).map {
                word(place, CounterLayout.histogramHeadSize + $0 * 8)
            }
            return HistogramSnapshot(
                name: name(at: place), buckets: buckets, sum: word(place, 64), maximum: word(place, 72))
        }
    }

    /// One histogram; nil when there is none of that name.
    public func histogram(_ name: String) -> HistogramSnapshot? { histograms().first { $0.name == name } }

    private func inUse(_ offset: Int, _ places: Int) -> Int {
        min(Int(UInt32(littleEndian: platform_load_acquire_u32(mapping.base + offset))), places)
    }

    private func word(_ place: UnsafeMutableRawPointer, _ offset: Int) -> UInt64 {
        UInt64(littleEndian: platform_load_relaxed_u64(place + offset))
    }

    private func name(at place: UnsafeMutableRawPointer) -> String {
        let bytes = UnsafeRawBufferPointer(start: place, count: CounterLayout.nameSize)
        return String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
}

/// A histogram as it was read.
public struct HistogramSnapshot: Sendable, Equatable {
    public let name: String
    /// How many values fell into each bucket (`CounterLayout.bucket`).
    public let buckets: [UInt64]
    /// Sum of all values, modulo 2^64.
    public let sum: UInt64
    /// The largest value; 0 when there is none.
    public let maximum: UInt64

    /// How many values there are.
    public var count: UInt64 { buckets.reduce(0, &+) }

    /// The mean, rounded down; nil when there are no values.
    public var mean: UInt64? {
        let count = count
        return count == 0 ? nil : sum / count
    }

    /// The value that so many per million of all values do not exceed, rounded up to its bucket's end (at most 1/32
    /// more), and never above the largest; nil when there are no values.
    public func percentile(perMillion: UInt64) -> UInt64? {
        precondition(perMillion <= 1_000_000, "at most all of them")
        let count = count
        guard count > 0 else { return nil }
        // A file may say anything: no sum of it may end the reader.
        let (quotient, rest) = UInt64(1_000_000).dividingFullWidth(count.multipliedFullWidth(by: perMillion))
        let rank = max(1, quotient + (rest > 0 ? 1 : 0))
        var seen: UInt64 = 0
        for (index, bucket) in buckets.enumerated() {
            let (sum, overflow) = seen.addingReportingOverflow(bucket)
            seen = overflow ? .max : sum
            if seen >= rank { return min(CounterLayout.highestValue(ofBucket: index), maximum) }
        }
        return maximum
    }

    /// What was counted since an earlier reading of the same histogram; the maximum stays that of the whole time.
    public func since(_ earlier: HistogramSnapshot) -> HistogramSnapshot {
        HistogramSnapshot(
            name: name, buckets: zip(buckets, earlier.buckets).map { $0 &- $1 }, sum: sum &- earlier.sum,
            maximum: maximum)
    }
}
