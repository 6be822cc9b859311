import Cryptography
import Foundation
import HTTP

/// EigenDA, through the HTTP interface of its proxy in standard mode: `POST /put?commitment_mode=standard` takes the
/// bytes and answers with the raw commitment; `GET /get/0x<hex>?commitment_mode=standard` gives the bytes back.
///
/// The commitment (version byte and certificate) is kept and published as it came. That it is valid on chain is not
/// checked here, and the layer keeps blobs for about two weeks.
public struct EigenDALayer: DataLayer {
    public let name = "eigenda"
    private let base: String
    private let client: HTTPClient
    private let timeoutMilliseconds: Int

    /// Bytes of a commitment at most.
    public static let commitmentBytesMax = 65_536

    /// - Parameter url: the proxy's address, without a path.
    public init(url: String, timeoutMilliseconds: Int) {
        base = url.hasSuffix("/") ? String(url.dropLast()) : url
        self.timeoutMilliseconds = timeoutMilliseconds
        client = HTTPClient(timeoutMilliseconds: timeoutMilliseconds)
    }

    public func submit(_ batch: Batch) throws(LayerError) -> [UInt8] {
        let answer = try exchange("/put", body: batch.bytes, limit: Self.commitmentBytesMax)
        guard answer.count > 1 else { throw .malformed("a commitment of \(answer.count) bytes") }
        return answer
    }

    public func fetch(_ commitment: [UInt8]) throws(LayerError) -> [UInt8] {
        guard (2...Self.commitmentBytesMax).contains(commitment.count) else {
            throw .refused("a commitment of \(commitment.count) bytes")
        }
        let hexadecimal = commitment.withUnsafeBytes { Hexadecimal.encode($0) }
        return try exchange("/get/0x\(hexadecimal)", body: nil, limit: Batch.bytesMax)
    }

    private func exchange(_ path: String, body: [UInt8]?, limit: Int) throws(LayerError) -> [UInt8] {
        guard let url = URL(string: "\(base)\(path)?commitment_mode=standard") else {
            throw .refused("\(base) is no URL")
        }
        let outcome =
            body.map { client.post(url, $0, contentType: "application/octet-stream", limit: limit) }
            ?? client.get(url, limit: limit)
        switch outcome {
        case .answered(200, let bytes): return bytes
        case .answered(let status, let bytes): throw Self.error(status, bytes)
        case .tooLong: throw .malformed("more than \(limit) bytes")
        case .late: throw .lost("nothing in \(timeoutMilliseconds) ms")
        case .failed(let text, _): throw .lost(text)
        }
    }

    /// What an answer other than 200 means.
    static func error(_ status: Int, _ body: [UInt8]) -> LayerError {
        let text = "\(status) \(String(decoding: body.prefix(200), as: UTF8.self).filter { !$0.isNewline })"
        return switch status {
        case 418: .dropped(text)
        case 429: .busy(text)
        case 503: .unavailable(text)
        case 400, 401, 403, 404, 405, 411, 413: .refused(text)
        // 500 is everything else that went wrong over there.
        default: .unavailable(text)
        }
    }
}
