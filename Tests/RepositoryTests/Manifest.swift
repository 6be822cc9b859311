/// What Package.swift says about its targets, read as text: asking the package manager from inside its own test run
/// would wait for its lock.
struct Manifest {
    enum Kind { case library, executable, systemLibrary, test }

    struct Target: Equatable {
        var name: String
        var kind: Kind
        /// The directory of its sources, relative to the root.
        var path: String
        /// Names of the targets of this package that it depends on.
        var dependencies: [String]
        /// Names of the products of other packages that it depends on.
        var products: [String]
        var line: Int
    }

    /// In the order of the file.
    var targets: [Target] = []

    private static let openers: [(text: String, kind: Kind)] = [
        ("module(", .library), (".target(", .library), (".executableTarget(", .executable),
        (".systemLibrary(", .systemLibrary), ("tests(", .test),
    ]

    init(_ text: String) {
        var declarations: [(line: Int, kind: Kind, text: String)] = []
        // Names that stand for a product of another package.
        var aliases: [String: String] = [:]
        var inside = false
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let trimmed = line.drop { $0 == " " }
            if let match = trimmed.firstMatch(of: /^let (\w+) = Target\.Dependency\.product\(name: "(\w+)"/) {
                aliases[String(match.output.1)] = String(match.output.2)
            }
            if trimmed.hasPrefix("targets: [") { inside = true }
            guard inside, !trimmed.hasPrefix("//") else { continue }
            if let opener = Self.openers.first(where: { trimmed.hasPrefix($0.text) }) {
                declarations.append((index + 1, opener.kind, String(trimmed)))
            } else if !declarations.isEmpty {
                declarations[declarations.count - 1].text += " " + trimmed
            }
        }
        for declaration in declarations {
            if let target = Self.target(declaration, aliases) { targets.append(target) }
        }
        let known = Set(targets.map(\.name))
        for index in targets.indices { targets[index].dependencies.removeAll { !known.contains($0) } }
    }

    private static func target(
        _ declaration: (line: Int, kind: Kind, text: String), _ aliases: [String: String]
    ) -> Target? {
        let path = declaration.text.firstMatch(of: /path: "([^"]+)"/).map { String($0.output.1) }
        var text = declaration.text
        // Products of other packages; what is excluded, copied or provided is no dependency.
        var products = text.matches(of: /\.product\(name: "(\w+)"/).map { String($0.output.1) }
        text.replace(/\.product\([^)]*\)|(exclude|resources): \[[^\]]*\]|path: "[^"]*"|providers: .*/, with: "")
        // The first string is the name.
        var names = text.matches(of: /"([^"]*)"/).map { String($0.output.1) }
        guard !names.isEmpty else { return nil }
        let name = names.removeFirst() + (declaration.kind == .test ? "Tests" : "")
        text.replace(/"[^"]*"/, with: "")
        products += text.matches(of: /\w+/).compactMap { aliases[String($0.output)] }
        let directory = declaration.kind == .test ? "Tests" : "Sources"
        return Target(
            name: name, kind: declaration.kind, path: path ?? "\(directory)/\(name)", dependencies: names,
            products: products, line: declaration.line)
    }

    /// The target that a file belongs to.
    func target(of file: SourceFile) -> Target? { targets.first { file.path.hasPrefix($0.path + "/") } }

    subscript(name: String) -> Target? { targets.first { $0.name == name } }

    /// Everything that a target reaches.
    func reachable(_ name: String) -> Set<String> {
        var found: Set<String> = []
        var open = self[name]?.dependencies ?? []
        while let next = open.popLast() {
            if found.insert(next).inserted { open += self[next]?.dependencies ?? [] }
        }
        return found
    }
}
