import Platform
import Proof

/// Reads the list of kept checkpoints, `checkpoints/index`, in fixed memory, and goes on where it stopped once it has
/// grown. A list that took the place of the one before is read from its beginning; what was handed out is passed over.
struct CheckpointListReader {
    /// Bytes that are read at once.
    static let chunkBytes = 65_536
    /// Bytes of memory: what is read, its whole lines, and sizes of two bytes each, in an array that has grown to them.
    static let byteCountMax = (2 + 3 * 8 / 2) * chunkBytes

    private let path: String
    private var file: File.Identity?
    private var chunk: ArraySlice<UInt64> = []
    /// Size of the last line that was read.
    private var previous: UInt64 = 0
    /// Bytes of the lines that were read.
    private(set) var byteCount: UInt64 = 0
    /// Size that was handed out last.
    private(set) var last: UInt64
    /// Whether what stands behind the last line is none, and not yet one.
    private(set) var hasRest = false

    /// - Parameter last: what is handed out is larger.
    init(_ published: String, after last: UInt64 = 0) {
        path = "\(published)/\(CheckpointFiles.index)"
        self.last = last
    }

    /// The next size; nil when there is no further whole line.
    ///
    /// - Throws: `published` when it is no list.
    mutating func next() throws(SettlementError) -> UInt64? {
        while true {
            while let size = chunk.popFirst() {
                if size <= last { continue }
                last = size
                return size
            }
            guard try fill() else { return nil }
        }
    }

    /// Reads whole lines. False when there are none.
    private mutating func fill() throws(SettlementError) -> Bool {
        let (path, offset) = (path, byteCount)
        let part = try system { () throws(PlatformError) in
            try File.readPart(path, from: offset, limit: Self.chunkBytes)
        }
        guard let part else { return false }
        if let file, file != part.file {
            (self.file, previous, byteCount) = (part.file, 0, 0)
            return try fill()
        }
        file = part.file
        let end = part.bytes.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        hasRest = end < part.bytes.count
        guard end > 0 else {
            guard part.bytes.count < Self.chunkBytes else { throw .published("\(path) is no list") }
            return false
        }
        let sizes: [UInt64]
        do throws(LogError) { sizes = try CheckpointFiles.sizes(Array(part.bytes[..<end])) } catch {
            throw SettlementError(error)
        }
        guard let first = sizes.first, first > previous else { throw .published("\(path) does not ascend") }
        (previous, byteCount) = (sizes.last ?? first, byteCount + UInt64(end))
        chunk = sizes[...]
        return true
    }
}

/// The sizes of the checkpoints that are kept, in order, though the directory has none: as many as fit the memory are
/// picked out of it at a time.
struct KeptSizes {
    /// Sizes of one pass over the directory.
    static let passMax = 1 << 18
    /// Bytes of memory: twice as many as one pass picks, and those that it has picked.
    static let byteCountMax = 3 * passMax * 8

    private let directory: String
    private let isDescending: Bool
    private let limit: Int
    private var picked: ArraySlice<UInt64> = []
    private var hasMore = true
    private var last: UInt64

    /// - Parameters:
    ///   - last: sizes up to this one are passed over; descending, sizes from this one on.
    ///   - limit: of one pass.
    init(_ published: String, after last: UInt64? = nil, isDescending: Bool = false, limit: Int = Self.passMax) {
        directory = "\(published)/\(CheckpointFiles.directory)"
        self.isDescending = isDescending
        self.limit = limit
        self.last = last ?? (isDescending ? .max : 0)
    }

    /// The next size; nil behind the last one.
    mutating func next() throws(SettlementError) -> UInt64? {
        if picked.isEmpty, hasMore { try pick() }
        guard let size = picked.popFirst() else { return nil }
        last = size
        return size
    }

    private mutating func pick() throws(SettlementError) {
        var sizes: [UInt64] = []
        sizes.reserveCapacity(2 * limit)
        // Those that come next are the smallest of these.
        func rank(_ size: UInt64) -> UInt64 { isDescending ? ~size : size }
        let from = rank(last)
        var bound = UInt64.max
        let directory = directory
        try system { () throws(PlatformError) in
            try FileDirectory.forEachName(directory) { name in
                guard let size = CheckpointFiles.size(name), case let rank = rank(size), rank > from, rank < bound
                else { return }
                sizes.append(rank)
                guard sizes.count == 2 * limit else { return }
                sizes.sort()
                sizes.removeLast(limit)
                bound = sizes[limit - 1]
            }
        }
        sizes.sort()
        hasMore = bound < .max || sizes.count > limit
        picked = sizes.prefix(limit).map(rank)[...]
    }
}
