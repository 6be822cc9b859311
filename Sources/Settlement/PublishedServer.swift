import HTTP
import Logging
import Platform
import Settings

/// Serves what is published over HTTP/1.1, and makes proofs of it on demand: for those without a web server.
///
/// One thread, bounded (`HTTPServer`). It reads published files, and writes nothing.
public final class PublishedServer {
    /// Longest time for a request to come, and between two steps of an answer, milliseconds.
    public static let patienceMilliseconds: UInt64 = 10_000

    private let server: HTTPServer
    private let service: PublishedService

    /// Where it listens: with the port that the system chose where the configuration has 0.
    public var endpoint: IPv4Endpoint { server.endpoint }

    /// Listens; `run` serves.
    ///
    /// - Throws: `configuration` for an address that is none; `system` when the port is taken.
    public convenience init(_ settings: NodeSettings, _ log: Logger? = nil) throws(SettlementError) {
        try self.init(
            settings, connectionsMax: HTTPServer.connectionsMax, patienceMilliseconds: Self.patienceMilliseconds, log)
    }

    init(
        _ settings: NodeSettings, connectionsMax: Int, patienceMilliseconds: UInt64, _ log: Logger? = nil
    ) throws(SettlementError) {
        guard let address = IPv4Address(settings.settlement.serveAddress) else {
            throw .configuration("serve_address: \(settings.settlement.serveAddress)")
        }
        do throws(PlatformError) {
            server = try HTTPServer(
                at: IPv4Endpoint(address, port: settings.settlement.servePort), connectionsMax: connectionsMax,
                patienceMilliseconds: patienceMilliseconds)
        } catch {
            throw .system(error)
        }
        service = PublishedService(settings, log)
    }

    /// Serves until asked to stop.
    public func run(until stop: StopFlag) throws(SettlementError) {
        // Also where the server fails: the thread of balances would go on for nobody.
        defer { service.balances.stop() }
        do throws(PlatformError) { try server.run(until: stop, service) } catch { throw .system(error) }
    }
}

/// The names that are served: published files as they are, and proofs that are made of them.
private struct PublishedService: HTTPService {
    private let published: String
    private let proofs: ServedProofs
    let balances: BalanceService

    init(_ settings: NodeSettings, _ log: Logger?) {
        published = settings.settlement.published
        proofs = ServedProofs(settings)
        balances = BalanceService(settings, log)
    }

    func answer(_ request: HTTPRequest) -> HTTPAnswer {
        if let file = PublishedFile(request.path) {
            guard let served = HTTPFile("\(published)/\(file.name)") else {
                return .refused(404, "no such file is published")
            }
            return .found(.file(served), file.contentType, isImmutable: file.isImmutable)
        }
        return proofs.answer(request.path, balances) ?? .refused(404, "no such name; Settlement.md has them all")
    }
}

/// A name below the directory of published files, and how it is served.
struct PublishedFile: Equatable {
    let name: String
    let contentType: String
    let isImmutable: Bool

    /// - Returns: nil for what is no name of a published file.
    init?(_ path: [String]) {
        switch path.first {
        case "checkpoint" where path.count == 1:
            (contentType, isImmutable) = (HTTPAnswer.text, false)
        case "checkpoints" where path.count == 2 && (path[1] == "index" || Self.isNumber(path[1])):
            // The list grows, and checkpoints get cosignatures.
            (contentType, isImmutable) = (HTTPAnswer.text, false)
        case "tile" where path.count >= 3 && path.count <= 12:
            (contentType, isImmutable) = (HTTPAnswer.binary, true)
        case "receipts" where path.count == 2 && (path[1] == "keys" || Self.isNumber(path[1])):
            (contentType, isImmutable) = (HTTPAnswer.binary, false)
        case "snapshots" where path.count == 2 && (path[1] == "index" || Self.isNumber(path[1])):
            let isList = path[1] == "index"
            (contentType, isImmutable) = (isList ? HTTPAnswer.text : HTTPAnswer.binary, !isList)
        case "da" where path.count == 2 && Self.isNumber(path[1]):
            (contentType, isImmutable) = (HTTPAnswer.text, true)
        default: return nil
        }
        name = path.joined(separator: "/")
    }

    /// 20 decimal digits.
    private static func isNumber(_ text: String) -> Bool {
        text.utf8.count == 20 && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
