import Foundation

/// What a loss of power may leave of the files below a directory.
///
/// Nothing is promised but what was synchronised, in the widest sense that POSIX allows. Of a file, each page may have
/// any content that it had since it was synchronised last, and the length may be any that it had. Of a directory, each
/// name may stand for whatever it stood for since the directory was synchronised last, or for nothing where it did. A
/// rename gives a name its new file at once.
final class DiskModel {
    /// How much of what was not synchronised got to the disk.
    enum Luck: CaseIterable {
        case nothing, everything, anything
    }

    private static let pageBytes = 4096

    private final class Content {
        var stable: [UInt8] = []
        var current: [UInt8] = []
        /// What was done since it was synchronised; `length` is that of the file behind it.
        var writes: [(number: Int, offset: Int, bytes: [UInt8], length: Int)] = []
    }

    private final class Names {
        var stable: [String: Node] = [:]
        var current: [String: Node] = [:]
        var changes: [(number: Int, name: String, node: Node?)] = []
    }

    private enum Node {
        case file(Content)
        case directory(Names)
    }

    private let root: String
    private let top = Names()
    private var nodes: [Node] = []
    /// Operations that were applied.
    private(set) var count = 0

    /// The files below a directory, all of them durable.
    ///
    /// - Parameter names: what is looked at there; what is not is no part of the model.
    init(_ root: String, names: [String]) throws {
        self.root = root
        nodes.append(.directory(top))
        for name in names { try load(name) }
    }

    private func load(_ path: String) throws {
        let parts = path.split(separator: "/").map(String.init)
        var directory = top
        for part in parts.dropLast() { directory = subdirectory(part, of: directory) }
        guard FileManager.default.fileExists(atPath: "\(root)/\(path)") else { return }
        if let names = try? FileManager.default.contentsOfDirectory(atPath: "\(root)/\(path)") {
            _ = subdirectory(parts.last!, of: directory)
            for name in names { try load("\(path)/\(name)") }
            return
        }
        let content = Content()
        content.stable = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(root)/\(path)")))
        content.current = content.stable
        set(parts.last!, of: directory, .file(content))
    }

    private func subdirectory(_ name: String, of directory: Names) -> Names {
        if case .directory(let known) = directory.current[name] { return known }
        let made = Names()
        set(name, of: directory, .directory(made))
        return made
    }

    private func set(_ name: String, of directory: Names, _ node: Node) {
        nodes.append(node)
        directory.stable[name] = node
        directory.current[name] = node
    }

    // MARK: What is done

    /// Applies the next operation; those on other files than the model's change nothing.
    func apply(_ operation: FileOperation) {
        switch operation {
        case .create(let path):
            if let (directory, name) = place(path), directory.current[name] == nil {
                enter(name, of: directory, new: .file(Content()))
            }
        case .makeDirectory(let path):
            if let (directory, name) = place(path), directory.current[name] == nil {
                enter(name, of: directory, new: .directory(Names()))
            }
        case .write(let path, let offset, let bytes):
            if case .file(let content) = node(path) {
                Self.write(bytes, at: offset, &content.current)
                content.writes.append((count, offset, bytes, content.current.count))
            }
        case .truncate(let path, let length):
            if case .file(let content) = node(path) {
                Self.resize(&content.current, length)
                content.writes.append((count, length, [], length))
            }
        case .rename(let path, let target):
            if let (directory, name) = place(path), let (other, newName) = place(target),
                let moved = directory.current[name]
            {
                change(name, of: directory, nil)
                change(newName, of: other, moved)
            }
        case .remove(let path):
            if let (directory, name) = place(path), directory.current[name] != nil { change(name, of: directory, nil) }
        case .synchronize(let path, let began):
            if let node = node(path) { synchronize(node, before: began) }
        case .synchronizeAll(let began):
            for node in nodes { synchronize(node, before: began) }
        }
        count += 1
    }

    private func enter(_ name: String, of directory: Names, new node: Node) {
        nodes.append(node)
        change(name, of: directory, node)
    }

    private func change(_ name: String, of directory: Names, _ node: Node?) {
        directory.current[name] = node
        directory.changes.append((count, name, node))
    }

    private func synchronize(_ node: Node, before number: Int) {
        switch node {
        case .file(let content):
            for write in content.writes where write.number < number {
                Self.write(write.bytes, at: write.offset, &content.stable)
                Self.resize(&content.stable, write.length)
            }
            content.writes.removeAll { $0.number < number }
        case .directory(let names):
            for change in names.changes where change.number < number { names.stable[change.name] = change.node }
            names.changes.removeAll { $0.number < number }
        }
    }

    private static func write(_ bytes: [UInt8], at offset: Int, _ content: inout [UInt8]) {
        let end = offset + bytes.count
        if content.count < end { resize(&content, end) }
        content.replaceSubrange(offset..<end, with: bytes)
    }

    private static func resize(_ content: inout [UInt8], _ length: Int) {
        if content.count > length { content.removeLast(content.count - length) }
        content += [UInt8](repeating: 0, count: length - content.count)
    }

    private func place(_ path: String) -> (directory: Names, name: String)? {
        guard path.hasPrefix(root + "/") else { return nil }
        let parts = path.dropFirst(root.count + 1).split(separator: "/").map(String.init)
        guard let name = parts.last else { return nil }
        var directory = top
        for part in parts.dropLast() {
            guard case .directory(let next) = directory.current[part] else { return nil }
            directory = next
        }
        return (directory, name)
    }

    private func node(_ path: String) -> Node? {
        if path == root { return .directory(top) }
        return place(path).flatMap { $0.directory.current[$0.name] }
    }

    /// A file as every process sees it now; nil when there is none.
    func content(_ path: String) -> [UInt8]? {
        if case .file(let content) = node(path) { return content.current }
        return nil
    }

    /// Names in a directory that operations before a number changed, and that a loss of power may take back.
    func undurableNames(_ path: String, before number: Int) -> [String] {
        guard case .directory(let names) = node(path) else { return [] }
        return names.changes.filter { $0.number < number }.map(\.name)
    }

    /// Whether operations before a number wrote to a file what a loss of power may take back.
    func isUndurable(_ path: String, before number: Int) -> Bool {
        guard case .file(let content) = node(path) else { return false }
        return content.writes.contains { $0.number < number }
    }

    // MARK: What is left

    /// Puts a state that a loss of power may leave now to the directory, in place of what stands there.
    func store(names: Luck, pages: Luck, _ random: inout some RandomNumberGenerator, replacing: [String]) throws {
        for name in replacing { try? FileManager.default.removeItem(atPath: "\(root)/\(name)") }
        try store(top, root, names, pages, &random)
    }

    private func store(
        _ directory: Names, _ path: String, _ names: Luck, _ pages: Luck, _ random: inout some RandomNumberGenerator
    ) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        for name in Set(directory.stable.keys).union(directory.changes.map(\.name)).sorted() {
            let states = [directory.stable[name]] + directory.changes.filter { $0.name == name }.map(\.node)
            switch Self.pick(states, names, &random) {
            case .directory(let inner): try store(inner, "\(path)/\(name)", names, pages, &random)
            case .file(let content):
                try Data(Self.left(of: content, pages, &random)).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
            case nil: break
            }
        }
    }

    private static func left(
        of content: Content, _ luck: Luck, _ random: inout some RandomNumberGenerator
    ) -> [UInt8] {
        guard !content.writes.isEmpty, luck != .nothing else { return content.stable }
        guard luck != .everything else { return content.current }
        let lengths = [content.stable.count] + content.writes.map(\.length)
        var bytes = content.stable
        resize(&bytes, lengths.max()!)
        for start in stride(from: 0, to: bytes.count, by: pageBytes) {
            let page = start..<min(start + pageBytes, bytes.count)
            let touching = content.writes.filter { page.overlaps($0.offset..<($0.offset + $0.bytes.count)) }
            guard !touching.isEmpty else { continue }
            for write in touching.prefix(Int.random(in: 0...touching.count, using: &random)) {
                let range = page.clamped(to: write.offset..<(write.offset + write.bytes.count))
                bytes.replaceSubrange(
                    range, with: write.bytes[(range.lowerBound - write.offset)..<(range.upperBound - write.offset)])
            }
        }
        return Array(bytes.prefix(lengths.randomElement(using: &random)!))
    }

    private static func pick<Value>(
        _ states: [Value], _ luck: Luck, _ random: inout some RandomNumberGenerator
    ) -> Value {
        switch luck {
        case .nothing: states.first!
        case .everything: states.last!
        case .anything: states.randomElement(using: &random)!
        }
    }
}
