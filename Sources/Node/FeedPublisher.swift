import MarketData
import Platform
import Settings
import Wire

/// Turns records into ITCH messages in MoldUDP64 packets and multicasts them, in order, never blocking.
///
/// Runs inside `PublishAgent`. Each packet has a place in a fixed table of datagrams until its completion; a full
/// socket, or a full table, is a counted gap, which the request server fills. Requests through the thread's `IOUring`
/// are tagged `CompletionTag.publish`.
struct FeedPublisher: ~Copyable {
    private static let datagramCount = 256
    /// Sends of packets that say that the session has ended, once a heartbeat interval, before there is silence.
    private static let endPackets = 30

    private let socket: Descriptor
    private let datagrams: DatagramTable
    private var encoder: FeedEncoder
    private let scratch: UnsafeMutableRawPointer
    private let free: UnsafeMutablePointer<UInt16>
    private let counters: FeedCounters
    private let venueName: UInt32
    private let heartbeatNanoseconds: UInt64
    private var builder: PacketBuilder
    private var freeCount: Int
    /// The datagram that is being filled; nil when none was free for it, and its messages are a gap.
    private var current: Int?
    private var lastSend: UInt64 = 0
    private var hasEnded = false
    private var endsLeft = 0

    /// Opens the socket; takes all memory.
    init(facts: NodeFacts, counters: FeedCounters) throws(NodeError) {
        let settings = facts.settings.marketData
        guard let group = IPv4Address(settings.group), let interface = IPv4Address(settings.interface) else {
            throw .resources("market_data: \(settings.group), \(settings.interface): expected IPv4 addresses")
        }
        socket = try platform { () throws(PlatformError) in
            try Sockets.multicastSender(interface: interface, timeToLive: settings.timeToLive)
        }
        datagrams = DatagramTable(
            count: Self.datagramCount + 1, capacity: MoldUDP64.packetBytesMax,
            destination: IPv4Endpoint(group, port: settings.port))
        encoder = FeedEncoder(listings: facts.settings.venue)
        scratch = .allocate(byteCount: FeedEncoder.bytesPerEffectMax, alignment: 8)
        free = .allocate(capacity: Self.datagramCount)
        for index in 0..<Self.datagramCount { free[index] = UInt16(index) }
        freeCount = Self.datagramCount
        self.counters = counters
        venueName = facts.venueName
        heartbeatNanoseconds = UInt64(settings.heartbeatMilliseconds) * 1_000_000
        builder = PacketBuilder(
            session: FeedSession(venueName: facts.venueName, generation: facts.feedGeneration),
            nextSequence: facts.nextFeedSequence)
    }

    deinit {
        scratch.deallocate()
        free.deallocate()
    }

    /// On the thread that owns `io`, before the first turn.
    mutating func start(_ io: inout IOUring) { lastSend = SystemClock.monotonicNanoseconds() }

    /// Encodes one record's messages; sends packets that are full. Records come in order, without gaps, starting with
    /// the first one of this start of the node (genesis or restart), each released. A record with a FeedSessionStarted
    /// effect begins a new session; end of messages ends it.
    mutating func append(_ record: RecordView, _ io: inout IOUring) {
        var effects = record.effects
        while let effect = effects.read() {
            if effect.template == Template.feedSessionStarted {
                sendCurrent(&io)
                let generation = FeedSessionStartedMessage(effect.base).generation
                builder.begin(FeedSession(venueName: venueName, generation: generation))
                hasEnded = false
            }
            let messages = encoder.encode(effect, time: record.time, at: scratch)
            if messages.count == 0 { continue }
            append(scratch, messages.firstBytes, &io)
            if messages.count == 2 { append(scratch + messages.firstBytes, messages.secondBytes, &io) }
            if ITCH.type(scratch) == SystemEventMessage.type,
                SystemEventMessage(scratch).event == SystemEventMessage.endOfMessages
            {
                hasEnded = true
                endsLeft = Self.endPackets
            }
        }
    }

    private mutating func append(_ message: UnsafeRawPointer, _ bytes: Int, _ io: inout IOUring) {
        if !builder.fits(bytes) { sendCurrent(&io) }
        if builder.isEmpty { current = takeDatagram() }
        builder.append(message, bytes, to: packet)
        counters.messages.add(1)
    }

    /// The memory of the packet that is being filled. Without a datagram it is filled all the same, for its numbers, in
    /// one that is never sent.
    private var packet: UnsafeMutableRawPointer { datagrams.buffer(current ?? Self.datagramCount) }

    private mutating func takeDatagram() -> Int? {
        guard freeCount > 0 else { return nil }
        freeCount -= 1
        return Int(free[freeCount])
    }

    private mutating func sendCurrent(_ io: inout IOUring) {
        if builder.isEmpty { return }
        send(builder.finish(packet), &io)
    }

    private mutating func send(_ bytes: Int, _ io: inout IOUring) {
        lastSend = SystemClock.monotonicNanoseconds()
        guard let index = current else { return counters.gaps.add(1) }
        current = nil
        let data = CompletionTag.publish.userData(UInt64(index))
        guard io.sendMessage(socket.raw, datagrams.forSending(index, length: bytes), userData: data) else {
            giveBack(index)
            return counters.gaps.add(1)
        }
        counters.packets.add(1)
    }

    /// No released record waits: sends what was begun, and heartbeats when the time has come.
    /// - Returns: packets sent.
    mutating func flush(_ io: inout IOUring) -> Int {
        if !builder.isEmpty {
            sendCurrent(&io)
            return 1
        }
        guard SystemClock.monotonicNanoseconds() &- lastSend >= heartbeatNanoseconds else { return 0 }
        if hasEnded {
            if endsLeft == 0 { return 0 }
            endsLeft -= 1
        }
        current = takeDatagram()
        send(builder.control(hasEnded ? MoldUDP64.endOfSession : MoldUDP64.heartbeat, packet), &io)
        return 1
    }

    /// Takes one of its completions.
    mutating func complete(_ completion: Completion, _ io: inout IOUring) {
        if completion.isError { counters.gaps.add(1) }
        giveBack(Int(CompletionTag.detail(completion)))
    }

    private mutating func giveBack(_ index: Int) {
        assert(freeCount < Self.datagramCount, "a datagram is given back once")
        free[freeCount] = UInt16(index)
        freeCount += 1
    }
}

extension FeedEncoder {
    /// An encoder that knows the listings of the configuration, which are those of the journal: the start compares
    /// them.
    init(listings venue: VenueSettings) {
        self.init(instrumentsMax: Int(venue.instrumentsMax))
        for instrument in venue.instruments {
            list(
                instrument.id, symbol: FixedText.eight(instrument.symbol) ?? 0,
                priceMultiplier: instrument.priceMultiplier, state: TradingState(instrument.state))
        }
    }
}

extension TradingState {
    /// The state of a listing in the configuration.
    init(_ state: InstrumentState) {
        switch state {
        case .continuous: self = .continuous
        case .halted: self = .halted
        case .closed: self = .closed
        case .cancelOnly: self = .cancelOnly
        }
    }
}
