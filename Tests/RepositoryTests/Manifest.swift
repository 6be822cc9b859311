/// What Package.swift says about the targets under Sources and Bench, read as text: asking the package manager from
/// inside its own test run would wait for its lock.
struct Manifest {
    struct Target: Equatable {
        var name: String
        /// Names of the targets of this package that it depends on.
        var dependencies: [String]
        var line: Int
        var isExecutable: Bool
    }

    /// In the order of the file.
    var targets: [Target] = []

    init(_ text: String) {
        let openers = ["module(", ".target(", ".executableTarget(", ".systemLibrary("]
        var declarations: [(line: Int, text: String)] = []
        var inside = false
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let trimmed = line.drop { $0 == " " }
            if trimmed.hasPrefix("targets: [") { inside = true }
            guard inside, !trimmed.hasPrefix("//") else { continue }
            if openers.contains(where: trimmed.hasPrefix) {
                declarations.append((index + 1, String(trimmed)))
            } else if trimmed.hasPrefix("tests(") || trimmed.hasPrefix(".testTarget(") {
                inside = false
            } else if !declarations.isEmpty {
                declarations[declarations.count - 1].text += " " + trimmed
            }
        }
        for (line, text) in declarations {
            // The first string is the name; excluded files and paths are not dependencies.
            let text = ["exclude: [", "path: \"", "providers: ["].reduce(text) { text, opener in
                text.firstRange(of: opener).map { String(text[..<$0.lowerBound]) } ?? text
            }
            var names = text.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
                .filter { $0.offset % 2 == 1 }.map { String($0.element) }
            guard !names.isEmpty else { continue }
            let name = names.removeFirst()
            targets.append(
                Target(
                    name: name, dependencies: names, line: line,
                    isExecutable: text.hasPrefix(".executableTarget(")))
        }
        let known = Set(targets.map(\.name))
        for index in targets.indices { targets[index].dependencies.removeAll { !known.contains($0) } }
    }

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
