import CPlatform
import OrderEntry

/// Between order entry and the services thread: replies of the past, a bufferful at a time.
///
/// A fixed number of lanes, each with a buffer, allocated at `init`; a handle whose copies share them. A lane
/// belongs to one of the two at a time, as its word says: order entry writes a request and gives the lane away; the
/// service fills the buffer and gives it back. Nothing waits, and nobody else's replies wait for a lane.
///
///     idle ──ask──▶ asked ──fill──▶ filled ──ask (the next bufferful) or release──▶ …
struct HistoryExchange: @unchecked Sendable {
    /// Sessions that are served at a time.
    static let lanesMax = 16

    /// What order entry wants.
    struct Request {
        /// Counts requests of a lane that begin anew, rather than go on.
        var job: UInt64 = 0
        /// Whose replies.
        var account: UInt32 = 0
        /// From which on.
        var from = ReplyNumber(sequence: 0, index: 0)
        /// Up to which sequence; `max`: up to what is released by then.
        var through: UInt64 = 0
        var purpose = Purpose.lap
        /// Whether the replies were sent before.
        var resent = false
    }

    enum Purpose: UInt8 {
        /// As far as there is, more follows.
        case lap
        /// The last lap of a resume: ends with ResumeComplete.
        case last
        /// The last lap for a session whose buffer was too small for what happened: ends without a word.
        case lastSilent
        /// One command, its continuations included.
        case command
    }

    /// What the service has done.
    struct Answer {
        /// Bytes in the buffer.
        var bytes = 0
        /// First reply that is not among those written so far.
        var next = ReplyNumber(sequence: 0, index: 0)
        /// Everything that was asked for is written.
        var isFinished = false
        /// The journal does not have it.
        var isUnavailable = false
    }

    private struct Lane {
        var request = Request()
        var answer = Answer()
    }

    let laneCount: Int
    let bufferBytes: Int
    private let words: UnsafeMutableRawPointer
    private let lanes: UnsafeMutablePointer<Lane>
    private let buffers: UnsafeMutableRawPointer

    private static let wordStride = 128
    private static let idle: UInt32 = 0
    private static let asked: UInt32 = 1
    private static let filled: UInt32 = 2

    init(sessionsMax: Int, bufferBytes: Int) {
        precondition(bufferBytes >= Reply.frameBytesMax + SessionReplies.frameBytesMax)
        laneCount = min(sessionsMax, Self.lanesMax)
        self.bufferBytes = bufferBytes
        words = .allocate(byteCount: laneCount * Self.wordStride, alignment: Self.wordStride)
        words.initializeMemory(as: UInt8.self, repeating: 0, count: laneCount * Self.wordStride)
        lanes = .allocate(capacity: laneCount)
        lanes.initialize(repeating: Lane(), count: laneCount)
        buffers = .allocate(byteCount: laneCount * bufferBytes, alignment: 64)
        buffers.initializeMemory(as: UInt8.self, repeating: 0, count: laneCount * bufferBytes)
    }

    /// Bytes of memory that it holds.
    var byteCount: Int { laneCount * (bufferBytes + Self.wordStride + MemoryLayout<Lane>.stride) }

    private func word(_ lane: Int) -> UnsafeMutableRawPointer { words + lane * Self.wordStride }

    /// Order entry: gives a lane away with a request.
    func ask(_ lane: Int, _ request: Request) {
        lanes[lane].request = request
        lanes[lane].answer = Answer()
        platform_store_release_u32(word(lane), Self.asked)
    }

    /// Order entry: whether a lane has come back.
    func isFilled(_ lane: Int) -> Bool { platform_load_acquire_u32(word(lane)) == Self.filled }

    /// Order entry, of a lane that has come back: what was asked, and what was answered.
    func request(_ lane: Int) -> Request { lanes[lane].request }
    func answer(_ lane: Int) -> Answer { lanes[lane].answer }
    func bytes(_ lane: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: buffers + lane * bufferBytes, count: lanes[lane].answer.bytes)
    }

    /// The service: the request of a lane that it was given; nil when it was not.
    func given(_ lane: Int) -> Request? {
        platform_load_acquire_u32(word(lane)) == Self.asked ? lanes[lane].request : nil
    }

    /// The service: where it writes.
    func buffer(_ lane: Int) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(start: buffers + lane * bufferBytes, count: bufferBytes)
    }

    /// The service: gives the lane back.
    func fill(_ lane: Int, _ answer: Answer) {
        lanes[lane].answer = answer
        platform_store_release_u32(word(lane), Self.filled)
    }
}
