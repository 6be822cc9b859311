import Foundation
import LyingVenue
import Wire

/// A scratch package with copies of some Sources in which every mutant is a choice, built once. Which one is active is
/// said by an environment variable, so that all of them together cost one build.
struct MutantBuild: Sendable {
    /// The program, and what it is told on its standard input.
    let program: String

    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Copies, mutates and builds. Files that are already right are left alone, so that a second run builds nothing.
    ///
    /// - Throws: `MutantError` when the text of a mutant is not there any more, or the compiler's words.
    init(_ mutants: [Mutant]) throws {
        let scratch = Self.root.appendingPathComponent(".build/fraud-mutants")
        var files = MutantPackage.files
        for module in MutantPackage.modules {
            for (path, text) in try Self.sources(module) { files[path] = text }
        }
        for (file, group) in Dictionary(grouping: mutants, by: \.file) {
            let path = "Sources/\(file)"
            guard var text = files[path] else { throw MutantError("there is no \(path)") }
            for mutant in group { text = try mutant.apply(to: text) }
            files[path] = "import CMutation\n" + text
        }
        for name in ["main.swift", "Guards.swift"] {
            let file = Self.root.appendingPathComponent("Tests/MutantDriver/\(name)")
            files["Sources/driver/\(name)"] = try String(contentsOf: file, encoding: .utf8)
        }
        try Self.write(files, to: scratch)
        try Self.build(scratch)
        program = scratch.appendingPathComponent(".build/debug/driver").path
    }

    /// Plays the honest run's commands to the venue of a mutant; 0 is the true one.
    ///
    /// - Throws: `MutantError` when it trapped.
    func play(_ stream: [UInt8], mutant: Int) throws -> [PlayedRecord] {
        PlayedRecord.read(try run([], stream, mutant))
    }

    /// Asks the copy of the sources.
    func ask(_ questions: [String], mutant: Int) throws -> [String] {
        let input = Array(questions.map { $0 + "\n" }.joined().utf8)
        return String(decoding: try run(["guards"], input, mutant), as: UTF8.self).split(separator: "\n").map(
            String.init)
    }

    private func run(_ arguments: [String], _ bytes: [UInt8], _ mutant: Int) throws -> [UInt8] {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.environment = ["MUTATION": "\(mutant)"]
        let input = Self.root.appendingPathComponent(".build/fraud-mutants/input-\(UUID().uuidString)")
        let output = input.appendingPathExtension("out")
        defer {
            try? FileManager.default.removeItem(at: input)
            try? FileManager.default.removeItem(at: output)
        }
        try Data(bytes).write(to: input)
        try Data().write(to: output)
        process.standardInput = try FileHandle(forReadingFrom: input)
        process.standardOutput = try FileHandle(forWritingTo: output)
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationReason == .exit, process.terminationStatus == 0 else {
            throw MutantError("mutant \(mutant) ended with \(process.terminationStatus)")
        }
        return [UInt8](try Data(contentsOf: output))
    }

    private static func sources(_ module: MutantPackage.Module) throws -> [(String, String)] {
        let directory = root.appendingPathComponent("Sources/\(module.name)")
        guard let walk = FileManager.default.enumerator(atPath: directory.path) else { return [] }
        let names = walk.compactMap { $0 as? String }.filter { name in
            name.hasSuffix(".h") || name.hasSuffix(".modulemap") || name.hasSuffix(".swift") && module.takes(name)
        }
        return try names.map { name in
            let text = try String(contentsOf: directory.appendingPathComponent(name), encoding: .utf8)
            return ("Sources/\(module.name)/\(name)", text)
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
        try Data().write(to: log)
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
