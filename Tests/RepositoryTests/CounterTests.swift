import Testing

/// Counters have one style of names, and the page of their module has a table of them.
@Suite struct CounterTests {
    private static func lines(_ path: String) -> [String] {
        SourceFile(path: path, text: Repository.text(path)).lines
    }

    /// The names that a module gives to counters and histograms; what is filled in at run time is N.
    private static func names(_ module: String) -> Set<String> {
        let lines = Repository.files.filter { $0.isSwift && $0.path.hasPrefix("Sources/\(module)/") }.flatMap(\.lines)
        var names: Set<String> = []
        for line in lines {
            let isDeclared = line.contains("public static let") && line.contains("= \"stage.")
            guard isDeclared || line.contains(".counter(\"") || line.contains(".histogram(\"") else { continue }
            let parts = line.split(separator: "\"", omittingEmptySubsequences: false)
            guard parts.count >= 3 else { continue }
            names.insert(String(parts[1].replacing(/\\\([a-z]+\)/, with: "N")))
        }
        return names
    }

    /// The first column of a page's tables below "## Counters".
    private static func documented(_ module: String) -> [String] {
        let section = lines("Sources/\(module)/\(module).md").drop { $0 != "## Counters" }.dropFirst()
        return section.prefix { !$0.hasPrefix("## ") }.compactMap { line in
            guard line.hasPrefix("| `") else { return nil }
            return line.split(separator: "`").dropFirst().first.map(String.init)
        }
    }

    @Test("the page has every counter, and no other", arguments: ["Node", "Settlement"])
    func tables(_ module: String) {
        let names = Self.names(module), documented = Self.documented(module)
        #expect(names.count > 10)
        #expect(Set(documented) == names)
        #expect(documented.count == Set(documented).count)
    }

    @Test("names are a part, a dot and words with hyphens", arguments: ["Node", "Settlement"])
    func style(_ module: String) {
        for name in Self.names(module) {
            #expect(name.wholeMatch(of: /[a-z]+(-[a-z]+)*(-N)?\.[a-z]+(-[a-z]+)*/) != nil, "\(name)")
        }
    }

    @Test("what is a time says its unit, at the end and in its row", arguments: ["Node", "Settlement"])
    func units(_ module: String) {
        for line in Self.lines("Sources/\(module)/\(module).md") where line.hasPrefix("| `") {
            let cells = line.split(separator: "|").map { $0.filter { $0 != " " && $0 != "`" } }
            guard cells.count >= 3, Self.names(module).contains(cells[0]) else { continue }
            let unit = ["ns", "ms"].first { cells[0].hasSuffix("-" + $0) }
            #expect(unit == (["ns", "ms"].contains(cells[1]) ? cells[1] : nil), "\(cells[0])")
        }
    }
}
