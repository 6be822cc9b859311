import Platform

/// Writes the entry bundles of a growing log: later than the hashes, when what records show may be seen.
///
/// Memory: one bundle, at most 256 entries of 65,535 bytes.
public struct EntryWriter {
    public let directory: String
    /// The index of the entry that is wanted next.
    public private(set) var nextIndex: UInt64
    /// The size up to which entries are on the disk.
    public private(set) var publishedSize: UInt64
    private var bundle: [UInt8] = []
    private var directories = DurableDirectories()

    /// Goes on behind `size` entries that are in the directory. The entries of the last bundle are wanted again, from
    /// `nextIndex` on, when it is not full.
    public init(directory: String, size: UInt64) {
        self.directory = directory
        (publishedSize, nextIndex) = (size, size & ~255)
    }

    /// Adds the entry `nextIndex`. A full bundle is written at once.
    public mutating func append(_ entry: UnsafeRawBufferPointer) throws(LogError) {
        EntryBundle.append(entry, to: &bundle)
        nextIndex += 1
        guard nextIndex & 255 == 0 else { return }
        let path = TilePath(.entries, index: nextIndex >> 8 - 1)
        try TileFiles.write([(path, bundle)], below: directory, &directories)
        TileFiles.removePartials(of: [path], below: directory)
        bundle.removeAll(keepingCapacity: true)
        publishedSize = max(publishedSize, nextIndex)
    }

    /// Writes the bundle that is not full yet, and returns when it is on the disk.
    public mutating func publish() throws(LogError) {
        guard nextIndex > publishedSize, nextIndex & 255 != 0 else { return }
        let path = TilePath(.entries, index: nextIndex >> 8, width: Int(nextIndex & 255))
        try TileFiles.write([(path, bundle)], below: directory, &directories)
        publishedSize = nextIndex
    }
}
