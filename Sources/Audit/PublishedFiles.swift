import Glibc
import Platform

/// Files that a venue published, below a directory or a URL. What they hold is not trusted, not even their size.
final class PublishedFiles: @unchecked Sendable {
    /// Directory or URL, as it was given.
    let place: String
    private let remote: RemoteFiles?

    /// Why a file was not read.
    enum Failure: Error {
        /// It is not there.
        case missing(String)
        /// It is larger than it may be.
        case tooLarge(String)
        /// It cannot be read.
        case unreadable(String)

        var text: String {
            switch self {
            case .missing(let name): "\(name) is missing"
            case .tooLarge(let name): "\(name) is too large"
            case .unreadable(let reason): reason
            }
        }
    }

    /// - Parameter place: a path, or an `http://` or `https://` URL.
    init(_ place: String) {
        self.place = place
        let isRemote = place.hasPrefix("http://") || place.hasPrefix("https://")
        remote = isRemote ? RemoteFiles(place) : nil
    }

    /// Whether they come over a network.
    var isRemote: Bool { remote != nil }

    /// A file's bytes, of which there are at most `limit`.
    ///
    /// - Parameter name: path below the place, made of parts that are safe in both.
    func read(_ name: String, limit: Int) throws(Failure) -> [UInt8] {
        if let remote { return try remote.read(name, limit: limit) }
        let bytes: [UInt8]?
        do throws(PlatformError) { bytes = try Self.readRegular("\(place)/\(name)", limit) } catch {
            let isMissing = error.errno == .noEntry || error.errno?.rawValue == ENOTDIR
            throw isMissing ? .missing("\(place)/\(name)") : .unreadable("\(error)")
        }
        guard let bytes else { throw .tooLarge(name) }
        return bytes
    }

    /// A regular file's bytes; nil when it is something else, or larger.
    private static func readRegular(_ path: String, _ limit: Int) throws(PlatformError) -> [UInt8]? {
        // Something that is no file must not keep the reader waiting: it is looked at before it is opened.
        var status = stat()
        guard stat(path, &status) == 0 else { throw .systemCall("stat", subject: path, .current) }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_size <= limit else { return nil }
        return try File.readPrefix(path, limit: Int(status.st_size))
    }

    /// Names in a directory, sorted; nil when they cannot be listed, as on a web server.
    func names(_ directory: String) -> [String]? {
        isRemote ? nil : try? FileDirectory.names("\(place)/\(directory)")
    }
}
