import Platform
import Proof

/// `published/checkpoints`: every checkpoint that was signed, and the list of them, for readers who cannot list a
/// directory. A checkpoint is there before it is in the list; a start lists what a crash has left out.
struct CheckpointArchive {
    private let published: String
    /// Bytes of the list, and the last size in it.
    private var listBytes: UInt64 = 0
    private var lastListed: UInt64 = 0

    /// Brings the list up to what is there.
    init(_ published: String) throws(SettlementError) {
        self.published = published
        try list([])
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
            // What an attempt that failed left behind the last line is written over.
            let line = CheckpointFiles.line(size)
            try system { () throws(PlatformError) in try File.append(index, after: listBytes, line) }
            (listBytes, lastListed) = (listBytes + UInt64(line.count), size)
        } else if isNew {
            try list([size])
        }
    }

    /// Writes the list again when it lacks a size that is there, or one of these. What it says stays in it, also of a
    /// checkpoint that somebody removed: that is for auditors to see.
    private mutating func list(_ sizes: [UInt64]) throws(SettlementError) {
        let (names, old) = try system { () throws(PlatformError) in
            (
                try FileDirectory.names("\(published)/\(CheckpointFiles.directory)"),
                File.exists(index) ? try File.readPrefix(index, limit: CheckpointFiles.indexBytesMax) : []
            )
        }
        let listed = (try? CheckpointFiles.sizes(old)) ?? []
        let all = Set(listed).union(names.compactMap(CheckpointFiles.size)).union(sizes).sorted()
        let new = all.flatMap(CheckpointFiles.line)
        if new != old { try system { () throws(PlatformError) in try File.replace(index, with: new) } }
        (listBytes, lastListed) = (UInt64(new.count), all.last ?? 0)
    }
}
