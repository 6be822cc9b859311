import Glibc

/// Directories: making, listing and synchronising them.
public enum FileDirectory {
    /// Makes a directory and its missing parents.
    public static func create(_ path: String) throws(PlatformError) {
        var prefix = path.hasPrefix("/") ? "/" : ""
        for component in path.split(separator: "/") {
            prefix += (prefix.isEmpty || prefix.hasSuffix("/") ? "" : "/") + component
            if mkdir(prefix, 0o755) == -1 {
                let errno = Errno.current
                if errno.rawValue != EEXIST { throw .systemCall("mkdir", subject: prefix, errno) }
            }
        }
    }

    /// Makes a directory and its missing parents, and returns when they are durable (`DurableDirectories`).
    public static func createDurably(_ path: String) throws(PlatformError) {
        var directories = DurableDirectories()
        try directories.create(path)
    }

    /// Removes an empty directory.
    public static func remove(_ path: String) throws(PlatformError) {
        guard rmdir(path) == 0 else { throw .systemCall("rmdir", subject: path, .current) }
    }

    /// Whether a directory of that name exists.
    public static func exists(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }

    /// Removes a directory with everything in it. One that is not there is no error.
    public static func removeAll(_ path: String) throws(PlatformError) {
        guard exists(path) else { return }
        for name in try names(path) {
            let inside = "\(path)/\(name)"
            if exists(inside) { try removeAll(inside) } else { try File.remove(inside) }
        }
        try remove(path)
    }

    /// Names of what stands in a directory, without `.` and `..`, sorted.
    public static func names(_ path: String) throws(PlatformError) -> [String] {
        var names: [String] = []
        try forEachName(path) { names.append($0) }
        return names.sorted()
    }

    /// Looks at the names one after the other, in no order: for a directory of which nobody knows how many it has.
    public static func forEachName(_ path: String, _ body: (String) -> Void) throws(PlatformError) {
        guard let stream = opendir(path) else { throw .systemCall("opendir", subject: path, .current) }
        defer { closedir(stream) }
        while true {
            Glibc.errno = 0
            guard let entry = readdir(stream) else {
                let errno = Errno.current
                if errno.rawValue != 0 { throw .systemCall("readdir", subject: path, errno) }
                return
            }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { body(name) }
        }
    }

    /// Makes creations, renames and removals in a directory survive a loss of power.
    public static func synchronize(_ path: String) throws(PlatformError) {
        let descriptor = try File.open(path, .directory)
        try File.synchronize(descriptor, path: path)
    }
}
