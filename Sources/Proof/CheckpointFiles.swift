/// Names of the checkpoints that a log keeps, below its prefix, and the list of them (`Proof.md`, "Files").
public enum CheckpointFiles {
    /// The directory of kept checkpoints.
    public static let directory = "checkpoints"
    /// The list: their sizes, decimal, ascending, one a line, each line ended by LF.
    public static let index = "checkpoints/index"
    /// Bytes of the list that are read at most: a checkpoint every five seconds for four years.
    public static let indexBytesMax = 1 << 28

    /// The path of a kept checkpoint: its size in 20 digits.
    public static func path(_ size: UInt64) -> String { "\(directory)/\(NumberedFile.name(size))" }

    /// The size that a name in the directory says; nil when it is no name of a checkpoint.
    public static func size(_ name: String) -> UInt64? {
        NumberedFile.number(name).flatMap { $0 > 0 && $0 < 1 << 63 ? $0 : nil }
    }

    /// The line of a size.
    public static func line(_ size: UInt64) -> [UInt8] { Array("\(size)\n".utf8) }

    /// The sizes that a list says. A last line without its LF is being written, and is passed over.
    public static func sizes(_ index: [UInt8]) throws(LogError) -> [UInt64] {
        var sizes: [UInt64] = []
        var rest = index[...]
        while let end = rest.firstIndex(of: 0x0A) {
            let line = String(decoding: rest[..<end], as: UTF8.self)
            guard let size = LogText.decimal(line), size > sizes.last ?? 0 else {
                throw .malformed("line \(sizes.count + 1) of \(Self.index)", expected: "a size above the one before")
            }
            sizes.append(size)
            rest = rest[(end + 1)...]
        }
        return sizes
    }
}
