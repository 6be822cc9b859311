import FlyingFox
import FlyingSocks
import Foundation
import Platform
import Proof

/// A witness behind HTTP/1.1: `POST /add-checkpoint`, and `GET /<hex of SHA-256(origin)>/checkpoint`.
public struct WitnessServer: Sendable {
    private let witness: Witness
    private let server: HTTPServer

    /// Listens nowhere until `run`.
    ///
    /// - Parameter port: 0 is any free one.
    public init(_ witness: Witness, address: String, port: UInt16) throws {
        self.witness = witness
        let configuration = HTTPServer.Configuration(
            address: try sockaddr_in.inet(ip4: address, port: port), timeout: 15,
            sharedRequestReplaySize: WitnessRequest.bytesMax, logger: .disabled)
        server = HTTPServer(config: configuration)
    }

    /// Serves until the task is cancelled.
    public func run() async throws {
        await server.appendRoute("POST /add-checkpoint") { request in
            guard let body = try await Self.body(of: request) else {
                return HTTPResponse(statusCode: .payloadTooLarge, headers: HTTPHeaders([.connection: "close"]))
            }
            return Self.response(witness.add(body))
        }
        await server.appendRoute("GET /:log/checkpoint") { request in
            Self.response(witness.latest(request.routeParameters["log"] ?? ""))
        }
        try await server.run()
    }

    /// Waits until it listens. Returns the port.
    public func port() async throws -> UInt16 {
        try await server.waitUntilListening()
        guard case .ip4(_, let port) = await server.listeningAddress else { return 0 }
        return port
    }

    /// The body of a request; nil when it is too large. All of it is read, or its rest would be taken for a request.
    private static func body(of request: HTTPRequest) async throws -> [UInt8]? {
        var body: [UInt8] = [], isTooLarge = false
        for try await part in request.bodySequence {
            isTooLarge = isTooLarge || body.count + part.count > WitnessRequest.bytesMax
            if !isTooLarge { body += part }
        }
        return isTooLarge ? nil : body
    }

    private static func response(_ reply: Witness.Reply) -> HTTPResponse {
        HTTPResponse(
            statusCode: HTTPStatusCode(reply.status, phrase: phrases[reply.status] ?? "Answer"),
            headers: HTTPHeaders([.contentType: reply.contentType]), body: Data(reply.body.utf8))
    }

    private static let phrases = [
        200: "OK", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 409: "Conflict",
        422: "Unprocessable Content", 500: "Internal Server Error",
    ]
}
