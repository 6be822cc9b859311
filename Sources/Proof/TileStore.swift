import Cryptography
import Glibc
import Platform

/// Where the files of a log come from: a directory, or a web server.
public protocol TileStore {
    /// The file below the log's prefix.
    ///
    /// - Throws: `missing` when there is none; `malformed` when it is longer than `limit`.
    func file(_ path: String, limit: Int) throws(LogError) -> [UInt8]
}

/// The files of a log in a directory.
public struct TileDirectory: TileStore, Sendable {
    public let path: String

    public init(_ path: String) { self.path = path }

    public func file(_ name: String, limit: Int) throws(LogError) -> [UInt8] {
        let place = "\(path)/\(name)"
        let bytes: [UInt8]?
        do throws(PlatformError) { bytes = try File.readRegularPrefix(place, limit: limit + 1) } catch {
            throw error.errno == .noEntry ? .missing(place) : .system(error)
        }
        guard let bytes else { throw .system(.systemCall("read", subject: place, Errno(rawValue: EINVAL))) }
        guard bytes.count <= limit else {
            throw .malformed("\(place): \(limit + 1) bytes or more", expected: "at most \(limit)")
        }
        return bytes
    }
}
