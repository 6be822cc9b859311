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

/// What a mapping of a journal that somebody cuts ends with. The kernel's signal is the only notice there is, and the
/// page is gone: the process says so and ends; at the next start the journal is judged in peace.
public enum TruncationSignal {
    /// Exit status: that of a journal that cannot be read on.
    static let exitStatus: Int32 = 3

    /// From now on SIGBUS ends the process with a message.
    public static func handle() {
        signal(SIGBUS) { _ in
            let text: StaticString =
                "settlement-plane: a mapped file lost its end (SIGBUS): the journal was truncated, or the disk failed\n"
            text.withUTF8Buffer { _ = Glibc.write(2, $0.baseAddress, $0.count) }
            _exit(TruncationSignal.exitStatus)
        }
    }
}
