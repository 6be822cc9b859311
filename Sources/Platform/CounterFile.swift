import CPlatform
import Glibc

/// The writer of a counters file (`CounterLayout`): names its counters and histograms at start, and hands out handles
/// that threads write through.
///
/// A new file takes the place of an old one by its name, so that a reader of the old one keeps what it has mapped.
/// On a disk, the kernel's write-back makes the next store to each page cost about 2 µs; on tmpfs it does not.
public struct CounterFile: ~Copyable, @unchecked Sendable {
    private let mapping: Mapping
    private let counterPlaces: Int
    private let histogramPlaces: Int
    private var counterNames: [String] = []
    private var histogramNames: [String] = []

    /// Most places of each kind that a file can have.
    public static let placesMax = 4096

    /// Makes the file, all zero, with places for so many counters and histograms.
    ///
    /// - Throws: `invalidArgument` for more than `placesMax` places; `systemCall` with `ENOSPC` where there is no room.
    public init(path: String, counters: Int = 256, histograms: Int = 32) throws(PlatformError) {
        guard (0...Self.placesMax).contains(counters), (0...Self.placesMax).contains(histograms) else {
            throw .invalidArgument("places \(counters) and \(histograms): expected 0...\(Self.placesMax)")
        }
        let byteCount = CounterLayout.byteCount(counters: counters, histograms: histograms)
        let unfinished = path + ".new"
        try File.remove(unfinished)
        let file = try File.open(unfinished, .createNew)
        try File.allocate(file, bytes: UInt64(byteCount), path: unfinished)
        let mapping = try Mapping(file, byteCount: byteCount, .readWrite, path: unfinished)
        Mapping.populateForWriting(mapping.base, byteCount: byteCount)
        let base = mapping.base
        base.storeBytes(of: CounterLayout.magic.littleEndian, as: UInt64.self)
        typealias Offset = CounterLayout.Offset
        base.storeBytes(of: CounterLayout.version.littleEndian, toByteOffset: Offset.version, as: UInt32.self)
        base.storeBytes(of: UInt32(counters).littleEndian, toByteOffset: Offset.counterPlaces, as: UInt32.self)
        base.storeBytes(of: UInt32(histograms).littleEndian, toByteOffset: Offset.histogramPlaces, as: UInt32.self)
        base.storeBytes(of: UInt32(getpid()).littleEndian, toByteOffset: Offset.process, as: UInt32.self)
        base.storeBytes(
            of: SystemClock.realtimeNanoseconds().littleEndian, toByteOffset: Offset.created, as: UInt64.self)
        try File.rename(unfinished, to: path)
        self.mapping = mapping
        counterPlaces = counters
        histogramPlaces = histograms
    }

    /// Adds a counter, at 0. The handle is good for as long as the file's owner lives.
    ///
    /// - Throws: `invalidArgument` for a name that is empty, longer than 56 bytes or in use, or when no place is left.
    public mutating func counter(_ name: String) throws(PlatformError) -> Counter {
        try check(name, counterNames, counterPlaces)
        let place = mapping.base + CounterLayout.counterOffset(counterNames.count)
        write(name, at: place)
        counterNames.append(name)
        platform_store_release_u32(
            mapping.base + CounterLayout.Offset.counters, UInt32(counterNames.count).littleEndian)
        return Counter(word: place + CounterLayout.nameSize)
    }

    /// Adds an empty histogram. The handle is good for as long as the file's owner lives.
    ///
    /// - Throws: as `counter`.
    public mutating func histogram(_ name: String) throws(PlatformError) -> CounterHistogram {
        try check(name, histogramNames, histogramPlaces)
        let place = mapping.base + CounterLayout.histogramOffset(histogramNames.count, counters: counterPlaces)
        write(name, at: place)
        histogramNames.append(name)
        platform_store_release_u32(
            mapping.base + CounterLayout.Offset.histograms, UInt32(histogramNames.count).littleEndian)
        return CounterHistogram(base: place)
    }

    private func check(_ name: String, _ names: [String], _ places: Int) throws(PlatformError) {
        guard (1...CounterLayout.nameSize).contains(name.utf8.count), !name.utf8.contains(0) else {
            throw .invalidArgument("name \"\(name)\": expected 1 to \(CounterLayout.nameSize) bytes")
        }
        guard !names.contains(name) else { throw .invalidArgument("name \"\(name)\": already in use") }
        guard names.count < places else { throw .invalidArgument("name \"\(name)\": all \(places) places are taken") }
    }

    private func write(_ name: String, at place: UnsafeMutableRawPointer) {
        for (offset, byte) in name.utf8.enumerated() {
            place.storeBytes(of: byte, toByteOffset: offset, as: UInt8.self)
        }
    }
}

/// One counter of a `CounterFile`. One thread writes it; any process reads it.
@frozen
public struct Counter: @unchecked Sendable {
    @usableFromInline
    let word: UnsafeMutableRawPointer

    @usableFromInline
    init(word: UnsafeMutableRawPointer) { self.word = word }

    /// Adds; wraps at 2^64.
    @inlinable @inline(__always)
    public func add(_ amount: UInt64 = 1) { platform_add_single_writer_u64(word, amount) }

    /// Replaces the value: for what goes up and down.
    @inlinable @inline(__always)
    public func set(_ value: UInt64) { platform_store_relaxed_u64(word, value) }

    @inlinable
    public var value: UInt64 { platform_load_relaxed_u64(word) }
}

/// One histogram of a `CounterFile`. One thread writes it; any process reads it.
@frozen
public struct CounterHistogram: @unchecked Sendable {
    @usableFromInline
    let base: UnsafeMutableRawPointer

    @usableFromInline
    init(base: UnsafeMutableRawPointer) { self.base = base }

    /// Counts one value (a time in nanoseconds, a size): three stores, no branch but the maximum's.
    @inlinable
    public func record(_ value: UInt64) {
        platform_add_single_writer_u64(base + (128 &+ CounterLayout.bucket(of: value) &* 8), 1)
        platform_add_single_writer_u64(base + 64, value)
        if value > platform_load_relaxed_u64(base + 72) { platform_store_relaxed_u64(base + 72, value) }
    }
}
