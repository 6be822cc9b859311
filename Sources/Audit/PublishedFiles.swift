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
        do throws(PlatformError) { bytes = try File.readRegularPrefix("\(place)/\(name)", limit: limit + 1) } catch {
            let isMissing = error.errno == .noEntry || error.errno?.rawValue == ENOTDIR
            throw isMissing ? .missing("\(place)/\(name)") : .unreadable("\(error)")
        }
        guard let bytes else { throw .unreadable("\(name) is no file") }
        guard bytes.count <= limit else { throw .tooLarge(name) }
        return bytes
    }

    /// Names in a directory, sorted; nil when they cannot be listed, as on a web server.
    func names(_ directory: String) -> [String]? {
        isRemote ? nil : try? FileDirectory.names("\(place)/\(directory)")
    }
}
