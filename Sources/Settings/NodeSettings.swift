import Foundation

/// What the log says.
public enum LogLevel: String, CaseIterable, Sendable {
    case trace, debug, info, notice, warning, error, critical
}

/// The whole configuration of a venue's processes, checked: whoever holds one has values in their ranges that fit
/// together.
///
/// Every key of `config.toml` has to be there, has to be known and has to be of its type and range; the file itself
/// documents them. There are no hidden defaults, so that the file is the configuration in force.
public struct NodeSettings: Equatable, Sendable {
    /// The directory of journal and counters; relative names are relative to the configuration file.
    public var dataDirectory: String
    /// Cores for io_uring's kernel workers; empty leaves them to the operating system.
    public var ioWorkerCores: [Int]
    /// The threads and what runs on them.
    public var threads: [ThreadSettings]
    public var orderEntry: OrderEntrySettings
    public var marketData: MarketDataSettings
    public var journal: JournalSettings
    /// Slots of the ring, a power of two.
    public var ringSlots: Int
    /// Keys whose last 64 nonces are remembered, so that a resend gets its original answer.
    public var rememberedKeysMax: Int
    public var logLevel: LogLevel
    /// What the settlement plane does; the node does not read it.
    public var settlement: SettlementSettings
    /// What is written to the journal, and compared with it at every start.
    public var venue: VenueSettings

    /// `DATA/journal`: the segments.
    public var journalDirectory: String { dataDirectory + "/journal" }
    /// `DATA/journal/genesis`: the body of the genesis record, whose hash is the venue's id.
    public var genesisFile: String { journalDirectory + "/genesis" }
    /// `DATA/counters`: the memory-mapped counters.
    public var countersFile: String { dataDirectory + "/counters" }
    /// `DATA/settlement`: what the settlement plane keeps for itself.
    public var settlementDirectory: String { dataDirectory + "/settlement" }
    /// `DATA/settlement/snapshots`: snapshots of the state.
    public var snapshotDirectory: String { settlementDirectory + "/snapshots" }
    /// Verifiers: threads with the agent `verify`.
    public var verifierCount: Int { threads.count { $0.agents.contains(.verify) } }

    static let keys = [
        "node", "thread", "order_entry", "market_data", "journal", "ring", "nonces", "log", "settlement",
        "venue",
    ]

    /// Reads and checks a configuration file.
    public static func load(_ path: String) throws(SettingsError) -> NodeSettings {
        let text: String
        do {
            text = try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw .unreadable(
                path: path,
                reason: FileManager.default.fileExists(atPath: path)
                    ? "not a readable UTF-8 text file" : "no such file")
        }
        let slash = path.lastIndex(of: "/")
        return try NodeSettings(text, directory: slash.map { String(path[..<$0]) } ?? ".")
    }

    /// Checks a configuration.
    ///
    /// - Parameters:
    ///   - text: the TOML document.
    ///   - directory: what relative names are relative to.
    public init(_ text: String, directory: String = ".") throws(SettingsError) {
        let root = try TableReader("", TOMLTree.parse(text), keys: NodeSettings.keys)

        let node = try root.table("node", keys: ["data", "io_worker_cores"])
        dataDirectory = try node.path("data", relativeTo: directory)
        ioWorkerCores = try NodeSettings.cores(node, "io_worker_cores")
        var threads: [ThreadSettings] = []
        for table in try root.tables("thread", keys: ThreadSettings.keys) {
            threads.append(try ThreadSettings(table))
        }
        try threads.validate(key: "thread")
        self.threads = threads

        orderEntry = try OrderEntrySettings(root.table("order_entry", keys: OrderEntrySettings.keys))
        marketData = try MarketDataSettings(root.table("market_data", keys: MarketDataSettings.keys))
        journal = try JournalSettings(root.table("journal", keys: JournalSettings.keys))
        ringSlots = try root.table("ring", keys: ["slots"]).integer(
            "slots", 16...65_536, "slots", "a power of two from 16 to 65536"
        ) { $0.nonzeroBitCount == 1 }
        rememberedKeysMax = try root.table("nonces", keys: ["remembered_keys_max"]).integer(
            "remembered_keys_max", 16...16_777_216, "keys")
        logLevel = try root.table("log", keys: ["level"]).word("level")
        settlement = try SettlementSettings(
            root.table("settlement", keys: SettlementSettings.keys), directory: directory)
        venue = try VenueSettings(root.table("venue", keys: VenueSettings.keys))
        try requireKeptPromise()
        try requireDistinctPorts()
    }

    /// Time that it takes at most to sign a checkpoint and to write it, in milliseconds.
    static let signingMilliseconds = 500

    /// A promise that no checkpoint can keep would found a venue whose every receipt convicts it.
    private func requireKeptPromise() throws(SettingsError) {
        let interval = settlement.checkpointIntervalMilliseconds
        var needed = interval + Self.signingMilliseconds
        var parts = "checkpoint_interval_ms = \(interval), \(Self.signingMilliseconds) ms to sign and to write"
        if settlement.witnessQuorum > 0 {
            needed += settlement.witnessTimeoutMilliseconds
            parts += ", witness_timeout_ms = \(settlement.witnessTimeoutMilliseconds)"
        }
        guard Int(venue.promiseSeconds) * 1000 >= needed else {
            throw .inconsistent(
                key: "venue.promise_seconds",
                reason: "\(venue.promiseSeconds) s are less than the \(needed) ms that a checkpoint takes (\(parts))")
        }
    }

    /// The venue's TCP servers run on one machine; 0 is any free port.
    private func requireDistinctPorts() throws(SettingsError) {
        let servers = [
            (key: "order_entry.port", address: orderEntry.address, port: orderEntry.port),
            (key: "market_data.snapshot_port", address: marketData.serverAddress, port: marketData.snapshotPort),
            (key: "settlement.serve_port", address: settlement.serveAddress, port: settlement.servePort),
        ]
        for (index, server) in servers.enumerated() where server.port != 0 {
            for other in servers[..<index] where other.port == server.port {
                guard other.address == server.address || [other.address, server.address].contains("0.0.0.0") else {
                    continue
                }
                throw .inconsistent(key: server.key, reason: "\(server.port) is \(other.key) as well, both TCP")
            }
        }
    }

    private static func cores(_ reader: TableReader, _ key: String) throws(SettingsError) -> [Int] {
        let expected = "an integer from 0 to \(CoreNumber.max) (core number)"
        var cores: [Int] = []
        for (name, value) in try reader.list(key, "a list of core numbers, [] = not pinned") {
            guard case .integer(let core) = value else {
                throw .wrongType(key: name, expected: expected, found: value.typeName)
            }
            guard (0...CoreNumber.max).contains(core) else {
                throw .invalid(key: name, expected: expected, found: "\(core)")
            }
            cores.append(core)
        }
        return cores
    }
}
