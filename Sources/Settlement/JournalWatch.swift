import Glibc
import Journal
import Platform

/// Notices that the files under a mapping are not the ones that have their names any more, or lost their end: a journal
/// that was restored, cut or exchanged while it was followed. A mapping alone would not tell, or tell by SIGBUS.
struct JournalWatch {
    private struct Identity: Equatable {
        var device: UInt64
        var inode: UInt64
    }

    private let directory: String
    private var file = ""
    private var identity: Identity?
    private var byteCount: Int64 = 0

    init(directory: String) { self.directory = directory }

    /// Whether the segment that is being read is still what has its name, as long as it was.
    mutating func holds(_ name: String) -> Bool {
        guard let (found, size) = Self.look("\(directory)/\(name)") else {
            file = ""
            return false
        }
        defer { (file, identity, byteCount) = (name, found, size) }
        if name != file { return true }
        return found == identity && size >= byteCount
    }

    private static func look(_ path: String) -> (Identity, Int64)? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return (Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino)), Int64(status.st_size))
    }
}
