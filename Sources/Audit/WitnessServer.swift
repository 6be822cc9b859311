import HTTP
import Platform
import Proof

/// A witness behind HTTP/1.1: `POST /add-checkpoint`, and `GET /<hex of SHA-256(origin)>/checkpoint`.
public final class WitnessServer {
    private let service: WitnessService
    private let server: HTTPServer

    /// Where it listens: with the port that the system chose where it was asked for 0.
    public var endpoint: IPv4Endpoint { server.endpoint }

    /// Listens; `run` serves.
    ///
    /// - Parameter endpoint: port 0 is any free one.
    /// - Throws: `systemCall` when the port is taken.
    public init(_ witness: Witness, at endpoint: IPv4Endpoint) throws(PlatformError) {
        service = WitnessService(witness: witness)
        server = try HTTPServer(at: endpoint)
    }

    /// Serves on the calling thread until asked to stop.
    public func run(until stop: StopFlag) throws(PlatformError) { try server.run(until: stop, service) }
}

/// The names of a witness.
private struct WitnessService: HTTPService {
    let witness: Witness

    func bodyBytesMax(_ path: [String]) -> Int? { path == ["add-checkpoint"] ? WitnessRequest.bytesMax : nil }

    func answer(_ request: HTTPRequest) -> HTTPAnswer {
        let path = request.path
        if path == ["add-checkpoint"] {
            return request.method == .post ? answer(witness.add(request.body)) : .onlyPost()
        }
        guard path.count == 2, path[1] == "checkpoint" else { return .refused(404, "no such name") }
        return answer(witness.latest(path[0]))
    }

    private func answer(_ reply: Witness.Reply) -> HTTPAnswer {
        HTTPAnswer(status: reply.status, contentType: reply.contentType, body: Array(reply.body.utf8))
    }
}
