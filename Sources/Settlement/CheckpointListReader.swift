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
