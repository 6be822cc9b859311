import Platform
import Settings

/// Whether this machine has what a configuration names: cores, addresses, ports. The settings cannot know; a start that
/// finds out later has lengthened the journal already.
enum Machine {
    /// Cores and addresses. Each is tried: only the kernel knows what a container leaves of a machine.
    static func requireParts(_ settings: NodeSettings) throws(NodeError) {
        for (index, thread) in settings.threads.enumerated() {
            if let core = thread.core { try requireCore(core, "thread[\(index)].core") }
        }
        for (index, core) in settings.ioWorkerCores.enumerated() {
            try requireCore(core, "node.io_worker_cores[\(index)]")
        }
        let interface = settings.marketData.interface
        if let address = IPv4Address(interface), (try? Sockets.multicastSender(interface: address)) == nil {
            throw refusal("market_data.interface", "\(interface) is the address of no interface of this machine")
        }
        try requireAddress(settings.orderEntry.address, "order_entry.address")
        try requireAddress(settings.marketData.serverAddress, "market_data.server_address")
    }

    /// The ports that are listened on, for this moment: asked when the journal is this node's, before it is written.
    static func requirePorts(_ settings: NodeSettings) throws(NodeError) {
        let market = settings.marketData
        try listen(settings.orderEntry.address, settings.orderEntry.port, "order_entry.port") {
            endpoint throws(PlatformError) in _ = try Sockets.listen(at: endpoint)
        }
        try listen(market.serverAddress, market.snapshotPort, "market_data.snapshot_port") {
            endpoint throws(PlatformError) in _ = try Sockets.listen(at: endpoint)
        }
        try listen(market.serverAddress, market.requestPort, "market_data.request_port") {
            endpoint throws(PlatformError) in _ = try Sockets.datagram(boundTo: endpoint)
        }
    }

    private static func requireCore(_ core: Int, _ key: String) throws(NodeError) {
        do throws(PlatformError) {
            try PinnedThread(name: "core", core: UInt32(core)) {}.join()
        } catch {
            guard error.errno == .invalidArgument else { throw .system(error) }
            let cores = (try? CPUSet.available()).map { ": it has \($0)" } ?? ""
            throw refusal(key, "\(core) is no core of this machine\(cores)")
        }
    }

    private static func requireAddress(_ text: String, _ key: String) throws(NodeError) {
        guard let address = IPv4Address(text), (try? Sockets.listen(at: IPv4Endpoint(address, port: 0))) == nil else {
            return
        }
        throw refusal(key, "\(text) is no address of this machine")
    }

    private static func listen(
        _ text: String, _ port: UInt16, _ key: String, _ open: (IPv4Endpoint) throws(PlatformError) -> Void
    ) throws(NodeError) {
        guard port != 0, let address = IPv4Address(text) else { return }
        do throws(PlatformError) { try open(IPv4Endpoint(address, port: port)) } catch {
            throw .endpoint(key: key, error)
        }
    }

    private static func refusal(_ key: String, _ reason: String) -> NodeError {
        .configuration(.inconsistent(key: key, reason: reason))
    }
}
