import Foundation
import Glibc

/// The node's executable in a process of its own.
final class NodeProcess {
    private let process = Process()
    private let output = Pipe()
    private let log: String

    /// What its ready line says.
    private(set) var orderEntryPort: UInt16 = 0
    private(set) var requestPort: UInt16 = 0
    private(set) var snapshotPort: UInt16 = 0

    /// Starts it, and waits until clients can connect.
    init(configuration: String, executable: String? = nil) throws(BenchmarkError) {
        let path = executable ?? Self.besideThisOne("execution-plane")
        log = configuration + ".log"
        _ = FileManager.default.createFile(atPath: log, contents: nil)
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = ["--config", configuration]
        process.standardOutput = output
        process.standardError = FileHandle(forWritingAtPath: log)
        do { try process.run() } catch { throw .node("\(path): \(error)") }
        guard let line = firstLine(), line.hasPrefix("ready ") else {
            process.waitUntilExit()
            throw .node("ended with status \(process.terminationStatus): \(logText)")
        }
        for word in line.split(separator: " ").dropFirst() {
            let parts = word.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let port = UInt16(parts[1]) else { continue }
            switch parts[0] {
            case "order-entry": orderEntryPort = port
            case "request": requestPort = port
            case "snapshot": snapshotPort = port
            default: break
            }
        }
    }

    deinit { stop() }

    /// Asks it to end, and waits until it has.
    func stop() {
        guard process.isRunning else { return }
        kill(process.processIdentifier, SIGTERM)
        process.waitUntilExit()
    }

    /// What it wrote to standard error.
    var logText: String { (try? String(contentsOfFile: log, encoding: .utf8)) ?? "" }

    var isRunning: Bool { process.isRunning }

    private static func besideThisOne(_ name: String) -> String {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
        return URL(fileURLWithPath: own).deletingLastPathComponent().appendingPathComponent(name).path
    }

    private func firstLine() -> String? {
        var line: [UInt8] = []
        let handle = output.fileHandleForReading.fileDescriptor
        while true {
            var byte: UInt8 = 0
            let count = read(handle, &byte, 1)
            if count == -1 && errno == EINTR { continue }
            guard count == 1 else { return nil }
            if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
            line.append(byte)
        }
    }
}
