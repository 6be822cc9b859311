import Platform
import Wire

/// Where a venue's feed is.
public struct FeedAddresses: Equatable, Sendable {
    /// Multicast group and port.
    public var group: IPv4Endpoint
    /// Address of the interface that receives it; 127.0.0.1 for a venue on this machine.
    public var interface: IPv4Address
    /// MoldUDP64 request server, UDP.
    public var requestServer: IPv4Endpoint
    /// Snapshot server, SoupBinTCP.
    public var snapshotServer: IPv4Endpoint

    /// Addresses of one venue: those of its `[market_data]` table.
    public init(
        group: IPv4Endpoint, interface: IPv4Address, requestServer: IPv4Endpoint, snapshotServer: IPv4Endpoint
    ) {
        self.group = group
        self.interface = interface
        self.requestServer = requestServer
        self.snapshotServer = snapshotServer
    }
}

/// How a receiver of the feed begins and what it may use.
public struct FeedOptions: Sendable {
    /// From which message on.
    public enum Start: Equatable, Sendable {
        /// The first message of the session: what was sent before is asked for.
        case beginning
        /// A snapshot of the books, then what follows it.
        case snapshot
        /// A message of a session that is known, e.g. the one after the last that was received.
        case sequence(UInt64, FeedSession)
    }

    /// From which message on.
    public var start: Start = .beginning
    /// Packets that are kept until those before them come, 1,472 bytes each.
    public var keptPackets = 1_024
    /// Receive buffer of the kernel for bursts, bytes.
    public var receiveBufferBytes: Int32 = 4 << 20
    /// After this time without an answer a request is sent again.
    public var requestRetryMilliseconds = 20
    /// Time for the whole snapshot.
    public var snapshotTimeoutMilliseconds = 10_000

    /// The defaults above, from there on.
    public init(_ start: Start = .beginning) { self.start = start }
}

/// A message of the feed, in order.
public struct FeedMessage {
    /// Number within the session; 0 when it is part of a snapshot.
    public let sequence: UInt64
    /// The ITCH message; it stands only while it is delivered.
    public let bytes: UnsafeRawBufferPointer

    /// Letter of its type; nil when the message is empty.
    public var type: UInt8? { bytes.first }
}

/// What a call of `FeedClient.receive` brought.
public enum FeedProgress: Equatable, Sendable {
    /// So many messages were delivered.
    case delivered(Int)
    /// The time is over.
    case idle
    /// The session has ended, and all of it was delivered.
    case ended
    /// The venue began another session: what was delivered may not stand; follow that session from its beginning or
    /// from a snapshot, with books made anew.
    case sessionChanged(FeedSession)
}

/// What a receiver has seen.
public struct FeedStatistics: Equatable, Sendable {
    /// Datagrams of both sockets.
    public var packets = 0
    /// Messages delivered, those of a snapshot not counted.
    public var messages = 0
    /// Packets of which everything was known.
    public var duplicates = 0
    /// Packets that came early.
    public var early = 0
    /// Datagrams that are no packets.
    public var malformed = 0
    /// Requests sent.
    public var requests = 0
}
