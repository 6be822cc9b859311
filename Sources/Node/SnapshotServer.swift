import Glibc
import MarketData
import Platform
import Settings
import Wire

/// The snapshot server (GLIMPSE over SoupBinTCP): a tailer's feed book for receivers that join late, on the services
/// thread.
///
/// There is one image in memory. Who logs in gets it from its beginning; it is made anew for a login when nobody is
/// being sent it and a second has passed, or when it is too old: those who are still being sent it then are closed, and
/// come again.
struct SnapshotServer: ~Copyable {
    /// From the connection to a whole login, and for each progress in sending: longer ones are closed.
    private static let patienceNanoseconds: UInt64 = 15_000_000_000
    /// An image is not given to another receiver when it is older.
    private static let imageAgeNanoseconds: UInt64 = 10_000_000_000
    /// An image is not made anew when it is younger, so that logins that come and go cost one a second.
    private static let imageFreshNanoseconds: UInt64 = 1_000_000_000
    /// Bytes that one client is sent in one turn.
    private static let bytesPerTurn = 256 << 10
    /// Bytes of a login that is not whole; debug packets before it fit too.
    private static let loginBytesMax = 256

    private struct Client {
        var socket: Int32 = -1
        var received = 0
        var isAccepted = false
        /// Everything is sent: the client closes.
        var isDone = false
        var head = 0
        var offset = 0
        var lastProgress: UInt64 = 0
    }

    /// The port that is listened on.
    let port: UInt16
    private let listener: Descriptor
    private let clients: UnsafeMutablePointer<Client>
    private let clientCount: Int
    private let logins: UnsafeMutableRawPointer
    private let answer: UnsafeMutableRawBufferPointer
    private var image: SnapshotImage
    private var imageMade: UInt64 = 0
    private var imageSession: FeedSession?

    /// Opens the listener; takes all memory.
    init(facts: NodeFacts, gate: ReleaseGate) throws(NodeError) {
        let settings = facts.settings.marketData
        guard let address = IPv4Address(settings.serverAddress) else {
            throw .resources("market_data.server_address: \(settings.serverAddress): expected an IPv4 address")
        }
        let listener = try platform { () throws(PlatformError) in
            try Sockets.listen(at: IPv4Endpoint(address, port: settings.snapshotPort), backlog: 64)
        }
        let raw = listener.raw
        let port = try platform { () throws(PlatformError) in try Sockets.localEndpoint(of: raw).port }
        try platform { () throws(PlatformError) in try listener.setNonblocking() }
        self.listener = listener
        self.port = port
        clientCount = settings.snapshotSessionsMax
        clients = .allocate(capacity: clientCount)
        clients.initialize(repeating: Client(), count: clientCount)
        logins = .allocate(byteCount: clientCount * Self.loginBytesMax, alignment: 8)
        answer = .allocate(byteCount: SoupBinTCP.loginAcceptedBytes, alignment: 8)
        let venue = facts.settings.venue
        image = SnapshotImage(orders: Int(venue.ordersMax), instruments: Int(venue.instrumentsMax))
    }

    deinit {
        for index in 0..<clientCount where clients[index].socket >= 0 { close(clients[index].socket) }
        clients.deallocate()
        logins.deallocate()
        answer.deallocate()
    }

    /// Bytes of memory that it holds, for the report at start.
    var byteCount: Int { image.byteCount + clientCount * Self.loginBytesMax }

    /// Accepts, sends: a bounded amount. Returns how much was done, 0 when idle.
    mutating func doWork(_ follower: borrowing FeedFollower) -> Int {
        let now = SystemClock.monotonicNanoseconds()
        var work = acceptClients(now)
        for index in 0..<clientCount where clients[index].socket >= 0 { work += serve(index, follower, now) }
        return work
    }

    private mutating func acceptClients(_ now: UInt64) -> Int {
        var count = 0
        while true {
            let socket = Sockets.acceptNonblocking(listener.raw)
            if socket < 0 { return count }
            count += 1
            var index = 0
            while index < clientCount && clients[index].socket >= 0 { index += 1 }
            guard index < clientCount else {
                close(socket)
                continue
            }
            clients[index] = Client(socket: socket, lastProgress: now)
        }
    }

    private mutating func serve(_ index: Int, _ follower: borrowing FeedFollower, _ now: UInt64) -> Int {
        if now &- clients[index].lastProgress > Self.patienceNanoseconds {
            end(index)
            return 1
        }
        if clients[index].isDone { return awaitEnd(index) }
        return clients[index].isAccepted ? send(index, now) : receiveLogin(index, follower, now)
    }

    /// Reads and forgets what the client still sends, until it closes.
    private func awaitEnd(_ index: Int) -> Int {
        let memory = UnsafeMutableRawBufferPointer(
            start: logins + index * Self.loginBytesMax, count: Self.loginBytesMax)
        let bytes = Sockets.receive(clients[index].socket, into: memory, blocking: false)
        if bytes == -Int(EAGAIN) { return 0 }
        return bytes > 0 ? 1 : endNow(index)
    }

    private mutating func receiveLogin(_ index: Int, _ follower: borrowing FeedFollower, _ now: UInt64) -> Int {
        let memory = logins + index * Self.loginBytesMax
        let received = clients[index].received
        let room = UnsafeMutableRawBufferPointer(start: memory + received, count: Self.loginBytesMax - received)
        let bytes = Sockets.receive(clients[index].socket, into: room, blocking: false)
        if bytes == -Int(EAGAIN) && received == 0 { return 0 }
        if bytes == 0 || bytes < 0 && bytes != -Int(EAGAIN) {
            end(index)
            return 1
        }
        clients[index].received += max(bytes, 0)
        let login = UnsafeRawBufferPointer(start: memory, count: clients[index].received)
        switch SnapshotLogin.judge(login, session: follower.session) {
        case .incomplete:
            if clients[index].received == Self.loginBytesMax { end(index) }
            return bytes > 0 ? 1 : 0
        case .malformed: end(index)
        case .rejected(let reason):
            reject(index, reason)
        case .accepted:
            // What is released is read first: the snapshot is of now.
            guard follower.isCurrent else {
                if follower.hasFailed { reject(index, SoupBinTCP.sessionNotAvailable) }
                return bytes > 0 ? 1 : 0
            }
            accept(index, follower, now)
        }
        return 1
    }

    private mutating func accept(_ index: Int, _ follower: borrowing FeedFollower, _ now: UInt64) {
        let isInUse = (0..<clientCount).contains {
            clients[$0].socket >= 0 && clients[$0].isAccepted && !clients[$0].isDone
        }
        let isOfSession = imageSession == follower.session
        if Self.needsImage(age: now &- imageMade, isInUse: isInUse, isOfSession: isOfSession) {
            for other in 0..<clientCount where clients[other].socket >= 0 && clients[other].isAccepted { end(other) }
            image.build(
                follower.book, follower.encoder, time: follower.time, nextSequence: follower.history.nextSequence)
            imageMade = now
            imageSession = follower.session
        }
        clients[index].isAccepted = true
        clients[index].lastProgress = now
    }

    /// Whether an image is made for a login, rather than the one given that there is.
    ///
    /// - Parameter age: of the one that there is, nanoseconds.
    static func needsImage(age: UInt64, isInUse: Bool, isOfSession: Bool) -> Bool {
        !isOfSession || age > imageAgeNanoseconds || !isInUse && age >= imageFreshNanoseconds
    }

    private mutating func send(_ index: Int, _ now: UInt64) -> Int {
        let before = (clients[index].head, clients[index].offset)
        guard let session = imageSession, let base = answer.baseAddress else { return 0 }
        if clients[index].head < SoupBinTCP.loginAcceptedBytes {
            SoupBinTCP.encodeLoginAccepted(at: base, session: session, sequence: 1)
            let rest = UnsafeRawBufferPointer(rebasing: answer[clients[index].head...])
            let sent = Sockets.send(clients[index].socket, rest, blocking: false)
            if sent > 0 { clients[index].head += sent } else if sent != -Int(EAGAIN) { return endNow(index) }
        }
        if clients[index].head == SoupBinTCP.loginAcceptedBytes, clients[index].offset < image.count {
            let rest = image.bytes(from: clients[index].offset)
            let part = UnsafeRawBufferPointer(rebasing: rest[..<min(rest.count, Self.bytesPerTurn)])
            let sent = Sockets.send(clients[index].socket, part, blocking: false)
            if sent > 0 { clients[index].offset += sent } else if sent != -Int(EAGAIN) { return endNow(index) }
        }
        if clients[index].offset == image.count {
            // Closing at once could reset the connection, and lose what the client has not read.
            Sockets.endSending(clients[index].socket)
            clients[index].isDone = true
        }
        if before == (clients[index].head, clients[index].offset) { return 0 }
        clients[index].lastProgress = now
        return 1
    }

    private func reject(_ index: Int, _ reason: UInt8) {
        withUnsafeTemporaryAllocation(byteCount: SoupBinTCP.loginRejectedBytes, alignment: 2) { packet in
            SoupBinTCP.encodeHeader(at: packet.baseAddress!, type: SoupBinTCP.loginRejected, payloadBytes: 1)
            packet[SoupBinTCP.headerBytes] = reason
            _ = Sockets.send(clients[index].socket, UnsafeRawBufferPointer(packet), blocking: false)
        }
        Sockets.endSending(clients[index].socket)
        clients[index].isDone = true
    }

    private func endNow(_ index: Int) -> Int {
        end(index)
        return 1
    }

    private func end(_ index: Int) {
        close(clients[index].socket)
        clients[index] = Client()
    }
}
