import Wire

/// The receiving side of the feed: packets in any order, with losses and duplicates, become messages in order.
///
/// What comes early is kept, up to a fixed number of packets; what is missing is `missing`, for which the owner asks
/// the request server; its answers are packets like any other.
public struct FeedReceiver: ~Copyable, @unchecked Sendable {
    /// What a packet was.
    public enum Outcome: Equatable, Sendable {
        /// It had messages that were next.
        case delivered
        /// It came early, and is kept.
        case kept
        /// It came early, and there is no room: it has to be asked for again.
        case dropped
        /// Everything in it was known.
        case duplicate
        /// Nothing in it: the sender lives.
        case heartbeat
        /// The session has ended, and all of it was delivered.
        case ended
        /// It is of another session.
        case otherSession(FeedSession)
        /// It is no packet.
        case malformed
    }

    /// Session that is followed; nil until the first packet, if none was given.
    public private(set) var session: FeedSession?
    /// Number of the next message to be delivered.
    public private(set) var nextSequence: UInt64
    /// Number after the last message that is known to exist.
    public private(set) var knownEnd: UInt64

    private let memory: UnsafeMutableRawPointer
    private let lengths: UnsafeMutablePointer<Int>
    private let capacity: Int
    private var keptCount = 0

    /// - Parameter keptPackets: packets that are kept until those before them come.
    public init(session: FeedSession? = nil, nextSequence: UInt64 = 1, keptPackets: Int = 1024) {
        self.session = session
        self.nextSequence = nextSequence
        knownEnd = nextSequence
        capacity = keptPackets
        memory = .allocate(byteCount: max(keptPackets, 1) * MoldUDP64.packetBytesMax, alignment: 64)
        lengths = .allocate(capacity: max(keptPackets, 1))
        lengths.initialize(repeating: 0, count: max(keptPackets, 1))
    }

    deinit {
        memory.deallocate()
        lengths.deallocate()
    }

    /// Messages that are known to exist, were not delivered, and are not all kept: the first gap.
    public var missing: Range<UInt64>? {
        guard nextSequence < knownEnd else { return nil }
        var end = knownEnd
        guard keptCount > 0 else { return nextSequence..<end }
        for index in 0..<capacity where lengths[index] > 0 {
            let sequence = BigEndian.u64(memory + index * MoldUDP64.packetBytesMax, 10)
            if sequence > nextSequence { end = min(end, sequence) }
        }
        return nextSequence..<end
    }

    /// Writes a request for the first gap. False when nothing is missing.
    public func encodeRequest(at base: UnsafeMutableRawPointer, messagesMax: UInt16 = 1024) -> Bool {
        guard let missing, let session else { return false }
        let count = UInt16(min(UInt64(messagesMax), missing.upperBound - missing.lowerBound))
        MoldUDP64.encodeHeader(at: base, session: session, sequence: missing.lowerBound, messageCount: count)
        return true
    }

    /// Takes a datagram; hands over the messages that are next, with their numbers.
    public mutating func receive(
        _ datagram: UnsafeRawBufferPointer, _ deliver: (UInt64, UnsafeRawBufferPointer) -> Void
    ) -> Outcome {
        guard datagram.count <= MoldUDP64.packetBytesMax, let packet = MoldUDP64(datagram) else { return .malformed }
        if let session, session != packet.session { return .otherSession(packet.session) }
        let (end, overflow) = packet.sequence.addingReportingOverflow(UInt64(packet.messages))
        guard packet.sequence >= 1, !overflow else { return .malformed }
        if session == nil { session = packet.session }
        knownEnd = max(knownEnd, end)
        if packet.messages == 0 {
            let hasEnded = packet.messageCount == MoldUDP64.endOfSession && nextSequence >= knownEnd
            return hasEnded ? .ended : .heartbeat
        }
        if end <= nextSequence { return .duplicate }
        if packet.sequence > nextSequence { return keep(datagram, packet.sequence) }
        take(packet, deliver)
        deliverKept(deliver)
        return .delivered
    }

    private mutating func take(_ packet: MoldUDP64, _ deliver: (UInt64, UnsafeRawBufferPointer) -> Void) {
        var sequence = packet.sequence
        packet.forEachMessage { message in
            if sequence >= nextSequence { deliver(sequence, message) }
            sequence += 1
        }
        nextSequence = max(nextSequence, sequence)
    }

    private mutating func keep(_ datagram: UnsafeRawBufferPointer, _ sequence: UInt64) -> Outcome {
        var empty: Int?
        for index in 0..<capacity {
            if lengths[index] == 0 {
                empty = empty ?? index
            } else if BigEndian.u64(memory + index * MoldUDP64.packetBytesMax, 10) == sequence,
                lengths[index] >= datagram.count
            {
                return .duplicate
            }
        }
        guard let empty, let base = datagram.baseAddress else { return .dropped }
        (memory + empty * MoldUDP64.packetBytesMax).copyMemory(from: base, byteCount: datagram.count)
        lengths[empty] = datagram.count
        keptCount += 1
        return .kept
    }

    private mutating func deliverKept(_ deliver: (UInt64, UnsafeRawBufferPointer) -> Void) {
        var hasFound = true
        while hasFound && keptCount > 0 {
            hasFound = false
            for index in 0..<capacity where lengths[index] > 0 {
                let bytes = UnsafeRawBufferPointer(
                    start: memory + index * MoldUDP64.packetBytesMax, count: lengths[index])
                guard let packet = MoldUDP64(bytes), packet.sequence <= nextSequence else { continue }
                lengths[index] = 0
                keptCount -= 1
                if packet.sequence + UInt64(packet.messages) <= nextSequence { continue }
                take(packet, deliver)
                hasFound = true
            }
        }
    }
}
