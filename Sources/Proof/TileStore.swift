import Cryptography
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
        let size: UInt64
        do throws(PlatformError) {
            size = try File.size(try File.open(place, .readOnly), path: place)
            if size <= UInt64(limit) { return try File.readPrefix(place, limit: Int(size)) }
        } catch {
            throw error.errno == .noEntry ? .missing(place) : .system(error)
        }
        throw .malformed("\(place): \(size) bytes", expected: "at most \(limit)")
    }
}
