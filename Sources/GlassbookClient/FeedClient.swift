import MarketData
import Platform
import Wire

/// Receives a venue's feed: multicast, ordered, without gaps. Blocking calls with time-outs, on one thread.
///
/// What is lost or comes twice or out of order on the network is repaired here, with the request server's help. Memory
/// is that of `FeedOptions`; what no venue sends is counted and passed over.
public final class FeedClient {
    /// Datagrams that one call takes at most before it returns.
    private static let datagramsPerTurn = 256

    private let addresses: FeedAddresses
    private let options: FeedOptions
    private let multicast: Descriptor
    private let unicast: Descriptor
    private let datagram: UnsafeMutableRawBufferPointer
    private var receiver: FeedReceiver
    private var request: (from: UInt64, time: UInt64) = (0, 0)
    private var snapshot: SnapshotSource?
    private var outcome: FeedProgress?
    private var newcomer: FeedSession?
    /// What was seen so far.
    public private(set) var statistics = FeedStatistics()

    /// Joins the group. Nothing is received yet; a snapshot is taken by the first `receive`.
    public init(_ addresses: FeedAddresses, options: FeedOptions = FeedOptions()) throws(ClientError) {
        self.addresses = addresses
        self.options = options
        multicast = try Self.joined(addresses, options)
        unicast = try Self.requester()
        // A byte more than a packet has: longer ones are told from it.
        datagram = .allocate(byteCount: MoldUDP64.packetBytesMax + 1, alignment: 64)
        switch options.start {
        case .beginning, .snapshot: receiver = FeedReceiver(keptPackets: options.keptPackets)
        case .sequence(let sequence, let session):
            receiver = FeedReceiver(
                session: session, nextSequence: sequence, keptPackets: options.keptPackets)
        }
        if options.start == .snapshot { snapshot = SnapshotSource(addresses.snapshotServer) }
    }

    deinit { datagram.deallocate() }

    private static func joined(
        _ addresses: FeedAddresses, _ options: FeedOptions
    ) throws(ClientError) -> Descriptor {
        do {
            return try Sockets.multicastReceiver(
                group: addresses.group, interface: addresses.interface,
                receiveBufferBytes: options.receiveBufferBytes)
        } catch {
            throw .system(error)
        }
    }

    private static func requester() throws(ClientError) -> Descriptor {
        do { return try Sockets.datagram(boundTo: IPv4Endpoint(.any, port: 0)) } catch { throw .system(error) }
    }

    /// Session that is followed; nil before its first packet.
    public var session: FeedSession? { receiver.session }
    /// Number of the next message.
    public var nextSequence: UInt64 { receiver.nextSequence }
    /// Whether nothing is known to be missing.
    public var isCurrent: Bool { receiver.missing == nil && snapshot == nil }
    /// Numbers of the sockets, to wait for them beside others.
    public var descriptors: [Int32] { [multicast.raw, unicast.raw] }

    /// Delivers the messages that are next, as soon as there are any; asks for what is missing meanwhile.
    ///
    /// - Parameter timeoutMilliseconds: 0 takes what is there without waiting (except for a snapshot, once).
    /// - Throws: `system`; with a snapshot also `snapshotRejected`, `malformedSnapshot`, `connectionLost`, `timedOut`.
    public func receive(
        timeoutMilliseconds: Int = 0, _ deliver: (FeedMessage) -> Void
    ) throws(ClientError) -> FeedProgress {
        if let outcome { return outcome }
        if let source = snapshot {
            // The group is joined already: what is sent meanwhile waits in the socket, or is asked for.
            let (session, next) = try source.read(timeoutMilliseconds: options.snapshotTimeoutMilliseconds, deliver)
            receiver = FeedReceiver(session: session, nextSequence: next, keptPackets: options.keptPackets)
            snapshot = nil
        }
        let deadline = Session.deadline(timeoutMilliseconds)
        while true {
            let before = statistics.messages
            var datagrams = drain(multicast.raw, from: nil, deliver)
            datagrams += drain(unicast.raw, from: addresses.requestServer, deliver)
            if outcome == nil, let newcomer { outcome = .sessionChanged(newcomer) }
            if statistics.messages > before { return .delivered(statistics.messages - before) }
            if let outcome { return outcome }
            let wakeUp = requestMissing()
            if datagrams > 0 { continue }
            let now = SystemClock.monotonicNanoseconds()
            if now >= deadline { return .idle }
            let wait = (min(deadline, wakeUp) &- now &+ 999_999) / 1_000_000
            do throws(PlatformError) {
                _ = try pollReadable(
                    [multicast.raw, unicast.raw], timeoutMilliseconds: Int32(min(wait, 1_000_000)))
            } catch {
                throw .system(error)
            }
        }
    }

    /// Takes what waits in a socket. Returns how many datagrams.
    private func drain(
        _ socket: Int32, from sender: IPv4Endpoint?, _ deliver: (FeedMessage) -> Void
    ) -> Int {
        var source = IPv4Endpoint(.any, port: 0)
        for count in 0..<Self.datagramsPerTurn {
            let bytes = Sockets.receive(socket, into: datagram, from: &source)
            if bytes < 0 { return count }
            if let sender, source != sender {
                statistics.malformed += 1
                continue
            }
            take(UnsafeRawBufferPointer(rebasing: datagram[..<bytes]), deliver)
            if outcome != nil || newcomer != nil { return count + 1 }
        }
        return Self.datagramsPerTurn
    }

    private func take(_ bytes: UnsafeRawBufferPointer, _ deliver: (FeedMessage) -> Void) {
        statistics.packets += 1
        var delivered = 0
        let result = receiver.receive(bytes) { sequence, message in
            delivered += 1
            deliver(FeedMessage(sequence: sequence, bytes: message))
        }
        statistics.messages += delivered
        switch result {
        case .delivered, .heartbeat: break
        case .kept, .dropped: statistics.early += 1
        case .duplicate: statistics.duplicates += 1
        case .malformed: statistics.malformed += 1
        case .ended: outcome = .ended
        case .otherSession(let session):
            // A late packet of an earlier session says nothing; a later one ends this.
            if let own = receiver.session, session.text > own.text { newcomer = session }
        }
    }

    /// Asks for what is missing, when that is due. Returns when to look again, monotonic ns.
    private func requestMissing() -> UInt64 {
        guard receiver.missing != nil else { return .max }
        let now = SystemClock.monotonicNanoseconds()
        let retry = UInt64(max(options.requestRetryMilliseconds, 1)) * 1_000_000
        if request.from == receiver.nextSequence, now < request.time + retry { return request.time + retry }
        withUnsafeTemporaryAllocation(byteCount: MoldUDP64.headerBytes, alignment: 8) { bytes in
            guard let base = bytes.baseAddress, receiver.encodeRequest(at: base) else { return }
            // A request that a full socket does not take is one that gets no answer: it is sent again.
            let destination = Sockets.Destination(addresses.requestServer)
            _ = Sockets.send(unicast.raw, UnsafeRawBufferPointer(bytes), to: destination)
            statistics.requests += 1
        }
        request = (receiver.nextSequence, now)
        return now + retry
    }
}
