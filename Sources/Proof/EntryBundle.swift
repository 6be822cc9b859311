/// The entries of a bundle (C2SP tlog-tiles): each behind its length, u16 big-endian.
public enum EntryBundle {
    /// Bytes of an entry at most.
    public static let entryBytesMax = Int(UInt16.max)
    /// Bytes of a bundle at most.
    public static let bytesMax = TilePath.widthMax * (2 + entryBytesMax)

    /// Adds an entry.
    public static func append(_ entry: UnsafeRawBufferPointer, to bundle: inout [UInt8]) {
        precondition(entry.count <= entryBytesMax, "an entry of a bundle")
        bundle.append(UInt8(entry.count >> 8))
        bundle.append(UInt8(entry.count & 255))
        bundle.append(contentsOf: entry)
    }

    /// The entries of a bundle; nil when the bytes are not just `count` of them.
    public static func entries(_ bundle: [UInt8], count: Int) -> [[UInt8]]? {
        var (entries, next) = ([[UInt8]](), 0)
        while next < bundle.count {
            guard next + 2 <= bundle.count else { return nil }
            let length = Int(bundle[next]) << 8 | Int(bundle[next + 1])
            guard next + 2 + length <= bundle.count, entries.count < count else { return nil }
            entries.append(Array(bundle[(next + 2)..<(next + 2 + length)]))
            next += 2 + length
        }
        return entries.count == count ? entries : nil
    }
}
