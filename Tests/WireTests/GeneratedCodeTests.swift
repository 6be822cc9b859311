import Foundation
import Testing

@Suite("Generated codec")
struct GeneratedCodeTests {
    private let tool = IndependentDecoderTests.root.appending(path: "tools/generate-codec")

    @Test func isWhatTheSchemasSay() throws {
        #expect(try status(["--check"], in: IndependentDecoderTests.root) == 0)
    }

    /// A field moved in the schema alone is found: the check can fail.
    @Test func aChangedSchemaIsFound() throws {
        let manager = FileManager.default
        let copy = manager.temporaryDirectory.appending(path: "glassbook-codec-\(UUID().uuidString)")
        defer { try? manager.removeItem(at: copy) }
        try manager.createDirectory(at: copy.appending(path: "Sources"), withIntermediateDirectories: true)
        try manager.createDirectory(at: copy.appending(path: "tools"), withIntermediateDirectories: true)
        for path in ["Sources/Wire", "tools/generate-codec"] {
            try manager.copyItem(at: IndependentDecoderTests.root.appending(path: path), to: copy.appending(path: path))
        }
        #expect(try status(["--check"], in: copy) == 0)
        let schema = copy.appending(path: "Sources/Wire/order-entry.xml")
        let text = try String(contentsOf: schema, encoding: .utf8)
        try text.replacing("name=\"priceTicks\"", with: "name=\"limitTicks\"").write(
            to: schema, atomically: true, encoding: .utf8)
        #expect(try status(["--check"], in: copy) != 0)
    }

    private func status(_ arguments: [String], in directory: URL) throws -> Int32 {
        let process = Process()
        process.executableURL = directory.appending(path: "tools/generate-codec")
        process.arguments = arguments
        process.currentDirectoryURL = directory
        (process.standardOutput, process.standardError) = (Pipe(), Pipe())
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }
}
