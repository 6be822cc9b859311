import Foundation
import Glibc
import Platform
import Synchronization

/// The real executable in a process of its own.
final class NodeProcess {
    private let process = Process()
    private let output = Pipe()
    private let errors: String

    /// What the ready line says.
    private(set) var orderEntryPort: UInt16 = 0
    private(set) var requestPort: UInt16 = 0
    private(set) var snapshotPort: UInt16 = 0
    private(set) var startSequence: UInt64 = 0

    struct NotReady: Error, CustomStringConvertible {
        let status: Int32
        let errors: String
        var description: String { "the node ended with status \(status): \(errors)" }
    }

    /// Starts it on a configuration file and waits for its ready line.
    init(_ configuration: String) throws {
        errors = configuration + "." + UUID().uuidString + ".log"
        _ = FileManager.default.createFile(atPath: errors, contents: nil)
        process.executableURL = Self.executable("execution-plane")
        process.arguments = ["--config", configuration]
        process.standardOutput = output
        process.standardError = FileHandle(forWritingAtPath: errors)
        try process.run()
        guard let line = Self.firstLine(output.fileHandleForReading), line.hasPrefix("ready ") else {
            process.waitUntilExit()
            throw NotReady(status: process.terminationStatus, errors: errorText)
        }
        for word in line.split(separator: " ").dropFirst() {
            let parts = word.split(separator: "=")
            switch parts[0] {
            case "order-entry": orderEntryPort = UInt16(parts[1])!
            case "request": requestPort = UInt16(parts[1])!
            case "snapshot": snapshotPort = UInt16(parts[1])!
            case "sequence": startSequence = UInt64(parts[1])!
            default: break
            }
        }
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }

    var identifier: Int32 { process.processIdentifier }

    /// Takes the processor away from all of its threads; returns when none runs.
    func stopRunning() throws {
        kill(identifier, SIGSTOP)
        let tasks = "/proc/\(identifier)/task"
        while try FileManager.default.contentsOfDirectory(atPath: tasks).contains(where: { task in
            let status = (try? String(contentsOfFile: "\(tasks)/\(task)/status", encoding: .utf8)) ?? ""
            return !status.contains("State:\tT")
        }) {}
    }

    /// Gives it back.
    func goOn() { kill(identifier, SIGCONT) }

    /// What it wrote to standard error.
    var errorText: String { (try? String(contentsOfFile: errors, encoding: .utf8)) ?? "" }

    /// What it wrote to standard output behind the ready line; asked when it has ended.
    func outputText() -> String { String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self) }

    /// Asks it to end, and waits. Returns the exit status.
    func stop() -> Int32 {
        kill(process.processIdentifier, SIGTERM)
        process.waitUntilExit()
        return process.terminationStatus
    }

    /// Kills it, and waits.
    func killNow() {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Runs the executable to its end.
    static func run(_ arguments: [String]) throws -> (status: Int32, output: String, errors: String) {
        let process = Process()
        let output = Pipe(), errors = Pipe()
        process.executableURL = executable("execution-plane")
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        let outputData = output.fileHandleForReading.readDataToEndOfFile()
        let errorData = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (
            process.terminationStatus, String(decoding: outputData, as: UTF8.self),
            String(decoding: errorData, as: UTF8.self)
        )
    }

    /// An executable of this package: it stands beside the test bundle, or in the directory that GLASSBOOK_EXECUTABLES
    /// names, so that the same tests hold a release build to the same.
    static func executable(_ name: String) -> URL {
        if let directory = ProcessInfo.processInfo.environment["GLASSBOOK_EXECUTABLES"] {
            return URL(fileURLWithPath: directory).appendingPathComponent(name)
        }
        return beside(name)
    }

    private static func beside(_ name: String) -> URL {
        URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent(name)
    }

    /// Reads up to the first line's end; nil when the stream ends before.
    private static func firstLine(_ handle: FileHandle) -> String? {
        var line: [UInt8] = []
        while true {
            var byte: UInt8 = 0
            let count = read(handle.fileDescriptor, &byte, 1)
            if count == -1 && errno == EINTR { continue }
            guard count == 1 else { return nil }
            if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
            line.append(byte)
        }
    }
}
