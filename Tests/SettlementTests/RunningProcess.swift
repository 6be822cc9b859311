import Foundation
import Glibc

/// One of this package's executables in a process of its own: it stands beside the test bundle, or in the directory
/// that GLASSBOOK_EXECUTABLES names, so that the same tests hold a release build to the same.
final class RunningProcess {
    private let process = Process()
    private let output = Pipe()
    private let errors: String
    /// The first line that it printed.
    private(set) var readyLine = ""

    struct Failure: Error, CustomStringConvertible {
        let description: String
        init(_ description: String) { self.description = description }
    }

    /// Starts it; its standard error goes to a file.
    ///
    /// - Parameter tracer: a program with its arguments that starts it instead, such as strace.
    init(_ name: String, _ arguments: [String], errors: String, tracer: [String] = []) throws {
        self.errors = errors
        _ = FileManager.default.createFile(atPath: errors, contents: nil)
        let command = tracer + [Self.executable(name).path] + arguments
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        process.standardOutput = output
        process.standardError = FileHandle(forWritingAtPath: errors)
        try Self.unblocked { try process.run() }
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }

    /// Waits for the line that begins with "ready".
    func waitUntilReady() throws {
        readyLine = readLine()
        guard readyLine.hasPrefix("ready ") else {
            process.waitUntilExit()
            throw Failure("ended with status \(process.terminationStatus): \(errorText)")
        }
    }

    /// The next line that it prints; what there is when it ends before.
    func readLine() -> String {
        var line: [UInt8] = []
        while true {
            var byte: UInt8 = 0
            let count = read(output.fileHandleForReading.fileDescriptor, &byte, 1)
            if count == -1 && errno == EINTR { continue }
            guard count == 1 else { break }
            if byte == UInt8(ascii: "\n") { break }
            line.append(byte)
        }
        return String(decoding: line, as: UTF8.self)
    }

    /// Everything that it prints, until it ends.
    func readAll() -> String {
        String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    }

    /// A value of the ready line.
    func value(_ name: String) -> String? {
        readyLine.split(separator: " ").first { $0.hasPrefix(name + "=") }.map { String($0.dropFirst(name.count + 1)) }
    }

    var identifier: Int32 { process.processIdentifier }
    var isRunning: Bool { process.isRunning }
    /// What it wrote to standard error.
    var errorText: String { (try? String(contentsOfFile: errors, encoding: .utf8)) ?? "" }

    /// Asks it to end, and waits. Returns the exit status; of a process that a signal ended, 128 and the signal.
    @discardableResult
    func stop() -> Int32 {
        kill(process.processIdentifier, SIGTERM)
        return wait()
    }

    /// Waits until it has ended.
    func wait() -> Int32 {
        process.waitUntilExit()
        return process.terminationStatus + (process.terminationReason == .uncaughtSignal ? 128 : 0)
    }

    /// Kills it, and waits.
    func killNow() {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Runs one and waits. Returns its exit status and what it printed.
    static func run(_ name: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
        let errors = NSTemporaryDirectory() + "/glassbook-errors-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: errors) }
        let process = try RunningProcess(name, arguments, errors: errors)
        let output = process.readAll()
        return (process.wait(), output)
    }

    static func executable(_ name: String) -> URL {
        if let directory = ProcessInfo.processInfo.environment["GLASSBOOK_EXECUTABLES"] {
            return URL(fileURLWithPath: directory).appendingPathComponent(name)
        }
        return URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent(name)
    }

    /// Threads of a test's pool block signals, and a process inherits that: it could not be told to end.
    private static func unblocked(_ body: () throws -> Void) throws {
        var signals = sigset_t(), before = sigset_t()
        sigemptyset(&signals)
        sigaddset(&signals, SIGTERM)
        sigaddset(&signals, SIGINT)
        pthread_sigmask(SIG_UNBLOCK, &signals, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try body()
    }
}

/// Waits for something that another process does; looks every few milliseconds, because nothing announces it.
func waitUntil(_ what: String, seconds: Double = 180, _ condition: () throws -> Bool) throws {
    let deadline = Date(timeIntervalSinceNow: seconds)
    while try !condition() {
        guard Date() < deadline else { throw RunningProcess.Failure("waited \(seconds) s for \(what)") }
        usleep(5_000)
    }
}
