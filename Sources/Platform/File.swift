import CPlatform
import Glibc

/// Files by path and descriptor: the few calls that the journal and the node's own files need.
public enum File {
    /// How a file is opened.
    public enum Mode: Sendable {
        /// An existing file, for reading only.
        case readOnly
        /// An existing file, for reading and writing.
        case readWrite
        /// A new file; its name must not exist yet.
        case createNew
        /// A file that is made when it is missing; what it holds stays.
        case createOrOpen
        /// A directory, for locks and synchronisation.
        case directory

        var flags: Int32 {
            switch self {
            case .readOnly: O_RDONLY | O_CLOEXEC
            case .readWrite: O_RDWR | O_CLOEXEC
            case .createNew: O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC
            case .createOrOpen: O_RDWR | O_CREAT | O_CLOEXEC
            case .directory: O_RDONLY | O_DIRECTORY | O_CLOEXEC
            }
        }
    }

    /// Opens a file; new ones are readable by everyone and writable by their owner, less the process's umask.
    public static func open(_ path: String, _ mode: Mode, permissions: mode_t = 0o644) throws(PlatformError)
        -> Descriptor
    {
        Descriptor(owning: try retrying("open", path) { Glibc.open(path, mode.flags, permissions) })
    }

    /// Size in bytes.
    public static func size(_ descriptor: borrowing Descriptor, path: String = "") throws(PlatformError) -> UInt64 {
        var status = stat()
        _ = try retrying("fstat", path) { fstat(descriptor.raw, &status) }
        return UInt64(status.st_size)
    }

    /// Reserves blocks for the first `bytes` bytes and extends the file to them, so that no later store into a
    /// mapping of them finds the disk full (which a process would learn by SIGBUS).
    ///
    /// - Throws: `systemCall` with `ENOSPC` when the file system has not that much room.
    public static func allocate(_ descriptor: borrowing Descriptor, bytes: UInt64, path: String = "")
        throws(PlatformError)
    {
        let raw = descriptor.raw
        while true {
            let error = posix_fallocate(raw, 0, off_t(bytes))
            if error == 0 { return }
            if error != EINTR { throw .systemCall("posix_fallocate", subject: path, Errno(rawValue: error)) }
        }
    }

    /// Gives a file a new content, whole or not at all: what stands there before stays until the new one is durable.
    public static func replace(_ path: String, with bytes: [UInt8]) throws(PlatformError) {
        try replace([(path, bytes)])
    }

    /// Gives files of one file system new contents, each whole or not at all, and returns when all are durable. They
    /// are renamed when all are written and on the disk, so that a full disk changes none.
    ///
    /// Many are synchronised at once, by syncfs: one commit of the file system instead of one for each. It also writes
    /// what others have unwritten there.
    public static func replace(_ files: [(path: String, bytes: [UInt8])]) throws(PlatformError) {
        let isMany = files.count >= filesSynchronisedAtOnce
        for file in files { try writeDraft(file.path + draftSuffix, file.bytes, isSynchronised: !isMany) }
        if isMany {
            let first = try open(files[0].path + draftSuffix, .readOnly)
            let raw = first.raw
            _ = try retrying("syncfs", files[0].path) { platform_sync_file_system(raw) }
        }
        // Opened first: where that fails nothing has its name yet. Who tries again, in the same process, would read a
        // name that is there as if it were durable.
        var directories: [String: OpenDirectory] = [:]
        for file in files {
            let directory = file.path.lastIndex(of: "/").map { String(file.path[..<$0]) } ?? "."
            if directories[directory] == nil { directories[directory] = try OpenDirectory(directory) }
        }
        for file in files { try rename(file.path + draftSuffix, to: file.path) }
        for (path, directory) in directories.sorted(by: { $0.key < $1.key }) {
            try synchronize(directory.descriptor, path: path)
        }
    }

    /// The owner of an open directory.
    private final class OpenDirectory {
        let descriptor: Descriptor

        /// - Parameter path: empty for the root, as what stands before the slash of a name in it.
        init(_ path: String) throws(PlatformError) { descriptor = try open(path.isEmpty ? "/" : path, .directory) }
    }

    /// Writes bytes behind the first `offset` of a file, in place of whatever stands there, and returns when they are
    /// durable. The file is made when it is missing.
    public static func append(_ path: String, after offset: UInt64, _ bytes: [UInt8]) throws(PlatformError) {
        let file = try open(path, .createOrOpen)
        let raw = file.raw
        if try size(file, path: path) != offset {
            _ = try retrying("ftruncate", path) { ftruncate(raw, off_t(offset)) }
        }
        _ = try retrying("lseek", path) { Int(lseek(raw, off_t(offset), SEEK_SET)) }
        try write(file, bytes, path: path)
        try synchronize(file, path: path)
    }

    private static func write(
        _ file: borrowing Descriptor, _ bytes: [UInt8], path: String
    ) throws(PlatformError) {
        var written = 0
        while written < bytes.count {
            let raw = file.raw
            written += try retrying("write", path) {
                bytes.withUnsafeBytes { Glibc.write(raw, $0.baseAddress! + written, bytes.count - written) }
            }
        }
    }

    /// What the name of a file ends with while it is written; what a crash leaves of it is written again.
    public static let draftSuffix = ".draft"

    private static let filesSynchronisedAtOnce = 8

    private static func writeDraft(
        _ draft: String, _ bytes: [UInt8], isSynchronised: Bool
    ) throws(PlatformError) {
        if exists(draft) { try remove(draft) }
        let file = try open(draft, .createNew)
        try write(file, bytes, path: draft)
        if isSynchronised { try synchronize(file, path: draft) }
    }

    /// Makes content and metadata survive a loss of power.
    public static func synchronize(_ descriptor: borrowing Descriptor, path: String = "") throws(PlatformError) {
        let raw = descriptor.raw
        _ = try retrying("fsync", path) { fsync(raw) }
    }

    /// Makes content, and the metadata that reading it back needs, survive a loss of power.
    public static func synchronizeData(_ raw: Int32, path: String = "") throws(PlatformError) {
        _ = try retrying("fdatasync", path) { fdatasync(raw) }
    }

    /// Takes the exclusive lock of an open file or directory without waiting. Nil when another open file description
    /// holds it.
    public static func lockExclusively(
        _ descriptor: consuming Descriptor, path: String = ""
    ) throws(PlatformError) -> ExclusiveLock? {
        let raw = descriptor.raw
        do {
            _ = try retrying("flock", path) { flock(raw, LOCK_EX | LOCK_NB) }
        } catch {
            if error.errno == .wouldBlock { return nil }
            throw error
        }
        return ExclusiveLock(descriptor)
    }

    /// Renames within a file system; an existing `target` is replaced.
    public static func rename(_ path: String, to target: String) throws(PlatformError) {
        _ = try retrying("rename", "\(path) to \(target)") { Glibc.rename(path, target) }
    }

    /// Removes a file. A file that is not there is no error.
    public static func remove(_ path: String) throws(PlatformError) {
        do {
            _ = try retrying("unlink", path) { unlink(path) }
        } catch {
            if error.errno != .noEntry { throw error }
        }
    }

    /// Whether something of that name exists.
    public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// The first `limit` bytes of a file, for small files such as those of /proc.
    public static func readPrefix(_ path: String, limit: Int) throws(PlatformError) -> [UInt8] {
        try readPrefix(of: try open(path, .readOnly), path, limit: limit)
    }

    /// The first `limit` bytes of a regular file that somebody else has put there; nil when it is something else: a
    /// pipe must not keep the reader waiting for who never writes. What is looked at is what was opened.
    public static func readRegularPrefix(_ path: String, limit: Int) throws(PlatformError) -> [UInt8]? {
        let opened = try retrying("open", path) { Glibc.open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC) }
        let descriptor = Descriptor(owning: opened)
        var status = stat()
        _ = try retrying("fstat", path) { fstat(opened, &status) }
        guard status.st_mode & S_IFMT == S_IFREG else { return nil }
        return try readPrefix(of: descriptor, path, limit: min(limit, Int(status.st_size)))
    }

    private static func readPrefix(
        of descriptor: borrowing Descriptor, _ path: String, limit: Int
    ) throws(PlatformError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: limit)
        var filled = 0
        let raw = descriptor.raw
        while filled < limit {
            let count = try retrying("read", path) {
                bytes.withUnsafeMutableBytes { read(raw, $0.baseAddress! + filled, limit - filled) }
            }
            if count == 0 { break }
            filled += count
        }
        // What fills its limit may be large, and is not copied.
        return filled == limit ? bytes : Array(bytes.prefix(filled))
    }

    /// Which file has a name, until another one takes it.
    public struct Identity: Equatable, Sendable {
        private let device: UInt64
        private let inode: UInt64

        init(_ status: stat) { (device, inode) = (UInt64(status.st_dev), UInt64(status.st_ino)) }
    }

    /// Up to `limit` bytes of a file from an offset on, and which file it is; nil when there is none of that name.
    public static func readPart(
        _ path: String, from offset: UInt64, limit: Int
    ) throws(PlatformError) -> (bytes: [UInt8], file: Identity)? {
        let descriptor: Descriptor
        do throws(PlatformError) { descriptor = try open(path, .readOnly) } catch {
            guard case .systemCall(_, _, let errno) = error, errno.rawValue == ENOENT else { throw error }
            return nil
        }
        let raw = descriptor.raw
        var status = stat()
        _ = try retrying("fstat", path) { fstat(raw, &status) }
        let size = UInt64(max(status.st_size, 0))
        let wanted = offset < size ? Int(min(size - offset, UInt64(limit))) : 0
        var bytes = [UInt8](repeating: 0, count: wanted)
        var filled = 0
        while filled < wanted {
            let count = try retrying("pread", path) {
                bytes.withUnsafeMutableBytes {
                    pread(raw, $0.baseAddress! + filled, wanted - filled, off_t(offset) + off_t(filled))
                }
            }
            if count == 0 { break }
            filled += count
        }
        return (Array(bytes.prefix(filled)), Identity(status))
    }

    // <unistd.h> shows these only with _GNU_SOURCE, which Swift's view of it has not.
    private static let seekData: Int32 = 3
    private static let seekHole: Int32 = 4

    /// The next range that the file system holds as data, not as a hole or as reserved blocks that read as zeros.
    /// A file system that cannot tell calls everything data.
    public static func nextData(_ descriptor: borrowing Descriptor, from start: UInt64, size: UInt64) -> Range<UInt64>?
    {
        guard start < size else { return nil }
        let first = lseek(descriptor.raw, off_t(start), seekData)
        if first < 0 { return Errno.current.rawValue == ENXIO ? nil : start..<size }
        guard UInt64(first) < size else { return nil }
        let last = lseek(descriptor.raw, first, seekHole)
        return UInt64(first)..<(last > first ? min(UInt64(last), size) : size)
    }
}
