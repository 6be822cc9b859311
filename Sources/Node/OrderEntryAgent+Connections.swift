import Cryptography
import Glibc
import OrderEntry
import Platform
import Wire

/// What a completion of order entry is of.
enum OrderEntryRequest: UInt8 {
    case accept = 0
    case receive = 1
    case send = 2
    case cancel = 3
}

/// Connections: from accept to close.
extension OrderEntryAgent {
    /// After its last answer a client has so long to read it before the socket is closed.
    static var lingerNanoseconds: UInt64 { 1_000_000_000 }
    /// Receive buffers of one session that may wait before its socket is not read any more.
    static var heldBuffersMax: Int { 2 }

    /// Tag of a request: what it is, the place in the table, and which use of the place.
    func tag(_ request: OrderEntryRequest, _ place: Int) -> UInt64 {
        let generation = request == .receive || request == .send ? clients[place].generation : 0
        return CompletionTag.orderEntry.userData(
            UInt64(request.rawValue) << 48 | UInt64(place) << 32 | UInt64(generation))
    }

    /// Takes one of its completions: a connection, received bytes, a finished send.
    mutating func complete(_ completion: Completion, _ io: inout IOUring) {
        let detail = CompletionTag.detail(completion)
        let place = Int(detail >> 32 & 0xFFFF)
        switch OrderEntryRequest(rawValue: UInt8(truncatingIfNeeded: detail >> 48)) {
        case .accept: accepted(completion, &io)
        case .receive: received(place, completion, &io)
        case .send: sent(place, completion, &io)
        case .cancel, nil: break
        }
    }

    mutating func accept(_ io: inout IOUring) {
        isAccepting = io.acceptMultishot(listener: listener.raw, userData: tag(.accept, 0))
    }

    private mutating func accepted(_ completion: Completion, _ io: inout IOUring) {
        if !completion.hasMore { isAccepting = false }
        guard !completion.isError else { return }
        let socket = completion.result
        guard !isStopping, let place = freePlaces.popFirst() else {
            refuse(socket, isStopping ? .venueClosing : .sessionsFull)
            return
        }
        open(place, socket)
        receiveFrom(place, &io)
        if !clients[place].isReceiving { enqueue(place) }
    }

    /// Tells a client in one send that must not block, and hangs up.
    private func refuse(_ socket: Int32, _ reason: TerminationReason) {
        withUnsafeTemporaryAllocation(byteCount: SessionReplies.frameBytesMax, alignment: 8) { memory in
            guard let base = memory.baseAddress else { return }
            let count = SessionReplies.terminate(at: base, reason: reason)
            _ = Sockets.send(socket, UnsafeRawBufferPointer(start: base, count: count), blocking: false)
        }
        Glibc.close(socket)
    }

    private mutating func open(_ place: Int, _ socket: Int32) {
        connections += 1
        openCount += 1
        counters.accepted.add()
        counters.sessions.set(UInt64(openCount))
        let old = clients[place]
        var challenge = Bytes32.zero
        withUnsafeMutableBytes(of: &challenge) { SecureRandom.fill($0.baseAddress!, count: $0.count) }
        var client = ClientSession(
            session: Session(challenge: challenge, rules: rules, now: now), frames: old.frames, output: old.output)
        client.frames.removeAll()
        client.output.removeAll()
        client.generation = old.generation &+ 1
        client.phase = .open
        client.socket = socket
        client.number = connections
        // The place may still stand in a queue: it is in each at most once.
        client.isQueued = old.isQueued
        client.isDirty = old.isDirty
        client.isInHistoryQueue = old.isInHistoryQueue
        clients[place] = client
    }

    /// Begins to receive, when there is memory to receive into.
    mutating func receiveFrom(_ place: Int, _ io: inout IOUring) {
        guard !held.areAllHeld else { return }
        clients[place].isReceiving = io.receiveMultishot(clients[place].socket, userData: tag(.receive, place))
    }

    private mutating func received(_ place: Int, _ completion: Completion, _ io: inout IOUring) {
        let client = clients + place
        if !completion.hasMore {
            client.pointee.isReceiving = false
            client.pointee.isCancelling = false
        }
        let wanted = client.pointee.isOpen && client.pointee.session.state != .terminating
        if completion.hasBuffer {
            if wanted, completion.result > 0 {
                let bytes = io.bytes(of: completion)
                held.append(
                    completion.bufferIdentifier,
                    HeldBuffers.Entry(
                        base: bytes.baseAddress, count: bytes.count,
                        nanoseconds: SystemClock.realtimeNanoseconds(), ticks: TimestampCounter.now()),
                    to: &client.pointee)
            } else {
                io.returnBuffer(completion.bufferIdentifier)
            }
        }
        if completion.result == 0 { client.pointee.hasEnded = true }
        let isBroken =
            completion.isError && completion.errno != .noBuffers && completion.errno != .canceled
        switch client.pointee.phase {
        case .open:
            if isBroken { close(place) } else { enqueue(place) }
            stopReading(place, &io)
        case .flushing: if isBroken { close(place) }
        case .lingering: if isBroken || client.pointee.hasEnded { close(place) }
        case .closing: finishClosing(place)
        case .free: break
        }
    }

    /// A session that has too much waiting is not read until that is taken.
    private mutating func stopReading(_ place: Int, _ io: inout IOUring) {
        let client = clients + place
        guard client.pointee.heldCount > Self.heldBuffersMax, client.pointee.isReceiving,
            !client.pointee.isCancelling
        else { return }
        client.pointee.isCancelling = io.cancel(tag(.receive, place), userData: tag(.cancel, place))
    }

    private mutating func sent(_ place: Int, _ completion: Completion, _ io: inout IOUring) {
        let client = clients + place
        let count = client.pointee.sending
        client.pointee.sending = 0
        let wasHistory = client.pointee.sendsHistory
        client.pointee.sendsHistory = false
        // A session that ends keeps its lane for as long as the kernel reads from it.
        if wasHistory, !client.pointee.isOpen { releaseLane(place) }
        guard client.pointee.phase != .closing else {
            finishClosing(place)
            return
        }
        guard completion.result == Int32(truncatingIfNeeded: count) else {
            close(place)
            return
        }
        client.pointee.session.sent(now: now)
        if wasHistory { lapSent(place) } else { client.pointee.output.consume(count) }
        send(place, &io)
    }

    /// Sends what comes next, if nothing is being sent: the output up to the barrier, else replies of the past.
    mutating func send(_ place: Int, _ io: inout IOUring) {
        let client = clients + place
        guard client.pointee.sending == 0, client.pointee.isOpen || client.pointee.phase == .flushing else { return }
        var bytes = client.pointee.output.pending(upTo: client.pointee.barrier)
        client.pointee.sendsHistory = bytes.isEmpty && lapIsReady(place)
        if client.pointee.sendsHistory { bytes = lanes.exchange.bytes(client.pointee.lane) }
        if bytes.isEmpty {
            if client.pointee.phase == .flushing { linger(place) }
            return
        }
        if io.send(client.pointee.socket, bytes, userData: tag(.send, place)) {
            client.pointee.sending = bytes.count
            client.pointee.since = now
        } else {
            client.pointee.sendsHistory = false
            markDirty(place)
        }
    }

    /// Sends what the sessions with output have.
    mutating func flush(_ io: inout IOUring) {
        var turns = dirty.count
        while turns > 0, let place = dirty.popFirst() {
            turns -= 1
            clients[place].isDirty = false
            send(place, &io)
        }
    }

    mutating func markDirty(_ place: Int) {
        if clients[place].isDirty { return }
        clients[place].isDirty = true
        dirty.append(place)
    }

    mutating func enqueue(_ place: Int) {
        if clients[place].isQueued { return }
        clients[place].isQueued = true
        queue.append(place)
    }

    /// Everything is sent: the client reads it, hangs up, and only then the socket is closed. Closing it at once would
    /// reset the connection if the client has sent more, and take the last answers away from it.
    private mutating func linger(_ place: Int) {
        clients[place].phase = .lingering
        clients[place].since = now
        if clients[place].hasEnded {
            close(place)
        } else {
            Glibc.shutdown(clients[place].socket, Int32(SHUT_WR))
        }
    }

    /// Gives a connection up, whatever is on its way.
    mutating func close(_ place: Int) {
        let client = clients + place
        guard client.pointee.phase != .closing, client.pointee.phase != .free else { return }
        detach(place)
        client.pointee.session.terminate()
        // Who has hung up has read what it wanted. What any other was sent and did not read, megabytes of it, would
        // stay with the kernel for minutes.
        if client.pointee.phase != .lingering || !client.pointee.hasEnded { Self.discardUnsent(client.pointee.socket) }
        client.pointee.phase = .closing
        Glibc.shutdown(client.pointee.socket, Int32(SHUT_RDWR))
        enqueue(place)
        finishClosing(place)
    }

    /// Closing the socket will reset the connection: its unsent bytes go with it.
    private static func discardUnsent(_ socket: Int32) {
        var now = Glibc.linger(l_onoff: 1, l_linger: 0)
        setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, socklen_t(MemoryLayout<Glibc.linger>.size))
    }

    /// Closes the socket once nothing of it is with the kernel, and frees its place.
    private mutating func finishClosing(_ place: Int) {
        let client = clients + place
        guard client.pointee.phase == .closing, !client.pointee.isBusy, client.pointee.heldCount == 0 else { return }
        Glibc.close(client.pointee.socket)
        client.pointee.phase = .free
        client.pointee.socket = -1
        openCount -= 1
        counters.sessions.set(UInt64(openCount))
        freePlaces.append(place)
    }

    /// Returns receive buffers of a session that takes nothing more.
    mutating func dropHeld(_ place: Int, _ io: inout IOUring) {
        while clients[place].heldCount > 0 { io.returnBuffer(held.removeFirst(of: &clients[place])) }
        finishClosing(place)
    }
}
