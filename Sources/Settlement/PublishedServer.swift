import Glibc
import Logging
import Platform
import Settings

/// Serves what is published over HTTP/1.1, and makes proofs of it on demand: for those without a web server.
///
/// One thread, at most `connectionsMax` connections, 8 KiB of each for requests and 64 KiB for answers, and a time-out
/// for every step: what strangers send can make it neither grow nor wait. It reads published files, and writes nothing.
public final class PublishedServer {
    /// Connections at a time; one more closes the longest idle, or is told to come again.
    public static let connectionsMax = 256
    /// Connections beyond those that are being told so; what comes beyond these is closed without a word.
    static let refusedMax = 64
    /// Longest time for a request to come, and between two steps of an answer, milliseconds.
    public static let patienceMilliseconds: UInt64 = 10_000

    private let listener: Descriptor
    private let proofs: ServedProofs
    private let balances: BalanceService
    private let published: String
    private let patience: UInt64
    private let connectionsMax: Int
    private var connections: [ServeConnection] = []

    /// Where it listens: with the port that the system chose where the configuration has 0.
    public let endpoint: IPv4Endpoint

    /// Listens; `run` serves.
    ///
    /// - Throws: `configuration` for an address that is none; `system` when the port is taken.
    public convenience init(_ settings: NodeSettings) throws(SettlementError) {
        try self.init(
            settings, connectionsMax: Self.connectionsMax, patience: Self.patienceMilliseconds * 1_000_000)
    }

    init(_ settings: NodeSettings, connectionsMax: Int, patience: UInt64) throws(SettlementError) {
        guard let address = IPv4Address(settings.settlement.serveAddress) else {
            throw .configuration("serve_address: \(settings.settlement.serveAddress)")
        }
        do {
            listener = try Sockets.listen(at: IPv4Endpoint(address, port: settings.settlement.servePort))
            try listener.setNonblocking()
            endpoint = try Sockets.localEndpoint(of: listener.raw)
        } catch {
            throw .system(error)
        }
        published = settings.settlement.published
        proofs = ServedProofs(settings)
        balances = BalanceService(settings)
        self.connectionsMax = connectionsMax
        self.patience = patience
    }

    /// Serves until asked to stop.
    public func run(until stop: StopFlag) throws(SettlementError) {
        while !stop.isStopped {
            var entries = [pollfd(fd: listener.raw, events: Int16(POLLIN), revents: 0)]
            for connection in connections {
                let events = connection.wait == .room ? POLLOUT : POLLIN
                entries.append(pollfd(fd: connection.socket.raw, events: Int16(events), revents: 0))
            }
            let count = Glibc.poll(&entries, nfds_t(entries.count), 50)
            if count < 0, errno != EINTR { throw .system(.systemCall("poll", subject: "", Errno(rawValue: errno))) }
            let now = SystemClock.monotonicNanoseconds()
            for (connection, entry) in zip(connections, entries.dropFirst()) {
                if entry.revents != 0 {
                    connection.step(now: now) { answer($0) }
                } else if now >= connection.deadline {
                    connection.expire(now: now)
                }
            }
            connections.removeAll { $0.wait == .nothing }
            if entries[0].revents != 0 { accept(now) }
        }
        connections = []
        balances.stop()
    }

    private func accept(_ now: UInt64) {
        // So many at a time, that those who are connected get their turn.
        for _ in 0..<64 {
            let raw = Sockets.acceptNonblocking(listener.raw)
            guard raw >= 0 else { return }
            let connection = ServeConnection(Descriptor(owning: raw), patience: patience, now: now)
            if connections.count >= connectionsMax {
                if let idle = connections.firstIndex(where: \.isIdle) {
                    connections.remove(at: idle)
                } else {
                    guard connections.count < connectionsMax + Self.refusedMax else { continue }
                    connection.refuse(.refused(503, "too many connections; try again"), now)
                }
            }
            connections.append(connection)
        }
    }

    private func answer(_ request: ServeRequest) -> ServeAnswer {
        if let file = PublishedFile(request.path) {
            guard let served = ServedFile("\(published)/\(file.name)") else {
                return .refused(404, "no such file is published")
            }
            return .found(.file(served), file.contentType, isImmutable: file.isImmutable)
        }
        return proofs.answer(request.path, balances) ?? .refused(404, "no such name; see Proof.md and Receipts.md")
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
            (contentType, isImmutable) = (ServeAnswer.text, false)
        case "checkpoints" where path.count == 2 && Self.isNumber(path[1]):
            (contentType, isImmutable) = (ServeAnswer.text, true)
        case "tile" where path.count >= 3 && path.count <= 12:
            (contentType, isImmutable) = (ServeAnswer.binary, true)
        case "receipts" where path.count == 2 && (path[1] == "keys" || Self.isNumber(path[1])):
            (contentType, isImmutable) = (ServeAnswer.binary, false)
        case "da" where path.count == 2 && Self.isNumber(path[1]):
            (contentType, isImmutable) = (ServeAnswer.text, true)
        default: return nil
        }
        name = path.joined(separator: "/")
    }

    /// 20 decimal digits.
    private static func isNumber(_ text: String) -> Bool {
        text.utf8.count == 20 && text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }
}
