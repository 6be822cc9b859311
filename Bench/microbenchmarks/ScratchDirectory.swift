import Foundation

/// A directory of a benchmark's own: must not exist before, is removed after.
final class ScratchDirectory {
    let path: String

    init(_ path: String) throws(BenchmarkError) {
        guard !FileManager.default.fileExists(atPath: path) else { throw .exists(path) }
        self.path = path
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
