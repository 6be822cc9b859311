import Foundation
import Testing

/// Any static web server: Python's.
final class WebServer {
    let url: String
    private let process = Process()

    init(directory: String) throws {
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [
            "python3", "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", directory,
        ]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        // "Serving HTTP on 127.0.0.1 port 43210 (http://127.0.0.1:43210/) ..."
        var line = ""
        while !line.contains("\n") {
            let data = output.fileHandleForReading.availableData
            try #require(!data.isEmpty, "the server ended")
            line += String(decoding: data, as: UTF8.self)
        }
        let start = try #require(line.range(of: "(http")), end = try #require(line.range(of: "/)"))
        url = String(line[line.index(after: start.lowerBound)..<end.upperBound].dropLast())
    }

    deinit {
        // Not by SIGTERM: the threads of tests block it, and a child inherits that.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }
}
