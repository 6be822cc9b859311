import Logging
import Platform
import Settings

/// The server of published files on a thread of its own.
public final class ServingThread: Sendable {
    /// Where it listens.
    public let endpoint: IPv4Endpoint
    private let stopping = StopFlag()
    private let thread = ThreadHolder()

    /// Listens and serves.
    public init(_ settings: NodeSettings, _ log: Logger) throws(SettlementError) {
        let server = try PublishedServer(settings, log)
        endpoint = server.endpoint
        // Nobody but the thread uses it from here on.
        nonisolated(unsafe) let served = server
        try thread.start("serve") { [stopping] in
            do throws(SettlementError) { try served.run(until: stopping) } catch { log.error("serve: \(error)") }
        }
    }

    /// Closes every connection and ends the thread.
    public func stop() {
        stopping.stop()
        thread.join()
    }
}
