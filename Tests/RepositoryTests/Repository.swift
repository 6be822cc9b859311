import Foundation

/// One thing that the repository must not have, with its place.
struct Violation: Equatable, CustomStringConvertible {
    var path: String
    var line: Int
    var text: String

    var description: String { "\(path):\(line): \(text)" }
}

/// A text file of the repository.
struct SourceFile {
    /// Relative to the root, with slashes.
    var path: String
    var lines: [String]

    init(path: String, text: String) {
        self.path = path
        lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        // What follows the last newline is not a line.
        if lines.last == "" { lines.removeLast() }
    }

    var name: String { String(path.split(separator: "/").last!) }
    var isSwift: Bool { path.hasSuffix(".swift") }
    /// The directory below Sources or Tests that the file is in.
    var module: String? {
        let parts = path.split(separator: "/")
        return parts.count > 2 && ["Sources", "Tests", "Bench"].contains(parts[0]) ? String(parts[1]) : nil
    }
}

/// The working copy that these tests were compiled from.
enum Repository {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Names at the top level.
    static var topLevel: [String] { try! FileManager.default.contentsOfDirectory(atPath: root.path).sorted() }

    /// Names of the directories right below one.
    static func directories(_ path: String) -> [String] {
        let parent = root.appendingPathComponent(path)
        let names = try! FileManager.default.contentsOfDirectory(atPath: parent.path).sorted()
        return names.filter {
            let url = parent.appendingPathComponent($0)
            return (try? url.resourceValues(forKeys: [.isDirectoryKey]))?.isDirectory == true
        }
    }

    /// Every text file that somebody wrote: the trees of sources, tests, benchmarks and tools, and the files above
    /// them.
    static let files: [SourceFile] = {
        var paths: [String] = topLevel.filter { ["md", "toml", "swift"].contains(($0 as NSString).pathExtension) }
        for tree in ["Sources", "Tests", "Bench", "tools", ".ci"] {
            let enumerator = FileManager.default.enumerator(atPath: root.appendingPathComponent(tree).path)
            while let path = enumerator?.nextObject() as? String {
                // Build products of a tool that is a package of its own.
                if path.contains(".build") { continue }
                if enumerator?.fileAttributes?[.type] as? FileAttributeType == .typeRegular {
                    paths.append(tree + "/" + path)
                }
            }
        }
        return paths.sorted().compactMap { path in
            // Binary golden files are not text.
            (try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)).map {
                SourceFile(path: path, text: $0)
            }
        }
    }()

    static func text(_ path: String) -> String {
        (try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)) ?? ""
    }
}
