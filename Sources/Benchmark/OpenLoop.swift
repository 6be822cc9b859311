import Platform
import Wire

/// How orders leave.
public enum Pace: Equatable, Sendable {
    /// On a schedule, so many a second, whatever comes back: a stall is charged to everyone that it delays.
    case perSecond(UInt64)
    /// One at a time: the next one a little after the fill of the one before.
    case oneAtATime
}

/// Sends signed orders on a schedule and notes, for each, when it was to leave, when its fill came by multicast, and
/// when its reply came by TCP. All memory is taken by `init`; the loop allocates nothing.
struct OpenLoop: ~Copyable {
    /// Time between a fill and the next order when orders go one at a time, so that the node is idle again.
    private static let pauseNanoseconds: UInt64 = 20_000
    private static let silenceNanoseconds: UInt64 = 60_000_000_000

    let count: Int
    let scale: TimestampCounter.Scale
    /// Time stamps by order; 0 = not yet.
    private let intended: UnsafeMutablePointer<UInt64>
    private let filled: UnsafeMutablePointer<UInt64>
    private let replied: UnsafeMutablePointer<UInt64>
    private let packet: UnsafeMutableRawBufferPointer
    private var fills = 0
    private var replies = 0
    private var refusal: BenchmarkError?

    /// What identifies the answers to order 0.
    struct Expectation {
        /// Match number of the first fill.
        var firstMatch: UInt64
        /// Client order id of the first order; nil: there are no replies.
        var firstClientOrder: UInt64?
    }

    init(count: Int, scale: TimestampCounter.Scale) {
        self.count = count
        self.scale = scale
        func stamps() -> UnsafeMutablePointer<UInt64> {
            let memory = UnsafeMutablePointer<UInt64>.allocate(capacity: count)
            memory.initialize(repeating: 0, count: count)
            return memory
        }
        (intended, filled, replied) = (stamps(), stamps(), stamps())
        packet = .allocate(byteCount: 2048, alignment: 64)
    }

    deinit {
        intended.deallocate()
        filled.deallocate()
        replied.deallocate()
        packet.deallocate()
    }

    /// Sends every frame of the pool and waits for every fill and reply.
    mutating func run(
        _ frames: borrowing FramePool, _ pace: Pace, _ link: inout OrderLink, feed: borrowing Descriptor,
        _ expected: Expectation, _ progress: ProgressLog
    ) throws(BenchmarkError) {
        precondition(frames.count == count, "a frame for each place")
        let start = TimestampCounter.now() + scale.ticksPerSecond / 1000
        let silence = scale.ticksPerSecond / 1_000_000_000 * Self.silenceNanoseconds
        let pause = scale.ticksPerSecond * Self.pauseNanoseconds / 1_000_000_000
        let repliesWanted = expected.firstClientOrder == nil ? 0 : count
        var next = 0
        var pendingBytes = 0
        var due = start
        var lastEvent = start
        var seen = 0
        var turns: UInt64 = 0
        while fills < count || replies < repliesWanted {
            let now = TimestampCounter.now()
            if next < count && now >= due {
                if pendingBytes == 0 { intended[next] = pace == .oneAtATime ? now : due }
                pendingBytes += try send(frames[next], from: pendingBytes, &link)
                if pendingBytes == frames.frameBytes {
                    pendingBytes = 0
                    next += 1
                    due = Self.dueTime(next, pace, start, scale)
                }
            }
            receiveFills(feed.raw, expected.firstMatch)
            try receiveReplies(&link, expected.firstClientOrder)
            if pace == .oneAtATime && next < count && due == .max && fills == next
                && replies >= min(next, repliesWanted)
            {
                due = TimestampCounter.now() + pause
            }
            if fills + replies != seen { (seen, lastEvent) = (fills + replies, now) }
            turns &+= 1
            if turns & 0xFFFF == 0, now > lastEvent, now - lastEvent > silence {
                throw .silence("\(fills) fills and \(replies) replies of \(count) orders, \(next) sent")
            }
        }
    }

    private static func dueTime(
        _ index: Int, _ pace: Pace, _ start: UInt64, _ scale: TimestampCounter.Scale
    ) -> UInt64 {
        guard case .perSecond(let rate) = pace else { return .max }
        let wide = scale.ticksPerSecond.multipliedFullWidth(by: UInt64(index))
        return start + rate.dividingFullWidth(wide).quotient
    }

    @inline(__always)
    private func send(
        _ frame: UnsafeRawBufferPointer, from offset: Int, _ link: inout OrderLink
    ) throws(BenchmarkError) -> Int {
        try link.send(UnsafeRawBufferPointer(rebasing: frame[offset...]))
    }

    /// Takes one packet, if one is there: each execution in it is the fill of one order.
    @inline(__always)
    private mutating func receiveFills(_ socket: Int32, _ firstMatch: UInt64) {
        let bytes = Sockets.receive(socket, into: packet, blocking: false)
        guard bytes >= MoldUDP64.headerBytes else { return }
        let now = TimestampCounter.now()
        let received = UnsafeRawBufferPointer(rebasing: packet[..<bytes])
        guard let mold = MoldUDP64(received) else { return }
        mold.forEachMessage { message in
            guard message.count == OrderExecutedITCH.size, let base = message.baseAddress,
                ITCH.type(base) == OrderExecutedITCH.type
            else { return }
            let index = OrderExecutedITCH(base).matchNumber &- firstMatch
            guard index < UInt64(count), filled[Int(index)] == 0 else { return }
            filled[Int(index)] = now
            fills += 1
        }
    }

    @inline(__always)
    private mutating func receiveReplies(_ link: inout OrderLink, _ first: UInt64?) throws(BenchmarkError) {
        // Also in the echo, which sends none: both loops make the same calls.
        let (replied, count) = (replied, count)
        var found = 0
        var refusal: BenchmarkError?
        try link.poll { message in
            switch MessageHeader(message).templateId {
            case Template.orderAccepted:
                guard let first else { return }
                let index = OrderAcceptedMessage(message).clientOrderId &- first
                guard index < UInt64(count), replied[Int(index)] == 0 else { return }
                replied[Int(index)] = TimestampCounter.now()
                found += 1
            case Template.commandRejected:
                let reply = CommandRejectedMessage(message)
                refusal = .refused(template: reply.templateId, reason: reply.reason, expected: reply.expected)
            default: break
            }
        }
        replies += found
        if let refusal { throw refusal }
    }

    /// Latency from the intended time to the multicast fill, ns, of orders from `first` on.
    func fillFigures(from first: Int) -> LatencyFigures { figures(filled, first) }

    /// Latency from the intended time to the first TCP reply, ns, of orders from `first` on.
    func replyFigures(from first: Int) -> LatencyFigures { figures(replied, first) }

    private func figures(_ stamps: UnsafeMutablePointer<UInt64>, _ first: Int) -> LatencyFigures {
        var figures = LatencyFigures()
        for index in first..<count where stamps[index] > 0 {
            figures.record(scale.nanoseconds(from: intended[index], to: stamps[index]))
        }
        return figures
    }
}
