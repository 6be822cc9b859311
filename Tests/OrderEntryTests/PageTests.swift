import Foundation
import Testing

/// OrderEntry.md is what people write clients from: its examples are the bytes that the code makes.
@Suite struct PageTests {
    private static let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Sources/OrderEntry/OrderEntry.md")

    /// `GLASSBOOK_WRITE_PAGES=1 swift test --filter PageTests` writes the examples anew.
    @Test func examplesAreTheBytesThatTheCodeMakes() throws {
        var text = try String(contentsOf: Self.page, encoding: .utf8)
        let writes = ProcessInfo.processInfo.environment["GLASSBOOK_WRITE_PAGES"] != nil
        for example in PageExamples.all {
            let begin = "<!-- example \(example.name) -->\n```\n"
            guard let first = text.range(of: begin),
                let last = text.range(of: "\n```", range: first.upperBound..<text.endIndex)
            else {
                Issue.record("the page has no example \(example.name)")
                continue
            }
            let shown = first.upperBound..<last.lowerBound
            if writes {
                text.replaceSubrange(shown, with: example.text)
            } else {
                #expect(text[shown] == example.text, "\(example.name)")
            }
        }
        if writes { try text.write(to: Self.page, atomically: true, encoding: .utf8) }
    }

    @Test func noExampleStandsForItself() throws {
        let text = try String(contentsOf: Self.page, encoding: .utf8)
        #expect(text.components(separatedBy: "<!-- example ").count - 1 == PageExamples.all.count)
    }
}
