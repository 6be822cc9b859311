import Foundation
import Testing

/// What others wrote, run as they ship it.
enum Tools {
    struct Missing: Error, CustomStringConvertible {
        let description: String
    }

    static let root = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardizedFileURL

    /// The Python that has `itchfeed`.
    static func python() throws -> URL { try found(root.appending(path: ".build/python/bin/python3")) }
    /// Wireshark's command line.
    static func tshark() throws -> URL { try found(URL(filePath: "/usr/bin/tshark")) }
    static func text2pcap() throws -> URL { try found(URL(filePath: "/usr/bin/text2pcap")) }
    /// Debian's Go, and the source of golang.org/x/mod.
    static func go() throws -> URL {
        _ = try found(file: URL(filePath: "/usr/share/gocode/src/golang.org/x/mod/sumdb/tlog/tlog.go"))
        return try found(URL(filePath: "/usr/bin/go"))
    }
    static func dumpcap() throws -> URL { try found(URL(filePath: "/usr/bin/dumpcap")) }

    /// An executable of this package, which stands beside the test bundle.
    static func executable(_ name: String) -> URL {
        URL(filePath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
            .appending(path: name)
    }

    private static func found(_ program: URL) throws -> URL {
        guard FileManager.default.isExecutableFile(atPath: program.path) else {
            throw Missing(description: "\(program.path) is missing: run tools/setup --tests")
        }
        return program
    }

    private static func found(file: URL) throws -> URL {
        guard FileManager.default.isReadableFile(atPath: file.path) else {
            throw Missing(description: "\(file.path) is missing: run tools/setup --tests")
        }
        return file
    }

    /// Runs a program to its end with this input; its output.
    static func run(
        _ program: URL, _ arguments: [String], input: String = "", environment: [String: String] = [:]
    ) throws -> String {
        let process = Process()
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        process.executableURL = program
        process.arguments = arguments
        let inputFile = FileManager.default.temporaryDirectory.appending(path: "glassbook-" + UUID().uuidString)
        try Data(input.utf8).write(to: inputFile)
        defer { try? FileManager.default.removeItem(at: inputFile) }
        let output = Pipe(), errors = inputFile.path + ".errors"
        _ = FileManager.default.createFile(atPath: errors, contents: nil)
        defer { try? FileManager.default.removeItem(atPath: errors) }
        process.standardInput = try FileHandle(forReadingFrom: inputFile)
        process.standardOutput = output
        process.standardError = FileHandle(forWritingAtPath: errors)
        try process.run()
        let text = String(decoding: try output.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            let said = (try? String(contentsOfFile: errors, encoding: .utf8)) ?? ""
            throw Missing(description: "\(program.lastPathComponent): \(process.terminationStatus): \(said)")
        }
        return text
    }
}

/// Bytes as two digits each.
func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
}
