import Testing

@testable import Settings

/// The file that ships is its own documentation.
@Suite struct ShippedFileTests {
    /// Lines `key = value` with their table and the comment above them; of a list of tables the first entry.
    private struct Entry {
        var name: String
        var value: String
        var comment: String
    }

    private func entries() -> [Entry] {
        var table = "", comment = ""
        var seen: Set<String> = []
        var entries: [Entry] = []
        for line in Configuration.text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) {
            if line.hasPrefix("#") {
                comment += line.dropFirst()
            } else if line.hasPrefix("[") {
                table = String(line.filter { !"[]".contains($0) })
                comment = ""
            } else if let range = line.firstRange(of: " = ") {
                let name = table + "." + line[..<range.lowerBound]
                if seen.insert(name).inserted {
                    entries.append(Entry(name: name, value: String(line[range.upperBound...]), comment: comment))
                }
                comment = ""
            } else {
                comment = ""
            }
        }
        return entries
    }

    @Test("every key has a comment right above it where it first appears")
    func commented() {
        let entries = entries()
        let names = Set(entries.map(\.name))
        let keys = Configuration.leaves.map { Configuration.name($0).replacing("[0]", with: "") }
        #expect(names == Set(keys))
        for entry in entries {
            #expect(entry.comment.count > 20, "\(entry.name)")
        }
    }

    @Test("a default that a comment names is the value that stands there")
    func defaults() {
        var count = 0
        for entry in entries() {
            guard let range = entry.comment.firstRange(of: "Default ") else { continue }
            let value = entry.value.filter { $0 != "_" }
            let named = entry.comment[range.upperBound...]
            if named.hasPrefix("all of") { continue }
            #expect(named.hasPrefix(value), "\(entry.name) = \(value), its comment says Default \(named.prefix(20))")
            count += 1
        }
        #expect(count >= 35)
    }

    @Test("the range that a comment names is the range that is checked", arguments: KeyRange.all)
    func ranges(range: KeyRange) throws {
        let name = range.key.replacing("[0]", with: "")
        let entry = try #require(entries().first { $0.name == name })
        for case .integer(let edge) in range.taken.prefix(1) where range.refused.contains(.integer(edge - 1)) {
            #expect(entry.comment.contains("\(edge)"), "\(name): \(edge)")
        }
    }
}
