import Platform
import Wire

/// A snapshot of the books from the snapshot server: SoupBinTCP login, messages, end.
struct SnapshotSource {
    private let endpoint: IPv4Endpoint

    init(_ endpoint: IPv4Endpoint) { self.endpoint = endpoint }

    /// Delivers the snapshot's messages. Returns the session and the number of the first message that it does not
    /// contain.
    func read(
        timeoutMilliseconds: Int, _ deliver: (FeedMessage) -> Void
    ) throws(ClientError) -> (session: FeedSession, next: UInt64) {
        let deadline = Session.deadline(timeoutMilliseconds)
        let result: Result<(session: FeedSession, next: UInt64), ClientError>
        do throws(PlatformError) {
            let socket = try Sockets.connect(to: endpoint, timeoutMilliseconds: Int32(timeoutMilliseconds))
            let login = [UInt8](unsafeUninitializedCapacity: SoupBinTCP.loginRequestBytes) { buffer, count in
                SoupBinTCP.encodeLogin(at: UnsafeMutableRawPointer(buffer.baseAddress!), session: nil, sequence: 1)
                count = SoupBinTCP.loginRequestBytes
            }
            _ = try login.withUnsafeBufferPointer { bytes throws(PlatformError) in
                try Sockets.sendAll(socket.raw, UnsafeRawBufferPointer(bytes))
            }
            result = try Self.take(socket, deadline, deliver)
        } catch {
            throw .system(error)
        }
        return try result.get()
    }

    /// Reads packets until the end of the snapshot.
    private static func take(
        _ socket: borrowing Descriptor, _ deadline: UInt64, _ deliver: (FeedMessage) -> Void
    ) throws(PlatformError) -> Result<(session: FeedSession, next: UInt64), ClientError> {
        // The largest packet that SoupBinTCP has, so that every one fits.
        let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 + 65_535, alignment: 8)
        defer { memory.deallocate() }
        var reading = SnapshotReading()
        var count = 0
        while true {
            let now = SystemClock.monotonicNanoseconds()
            guard now < deadline else { return .failure(.timedOut) }
            let wait = Int32(min((deadline - now + 999_999) / 1_000_000, 1_000_000))
            if try poll(socket.raw, for: .readable, timeoutMilliseconds: wait).isEmpty { continue }
            let room = UnsafeMutableRawBufferPointer(rebasing: memory[count...])
            let received = Sockets.receive(socket.raw, into: room, blocking: false)
            if received == 0 { return .failure(.connectionLost) }
            if received < 0 {
                let error = Errno(rawValue: Int32(-received))
                if error == .wouldBlock || error == .interrupted { continue }
                throw .systemCall("recv", subject: "", error)
            }
            count += received
            let taken: Int
            do throws(ClientError) {
                taken = try reading.take(UnsafeRawBufferPointer(rebasing: memory[..<count]), deliver)
            } catch {
                return .failure(error)
            }
            if let session = reading.session, let next = reading.next { return .success((session, next)) }
            memory.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[taken..<count]))
            count -= taken
        }
    }
}

/// The packets of a snapshot, one after the other, from bytes that nobody vouches for.
struct SnapshotReading {
    /// Session that the login was accepted for.
    private(set) var session: FeedSession?
    /// Number of the first message that the snapshot does not contain; nil until its end.
    private(set) var next: UInt64?

    /// Takes the whole packets. Returns how many bytes they have.
    mutating func take(
        _ bytes: UnsafeRawBufferPointer, _ deliver: (FeedMessage) -> Void
    ) throws(ClientError) -> Int {
        guard let base = bytes.baseAddress else { return 0 }
        var offset = 0
        while next == nil, bytes.count - offset >= SoupBinTCP.headerBytes {
            guard let length = SoupBinTCP.packetBytes(base + offset) else { throw .malformedSnapshot }
            guard length <= bytes.count - offset else { break }
            let packet = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + length])
            try take(packet: packet, deliver)
            offset += length
        }
        return offset
    }

    private mutating func take(
        packet: UnsafeRawBufferPointer, _ deliver: (FeedMessage) -> Void
    ) throws(ClientError) {
        guard let base = packet.baseAddress else { throw .malformedSnapshot }
        switch SoupBinTCP.type(base) {
        case SoupBinTCP.loginAccepted:
            guard session == nil, packet.count == SoupBinTCP.loginAcceptedBytes else { throw .malformedSnapshot }
            session = FeedSession(from: base + SoupBinTCP.headerBytes)
        case SoupBinTCP.loginRejected:
            guard session == nil, packet.count == SoupBinTCP.loginRejectedBytes else { throw .malformedSnapshot }
            throw .snapshotRejected(packet[SoupBinTCP.headerBytes])
        case SoupBinTCP.sequencedData:
            guard session != nil else { throw .malformedSnapshot }
            try take(message: UnsafeRawBufferPointer(rebasing: packet[SoupBinTCP.headerBytes...]), deliver)
        case SoupBinTCP.serverHeartbeat, SoupBinTCP.debug: break
        default: throw .malformedSnapshot
        }
    }

    private mutating func take(
        message: UnsafeRawBufferPointer, _ deliver: (FeedMessage) -> Void
    ) throws(ClientError) {
        guard let base = message.baseAddress, let type = message.first else { throw .malformedSnapshot }
        if type == EndOfSnapshotMessage.type {
            guard message.count == EndOfSnapshotMessage.size,
                let sequence = EndOfSnapshotMessage.nextSequence(base), sequence >= 1
            else { throw .malformedSnapshot }
            next = sequence
            return
        }
        guard ITCH.size(ofType: type) == message.count else { throw .malformedSnapshot }
        deliver(FeedMessage(sequence: 0, bytes: message))
    }
}
