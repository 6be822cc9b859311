import Foundation
import Testing
import Wire

/// Wire.md has a table of the reasons for those who write a client in another language: it says what the code says.
@Suite struct ReasonPageTests {
    private struct Row: Hashable {
        var code: UInt16
        var name: String
        var text: String
        var expected: String
    }

    private static func lines(_ path: String) throws -> [Substring] {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8).split(separator: "\n")
    }

    /// The rows of the page.
    private static func page() throws -> [Row] {
        try lines("Sources/Wire/Wire.md").compactMap { line in
            let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            guard cells.count == 4, let code = UInt16(cells[0]) else { return nil }
            return Row(code: code, name: cells[1].filter { $0 != "`" }, text: cells[2], expected: cells[3])
        }
    }

    /// The doc comments of the cases: what a reason means, and what `expected` is with it.
    private static func comments() throws -> [Row] {
        var rows: [Row] = []
        var comment: [Substring] = []
        for line in try lines("Sources/Wire/Reason.swift") {
            let text = line.drop { $0 == " " }
            if text.hasPrefix("/// ") {
                comment.append(text.dropFirst(4))
            } else {
                if let match = text.firstMatch(of: /^case (\w+) = (\d+)$/), let code = UInt16(match.output.2) {
                    let parts = comment.joined(separator: " ").components(separatedBy: " Expected: ")
                    rows.append(
                        Row(
                            code: code, name: String(match.output.1), text: parts[0],
                            expected: parts.count == 2 ? parts[1] : "\u{2013}"))
                }
                comment = []
            }
        }
        return rows
    }

    @Test func thePageHasEveryReasonAsTheCodeHasIt() throws {
        let page = try Self.page()
        #expect(page.map(\.code) == Reason.allCases.map(\.rawValue))
        #expect(page.map(\.name) == Reason.allCases.map { "\($0)" })
        #expect(page.map(\.text) == Reason.allCases.map(\.text))
    }

    @Test func thePageSaysWhatIsExpectedAsTheCommentsDo() throws {
        let page = try Self.page(), comments = try Self.comments()
        #expect(comments.count == Reason.allCases.count)
        for (row, comment) in zip(page, comments) { #expect(row == comment) }
    }
}
