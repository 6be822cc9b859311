/// The UDP side, and the two servers that help receivers along.
public struct MarketDataSettings: Equatable, Sendable {
    /// Multicast group, IPv4.
    public var group: String
    /// UDP port of the group.
    public var port: UInt16
    /// IPv4 address of the interface that packets leave by.
    public var interface: String
    /// Routers that a packet may pass; 0 stays on this machine.
    public var timeToLive: UInt8
    /// Time without a packet after which a heartbeat is sent, in milliseconds.
    public var heartbeatMilliseconds: Int
    /// IPv4 address that request and snapshot server listen on.
    public var serverAddress: String
    /// UDP port of the MoldUDP64 request server.
    public var requestPort: UInt16
    /// TCP port of the snapshot server.
    public var snapshotPort: UInt16
    /// Snapshots that are sent at a time; one more connection is closed at once.
    public var snapshotSessionsMax: Int

    static let keys = [
        "group", "port", "interface", "ttl", "heartbeat_ms", "server_address", "request_port", "snapshot_port",
        "snapshot_sessions_max",
    ]

    init(_ reader: TableReader) throws(SettingsError) {
        group = try reader.string(
            "group", "an IPv4 multicast address, 224.0.0.0 to 239.255.255.255", where: IPv4.isMulticast)
        port = try reader.integer("port", 1...UInt16.max, "UDP port")
        interface = try reader.string("interface", "the IPv4 address of an interface", where: IPv4.isAddress)
        timeToLive = try reader.integer("ttl", 0...UInt8.max, "routers to pass, 0 = this machine only")
        heartbeatMilliseconds = try reader.integer("heartbeat_ms", 10...60_000, "milliseconds")
        serverAddress = try reader.string("server_address", "an IPv4 address to listen on", where: IPv4.isAddress)
        requestPort = try reader.integer("request_port", 0...UInt16.max, "UDP port, 0 = any free one")
        snapshotPort = try reader.integer("snapshot_port", 0...UInt16.max, "TCP port, 0 = any free one")
        snapshotSessionsMax = try reader.integer("snapshot_sessions_max", 1...1_024, "connections")
    }
}
