import Platform
import Proof

/// `published/checkpoints`: every checkpoint that was signed, and the list of them, for readers who cannot list a
/// directory. A checkpoint is there before it is in the list; a start lists what a crash has left out. Neither files
/// nor lines are ever all in memory.
struct CheckpointArchive {
    private static let linesAtOnce = 4_096

    private let published: String
    /// Sizes that are in memory at once.
    private let limit: Int
    /// Bytes of the list, and the last size in it.
    private var listBytes: UInt64 = 0
    private var lastListed: UInt64 = 0

    /// Brings the list up to what is there.
    init(_ published: String, limit: Int = KeptSizes.passMax) throws(SettlementError) {
        self.published = published
        self.limit = limit
        // What a process that was killed left here is listed below: a line outlives no checkpoint.
        let directory = "\(published)/\(CheckpointFiles.directory)"
        try system { () throws(PlatformError) in try FileDirectory.synchronize(directory) }
        try list()
    }

    private var index: String { "\(published)/\(CheckpointFiles.index)" }

    /// The file of a checkpoint.
    func path(_ size: UInt64) -> String { "\(published)/\(CheckpointFiles.path(size))" }

    /// The note that is kept of a size; nil when there is none.
    func note(_ size: UInt64) -> SignedNote? {
        guard let bytes = try? File.readPrefix(path(size), limit: SignedNote.bytesMax) else { return nil }
        return try? SignedNote(bytes)
    }

    /// Keeps a checkpoint: a new one, or one that has more cosignatures now.
    mutating func keep(_ size: UInt64, _ note: [UInt8]) throws(SettlementError) {
        let isNew = !File.exists(path(size))
        try system { () throws(PlatformError) in try File.replace(path(size), with: note) }
        if size > lastListed {
            try append([size])
        } else if isNew {
            try list()
        }
    }

    /// Adds lines. What an attempt that failed left behind the last line is written over.
    private mutating func append(_ sizes: [UInt64]) throws(SettlementError) {
        let lines = sizes.flatMap(CheckpointFiles.line)
        let (index, end) = (index, listBytes)
        try system { () throws(PlatformError) in
            if end == 0 { try File.replace(index, with: lines) } else { try File.append(index, after: end, lines) }
        }
        (listBytes, lastListed) = (end + UInt64(lines.count), sizes.last ?? lastListed)
    }

    /// Adds what is kept and not listed. What the list says stays in it, also of a checkpoint that somebody removed:
    /// that is for auditors to see.
    private mutating func list() throws(SettlementError) {
        var listed = SetDigest()
        let isList = try readList(&listed)
        // What stands behind its end is added there; whether it lacks something before is seen without its lines.
        var (kept, last, isBehind) = (SetDigest(), lastListed, false)
        let directory = "\(published)/\(CheckpointFiles.directory)"
        try system { () throws(PlatformError) in
            try FileDirectory.forEachName(directory) { name in
                guard let size = CheckpointFiles.size(name) else { return }
                if size <= last { kept.add(size) } else { isBehind = true }
            }
        }
        if kept != listed, try lacksLines() { try rebuild() }
        // A list that was made again may end before.
        isBehind = isBehind || lastListed < last
        last = lastListed
        var behind = KeptSizes(published, after: last, limit: limit)
        var sizes: [UInt64] = []
        while isBehind, let size = try behind.next() {
            sizes.append(size)
            guard sizes.count == Self.linesAtOnce else { continue }
            try append(sizes)
            sizes.removeAll(keepingCapacity: true)
        }
        if !sizes.isEmpty || !isList { try append(sizes) }
    }

    /// Reads the list through: its end, and a digest of its sizes. What is no list counts for nothing. False when there
    /// is more than lines.
    private mutating func readList(_ digest: inout SetDigest) throws(SettlementError) -> Bool {
        var reader = CheckpointListReader(published)
        do throws(SettlementError) {
            while let size = try reader.next() { digest.add(size) }
        } catch {
            guard case .published = error else { throw error }
            (digest, listBytes, lastListed) = (SetDigest(), 0, 0)
            return false
        }
        (listBytes, lastListed) = (reader.byteCount, reader.last)
        return !reader.hasRest
    }

    /// Whether a size up to the last listed one is kept and not listed. Files that were removed leave the answer no.
    private func lacksLines() throws(SettlementError) -> Bool {
        var isMissing = false
        try merge { (_, isListed) throws(SettlementError) in isMissing = isMissing || !isListed }
        return isMissing
    }

    /// Writes the list again, as a draft that takes its place.
    private mutating func rebuild() throws(SettlementError) {
        let draft = index + File.draftSuffix
        var (bytes, last, written) = ([UInt8](), UInt64(0), UInt64(0))
        func flush() throws(SettlementError) {
            try system { () throws(PlatformError) in try File.append(draft, after: written, bytes) }
            written += UInt64(bytes.count)
            bytes.removeAll(keepingCapacity: true)
        }
        try merge { (size, _) throws(SettlementError) in
            bytes += CheckpointFiles.line(size)
            last = size
            if bytes.count >= CheckpointListReader.chunkBytes { try flush() }
        }
        try flush()
        let (index, directory) = (index, "\(published)/\(CheckpointFiles.directory)")
        try system { () throws(PlatformError) in
            try File.rename(draft, to: index)
            try FileDirectory.synchronize(directory)
        }
        (listBytes, lastListed) = (written, last)
    }

    /// Goes through the sizes up to the last listed one that are kept, listed, or both, ascending.
    private func merge(
        _ body: (_ size: UInt64, _ isListed: Bool) throws(SettlementError) -> Void
    ) throws(SettlementError) {
        var kept = KeptSizes(published, limit: limit)
        var listed = CheckpointListReader(published)
        var next = (kept: try kept.next(), listed: try listed.next())
        while true {
            if let size = next.kept, size > lastListed { next.kept = nil }
            guard let size = [next.kept, next.listed].compactMap(\.self).min(), size <= lastListed else { return }
            try body(size, size == next.listed)
            if size == next.kept { next.kept = try kept.next() }
            if size == next.listed { next.listed = try listed.next() }
        }
    }
}

/// Says whether two sets of sizes are the same, whatever order they come in.
private struct SetDigest: Equatable {
    private var count = 0
    private var sum: UInt64 = 0

    /// Adds a size, once.
    mutating func add(_ size: UInt64) {
        count += 1
        // splitmix64: sizes that are close have digests that are not.
        var mixed = size &+ 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        sum &+= mixed ^ (mixed >> 31)
    }
}
