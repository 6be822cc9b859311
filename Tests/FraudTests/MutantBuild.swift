import Foundation
import LyingVenue
import Wire

/// A scratch package with copies of some Sources in which every mutant is a choice, built once. Which one is active is
/// said by an environment variable, so that all of them together cost one build.
struct MutantBuild: Sendable {
    /// The program, and what it is told on its standard input.
    let program: String

    /// Modules that are copied, and what they need.
    private static let modules: [(name: String, dependencies: [String])] = [
        ("Wire", []), ("Book", ["CPrefetch"]), ("Ledger", ["Wire", "CPrefetch"]),
        ("Venue", ["Book", "Ledger", "Wire"]),
    ]
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Copies, mutates and builds. Files that are already right are left alone, so that a second run builds nothing.
    ///
    /// - Throws: `MutantError` when the text of a mutant is not there any more, or the compiler's words.
    init(_ mutants: [Mutant]) throws {
        let scratch = Self.root.appendingPathComponent(".build/fraud-mutants")
        var files: [String: String] = ["Package.swift": Self.manifest]
        for module in Self.modules.map(\.name) + ["CPrefetch"] {
            for (path, text) in try Self.sources(module) { files[path] = text }
        }
        for (file, group) in Dictionary(grouping: mutants, by: \.file) {
            let path = "Sources/\(file)"
            guard var text = files[path] else { throw MutantError("there is no \(path)") }
            for mutant in group { text = try mutant.apply(to: text) }
            files[path] = "import CMutation\n" + text
        }
        files["Sources/CMutation/CMutation.h"] = Self.header
        files["Sources/CMutation/module.modulemap"] = "module CMutation { header \"CMutation.h\" export * }\n"
        let driver = Self.root.appendingPathComponent("Tests/MutantDriver/main.swift")
        files["Sources/driver/main.swift"] = try String(contentsOf: driver, encoding: .utf8)
        try Self.write(files, to: scratch)
        try Self.build(scratch)
        program = scratch.appendingPathComponent(".build/debug/driver").path
    }

    /// Plays the honest run's commands to the venue of a mutant; 0 is the true one.
    ///
    /// - Throws: `MutantError` when it trapped.
    func play(_ stream: [UInt8], mutant: Int) throws -> [PlayedRecord] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.environment = ["MUTATION": "\(mutant)"]
        let input = Self.root.appendingPathComponent(".build/fraud-mutants/stream-\(UUID().uuidString)")
        let output = input.appendingPathExtension("out")
        defer {
            try? FileManager.default.removeItem(at: input)
            try? FileManager.default.removeItem(at: output)
        }
        try Data(stream).write(to: input)
        FileManager.default.createFile(atPath: output.path, contents: nil)
        process.standardInput = try FileHandle(forReadingFrom: input)
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            throw MutantError("mutant \(mutant) ended with \(process.terminationStatus)")
        }
        return PlayedRecord.read([UInt8](try Data(contentsOf: output)))
    }

    private static func sources(_ module: String) throws -> [(String, String)] {
        let directory = root.appendingPathComponent("Sources/\(module)")
        guard let walk = FileManager.default.enumerator(atPath: directory.path) else { return [] }
        return try walk.compactMap { $0 as? String }
            .filter { $0.hasSuffix(".swift") || $0.hasSuffix(".h") || $0.hasSuffix(".modulemap") }
            .map {
                (
                    "Sources/\(module)/\($0)",
                    try String(contentsOf: directory.appendingPathComponent($0), encoding: .utf8)
                )
            }
    }

    private static func write(_ files: [String: String], to scratch: URL) throws {
        for (path, text) in files {
            let file = scratch.appendingPathComponent(path)
            if (try? String(contentsOf: file, encoding: .utf8)) == text { continue }
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        // A file that is not in Sources any more would be compiled all the same.
        guard let walk = FileManager.default.enumerator(atPath: scratch.appendingPathComponent("Sources").path) else {
            return
        }
        for case let path as String in walk where path.hasSuffix(".swift") && files["Sources/\(path)"] == nil {
            try FileManager.default.removeItem(at: scratch.appendingPathComponent("Sources/\(path)"))
        }
    }

    private static func build(_ scratch: URL) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["swift", "build", "--package-path", scratch.path, "--product", "driver"]
        let log = scratch.appendingPathComponent("build.log")
        FileManager.default.createFile(atPath: log.path, contents: nil)
        let output = try FileHandle(forWritingTo: log)
        process.standardOutput = output
        process.standardError = output
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let text = (try? String(contentsOf: log, encoding: .utf8)) ?? ""
            let errors = text.split(separator: "\n").filter { $0.contains("error:") }.prefix(8)
            throw MutantError("the mutants do not compile:\n" + errors.joined(separator: "\n"))
        }
    }

    private static let header = """
        #pragma once
        #include <stdlib.h>
        /* Number of the mutant that is active; 0 = none. */
        static inline int mutation_active(void) {
            static int active = -1;
            if (active < 0) {
                const char *text = getenv("MUTATION");
                active = text ? atoi(text) : 0;
            }
            return active;
        }

        """

    private static var manifest: String {
        let targets = modules.map { module in
            let names = (module.dependencies + ["CMutation"]).map { "\"\($0)\"" }.joined(separator: ", ")
            return "        .target(name: \"\(module.name)\", dependencies: [\(names)]),\n"
        }
        return """
            // swift-tools-version: 6.1
            import PackageDescription

            let package = Package(
                name: "mutants",
                targets: [
                    .systemLibrary(name: "CMutation"), .systemLibrary(name: "CPrefetch"),
            \(targets.joined())        .executableTarget(name: "driver", dependencies: ["Venue", "Wire"]),
                ],
                swiftLanguageModes: [.v6])

            """
    }
}

/// What the driver wrote about one record.
struct PlayedRecord {
    var kind: RecordKind
    var flags: RecordFlags
    var time: UInt64
    var command: [UInt8]
    var effects: [UInt8]
    /// Canonical state before a commitment.
    var state: [UInt8]

    static func read(_ bytes: [UInt8]) -> [PlayedRecord] {
        bytes.withUnsafeBytes { buffer in
            var offset = 0
            var records: [PlayedRecord] = []
            func word<Value: FixedWidthInteger>(_ place: Int, _: Value.Type) -> Value {
                buffer.loadUnaligned(fromByteOffset: offset + place, as: Value.self)
            }
            while buffer.count - offset >= 24 {
                let sizes = [4, 8, 12].map { Int(word($0, UInt32.self)) }
                var at = offset + 24
                let parts = sizes.map { size in
                    defer { at += size }
                    return Array(buffer[at..<(at + size)])
                }
                records.append(
                    PlayedRecord(
                        kind: RecordKind(rawValue: word(0, UInt16.self))!,
                        flags: RecordFlags(rawValue: word(2, UInt16.self)), time: word(16, UInt64.self),
                        command: parts[0], effects: parts[1], state: parts[2]))
                offset = at
            }
            return records
        }
    }

    /// The commands of a history as the driver reads them: what the node makes itself, continuations, is left out.
    static func stream(_ history: History) -> [UInt8] {
        var stream: [UInt8] = []
        for record in history.records where record.kind != .continuation {
            stream += withUnsafeBytes(of: record.kind.rawValue) { Array($0) }
            stream += withUnsafeBytes(of: record.flags.rawValue) { Array($0) }
            stream += withUnsafeBytes(of: UInt32(record.command.count)) { Array($0) }
            stream += withUnsafeBytes(of: record.time) { Array($0) }
            stream += record.command
        }
        return stream
    }
}
