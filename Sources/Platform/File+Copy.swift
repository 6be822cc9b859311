import Glibc

extension File {
    /// Bytes that are copied at a time.
    public static let pieceBytes = 1 << 20

    /// Gives an existing file of the same file system one more name.
    ///
    /// - Throws: `systemCall` with `EEXIST` when something has that name.
    public static func link(_ path: String, to name: String) throws(PlatformError) {
        _ = try retrying("link", "\(path) to \(name)") { Glibc.link(path, name) }
    }

    /// Writes what a file holds to a new one, piece by piece, and returns when that is durable but for its name. What
    /// had the name before is removed, and so is what was written when it fails: a full disk gets its room back.
    ///
    /// - Parameters:
    ///   - target: a name that counts for nothing yet, such as that of a draft.
    ///   - pass: sees every piece, in order.
    public static func copy(
        _ path: String, to target: String, _ pass: (UnsafeRawBufferPointer) -> Void = { _ in }
    ) throws(PlatformError) {
        let source = try open(path, .readOnly)
        try remove(target)
        let copy = try open(target, .createNew)
        do throws(PlatformError) { try copyBytes(source, path, copy, target, pass) } catch {
            try? remove(target)
            throw error
        }
    }

    private static func copyBytes(
        _ source: borrowing Descriptor, _ path: String, _ copy: borrowing Descriptor, _ target: String,
        _ pass: (UnsafeRawBufferPointer) -> Void
    ) throws(PlatformError) {
        let (from, into) = (source.raw, copy.raw)
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceBytes, alignment: 64)
        defer { piece.deallocate() }
        while true {
            let count = try retrying("read", path) { read(from, piece.baseAddress!, piece.count) }
            if count == 0 { break }
            pass(UnsafeRawBufferPointer(rebasing: piece[..<count]))
            var written = 0
            while written < count {
                written += try retrying("write", target) {
                    Glibc.write(into, piece.baseAddress! + written, count - written)
                }
            }
        }
        try synchronize(copy, path: target)
    }
}
