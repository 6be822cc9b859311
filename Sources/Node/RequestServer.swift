import MarketData
import Platform
import Settings
import Wire

/// The MoldUDP64 request server: sends again what a receiver missed, from memory or the journal, on the services
/// thread.
///
/// An answer is one packet with as many of the messages as fit; what is no request, or cannot be served, gets no
/// answer, as the standard says. Nothing a requester does takes memory.
struct RequestServer: ~Copyable {
    /// Requests of one turn.
    private static let requestsPerTurn = 64

    /// The port that is listened on.
    let port: UInt16
    private let socket: Descriptor
    private let request: UnsafeMutableRawBufferPointer
    private let packet: UnsafeMutableRawBufferPointer

    /// Opens the socket.
    init(facts: NodeFacts, gate: ReleaseGate) throws(NodeError) {
        let settings = facts.settings.marketData
        guard let address = IPv4Address(settings.serverAddress) else {
            throw .resources("market_data.server_address: \(settings.serverAddress): expected an IPv4 address")
        }
        let socket = try platform { () throws(PlatformError) in
            try Sockets.datagram(boundTo: IPv4Endpoint(address, port: settings.requestPort))
        }
        let raw = socket.raw
        port = try platform { () throws(PlatformError) in try Sockets.localEndpoint(of: raw).port }
        self.socket = socket
        // A byte more than a request has: longer ones are told from it.
        request = .allocate(byteCount: MoldUDP64.headerBytes + 1, alignment: 8)
        packet = .allocate(byteCount: MoldUDP64.packetBytesMax, alignment: 8)
    }

    deinit {
        request.deallocate()
        packet.deallocate()
    }

    /// A bounded number of requests; serves nothing that is not released. Returns how much was done, 0 when idle.
    mutating func doWork(_ follower: inout FeedFollower) -> Int {
        var count = 0
        var source = IPv4Endpoint(.any, port: 0)
        while count < Self.requestsPerTurn {
            let bytes = Sockets.receive(socket.raw, into: request, from: &source)
            if bytes < 0 { break }
            count += 1
            answer(UnsafeRawBufferPointer(rebasing: request[..<bytes]), source, &follower)
        }
        return count
    }

    private func answer(
        _ bytes: UnsafeRawBufferPointer, _ source: IPv4Endpoint, _ follower: inout FeedFollower
    ) {
        let end = follower.history.nextSequence
        guard let request = FeedRequest(bytes, session: follower.session, nextSequence: end),
            let base = packet.baseAddress
        else { return }
        let length = follower.answer(request, at: base)
        if length == 0 { return }
        // A requester whose socket is full asks again.
        _ = Sockets.send(
            socket.raw, UnsafeRawBufferPointer(rebasing: packet[..<length]), to: Sockets.Destination(source))
    }
}
