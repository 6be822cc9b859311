import Foundation
import HTTP

/// Files behind a URL, fetched one at a time. An answer that grows past its limit is cut off.
final class RemoteFiles: Sendable {
    private let place: String
    private let client: HTTPClient

    /// Seconds that a server may be silent.
    private static let silenceSeconds = 30
    /// Seconds that a server may take for an answer.
    private static let timeoutSeconds = 300

    init(_ place: String) {
        self.place = place.hasSuffix("/") ? place : place + "/"
        // Wherever they come from, files are judged by what they are.
        client = HTTPClient(
            timeoutMilliseconds: Self.timeoutSeconds * 1_000, silenceSeconds: Self.silenceSeconds,
            connections: .kept, followsRedirects: true)
    }

    /// A file's bytes, of which there are at most `limit`.
    func read(_ name: String, limit: Int) throws(PublishedFiles.Failure) -> [UInt8] {
        guard let url = URL(string: place + name) else { throw .unreadable("\(place) is no URL") }
        switch client.get(url, limit: limit) {
        case .answered(200, let bytes): return bytes
        case .tooLong: throw .tooLarge(name)
        case .answered(404, _), .answered(410, _), .failed(_, status: 404), .failed(_, status: 410):
            throw .missing(place + name)
        case .answered(let status, _): throw .unreadable("\(place)\(name): status \(status)")
        case .late: throw .unreadable("\(place)\(name): no whole answer in \(Self.timeoutSeconds) s")
        case .failed(let reason, _): throw .unreadable("\(place)\(name): \(reason)")
        }
    }
}
