import ArgumentParser
import Foundation
import Platform
import Proof

/// Files that are given on the command line. One that cannot be read, or is not what it should be, ends every command
/// with status 2, anchors too: what was asked for was not checked.
enum AuditFiles {
    /// Says what went wrong; exit status 2.
    static func fail(_ text: String) -> any Error {
        complain(text)
        return ExitCode(2)
    }

    /// Prints a line on standard error.
    static func complain(_ text: String) { FileHandle.standardError.write(Data("verifier: \(text)\n".utf8)) }

    /// Refuses a scheme that nobody reads; without one it is a directory.
    static func requirePlace(_ place: String) throws {
        guard place.contains("://"), !place.hasPrefix("http://"), !place.hasPrefix("https://") else { return }
        throw ValidationError("\(place): expected a directory, or a URL that starts with http:// or https://")
    }

    /// Prints a line at once, also into a pipe; one that nobody reads any more is no reason to fail.
    static func say(_ line: String) { try? FileHandle.standardOutput.write(contentsOf: Data((line + "\n").utf8)) }

    /// Reads a file of at most so many bytes.
    static func read(_ path: String, limit: Int) throws -> [UInt8] {
        let size: UInt64
        do throws(PlatformError) { size = try File.size(File.open(path, .readOnly), path: path) } catch {
            throw fail("\(error)")
        }
        guard size <= UInt64(limit) else { throw fail("\(path) has \(size) bytes, more than \(limit)") }
        do throws(PlatformError) { return try File.readPrefix(path, limit: min(limit, Int(size) + 4096)) } catch {
            throw fail("\(error)")
        }
    }

    /// Reads anchors.
    static func anchors(_ path: String) throws -> Anchors {
        let bytes = try read(path, limit: Anchors.byteCountMax)
        do throws(AnchorsError) { return try Anchors(bytes) } catch { throw fail("\(path): \(error)") }
    }
}
