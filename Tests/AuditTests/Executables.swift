import Foundation
import FoundationNetworking

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
}

/// Requests to servers under test.
enum HTTP {
    /// Posts a body; returns what is answered. 408, no time, is what a machine under load says: then again.
    static func post(_ url: String, _ body: [UInt8]) async throws -> (status: Int, body: String, contentType: String) {
        var request = URLRequest(url: URL(string: url)!)
        request.httpMethod = "POST"
        request.httpBody = Data(body)
        var (data, response) = try await URLSession.shared.data(for: request)
        for _ in 0..<5 where (response as! HTTPURLResponse).statusCode == 408 {
            (data, response) = try await URLSession.shared.data(for: request)
        }
        let http = response as! HTTPURLResponse
        return (
            http.statusCode, String(decoding: data, as: UTF8.self), http.value(forHTTPHeaderField: "Content-Type") ?? ""
        )
    }
}
