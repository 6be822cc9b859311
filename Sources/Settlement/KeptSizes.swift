import Platform
import Proof

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
