import Foundation
import Platform

/// Executables of this package.
enum Executables {
    /// It stands beside the test bundle, or in the directory that GLASSBOOK_EXECUTABLES names.
    static func url(_ name: String) -> URL {
        if let directory = ProcessInfo.processInfo.environment["GLASSBOOK_EXECUTABLES"] {
            return URL(fileURLWithPath: directory).appendingPathComponent(name)
        }
        return URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
            .appendingPathComponent(name)
    }

    /// Runs one and waits. Returns its exit status and what it printed.
    static func run(_ name: String, _ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        process.executableURL = url(name)
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: text, as: UTF8.self))
    }
}

/// Requests to servers under test, each over a connection of its own. They wait as long as it takes: on a machine that
/// is busy with other tests, no time says that a server is at fault.
enum Requests {
    typealias Answer = (status: Int, body: String, contentType: String)

    static func post(_ endpoint: IPv4Endpoint, _ path: String, _ body: [UInt8]) throws -> Answer {
        let head = "POST \(path) HTTP/1.1\r\nContent-Length: \(body.count)\r\nConnection: close\r\n\r\n"
        return try answer(raw(endpoint, Array(head.utf8) + body))
    }

    static func get(_ endpoint: IPv4Endpoint, _ path: String) throws -> Answer {
        try answer(raw(endpoint, Array("GET \(path) HTTP/1.1\r\nConnection: close\r\n\r\n".utf8)))
    }

    /// Sends these bytes, ends, and returns what comes until the server ends too.
    static func raw(_ endpoint: IPv4Endpoint, _ bytes: [UInt8]) throws -> [UInt8] {
        let socket = try Sockets.connect(to: endpoint, timeoutMilliseconds: -1)
        // A server that refuses may end before it has taken all.
        try? bytes.withUnsafeBytes { try Sockets.sendAll(socket.raw, $0) }
        Sockets.endSending(socket.raw)
        var answer: [UInt8] = [], chunk = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = chunk.withUnsafeMutableBytes { Sockets.receive(socket.raw, into: $0) }
            guard count > 0 else { return answer }
            answer += chunk[..<count]
        }
    }

    private struct NoAnswer: Error, CustomStringConvertible { let description: String }

    private static func answer(_ bytes: [UInt8]) throws -> Answer {
        let text = String(decoding: bytes, as: UTF8.self)
        guard let end = text.range(of: "\r\n\r\n"), let status = Int(text.dropFirst(9).prefix(3)) else {
            throw NoAnswer(description: "no answer: \(text.debugDescription)")
        }
        let type = text[..<end.lowerBound].components(separatedBy: "\r\n").first { $0.hasPrefix("Content-Type: ") }
        return (status, String(text[end.upperBound...]), String(type?.dropFirst(14) ?? ""))
    }
}
