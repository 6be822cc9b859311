import Cryptography
import Platform

extension SnapshotDirectory {
    /// Gives a snapshot a name in another directory of the same file system too: it stays there when it goes here.
    public func link(_ sequence: UInt64, to other: SnapshotDirectory) throws(PlatformError) {
        let name = Self.name(sequence)
        try FileDirectory.create(other.path)
        try File.remove("\(other.path)/\(name)")
        try File.link("\(path)/\(name)", to: "\(other.path)/\(name)")
    }

    /// Removes a snapshot.
    public func remove(_ sequence: UInt64) throws(PlatformError) { try File.remove("\(path)/\(Self.name(sequence))") }

    /// Copies a snapshot piece by piece, held to its hash: it has the new name when it is whole and durable.
    ///
    /// - Throws: `damaged` when its hash does not hold; `system`.
    public func copy(_ sequence: UInt64, to path: String) throws(SnapshotRefusal) {
        let own = "\(self.path)/\(Self.name(sequence))"
        let draft = path + File.draftSuffix
        var hash = Blake2b256.Stream()
        // The last bytes are the hash itself: what may belong to it waits.
        var end: [UInt8] = []
        do throws(PlatformError) {
            try File.copy(own, to: draft) { piece in
                let hashed = max(end.count + piece.count - Hash256.byteCount, 0)
                let waiting = min(hashed, end.count)
                if waiting > 0 { end.withUnsafeBytes { hash.update($0.baseAddress!, count: waiting) } }
                if hashed > waiting { hash.update(piece.baseAddress!, count: hashed - waiting) }
                end = Array(end.dropFirst(waiting)) + piece.dropFirst(hashed - waiting)
            }
        } catch { throw .system("\(error)") }
        let found = hash.finish()
        guard end.count == Hash256.byteCount, end.withUnsafeBytes({ found.matches($0.baseAddress!) }) else {
            try? File.remove(draft)
            throw .damaged("its hash does not hold")
        }
        do throws(PlatformError) {
            try File.rename(draft, to: path)
            try FileDirectory.synchronize(path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ".")
        } catch { throw .system("\(error)") }
    }
}
