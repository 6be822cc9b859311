import OrderEntry
import Wire

/// One place of the session table: a connection, or room for one.
struct ClientSession {
    /// Which use of the place this is; an answer, or a completion, for an older one goes nowhere.
    var generation: UInt32 = 0
    var phase = Phase.free
    var socket: Int32 = -1
    /// Number of the connection, for logs.
    var number: UInt64 = 0
    var session: Session
    var frames: FrameReader
    var output: SendBuffer
    /// Where the output stood when replies of the past began to be read that belong before what comes behind it.
    var barrier = UInt64.max

    /// Receive buffers that hold bytes of this session, a list through `HeldBuffers`, and what of the first is left.
    var firstHeld = HeldBuffers.none
    var lastHeld = HeldBuffers.none
    var heldCount = 0
    var heldOffset = 0

    /// A receive request is with the kernel.
    var isReceiving = false
    /// Its cancellation is, too.
    var isCancelling = false
    /// The place stands in the queue of sessions that have something to be taken.
    var isQueued = false
    /// The client sends nothing more.
    var hasEnded = false
    /// The session has to end for this reason as soon as the ring has room to say so.
    var endPending: TerminationReason?
    /// The last slot of this session is in the ring.
    var endSubmitted = false

    /// Bytes of the send that is with the kernel; 0 when none is.
    var sending = 0
    var sendsHistory = false
    /// When it began, and since when the client is waited for while the session ends.
    var since: UInt64 = 0
    var isDirty = false

    /// Slots on their way, and what their answers will take.
    var slotsInFlight = 0
    var budgetInFlight = 0

    /// The lane that reads replies of the past for this session, or -1; and whether it waits for one.
    var lane = -1
    var isInHistoryQueue = false
    /// The attachment that the lane is read for; none for a resend.
    var laneAttachment = AttachmentTable.none
    /// What is left of it, while others have the lanes; nil when nothing was interrupted.
    var paused: HistoryExchange.Request?
    /// The lap that is read now is the last one.
    var laneIsFinal = false

    enum Phase: UInt8 {
        case free
        /// Frames come and go.
        case open
        /// The last answer is written; what is in the output is still sent.
        case flushing
        /// Everything is sent; the client is given time to read it.
        case lingering
        /// The socket is shut down; what is with the kernel comes back.
        case closing
    }

    /// Whether answers go anywhere.
    var isOpen: Bool { phase == .open }
    /// Whether something is with the kernel.
    var isBusy: Bool { isReceiving || sending > 0 }
}

/// Order entry's own word in a slot (`Slot.context`): what its answer takes, and what it answers by itself.
struct SlotNote {
    /// What order entry answers by itself.
    enum Answer: UInt8 {
        case none = 0
        case challenge = 1
        case established = 2
        case terminate = 3
        case refusal = 4
    }

    var answer: Answer
    /// Of `terminate`; nil when there is nobody to tell.
    var reason: TerminationReason?
    /// Bytes that the answer will usually take.
    var budget: Int

    init(_ answer: Answer, reason: TerminationReason? = nil, budget: Int) {
        self.answer = answer
        self.reason = reason
        self.budget = budget
    }

    init(rawValue: UInt64) {
        guard let answer = Answer(rawValue: UInt8(truncatingIfNeeded: rawValue)) else {
            preconditionFailure("a slot that order entry wrote")
        }
        self.answer = answer
        reason = TerminationReason(rawValue: UInt8(truncatingIfNeeded: rawValue >> 8))
        budget = Int(rawValue >> 32)
    }

    var rawValue: UInt64 {
        UInt64(answer.rawValue) | UInt64(reason?.rawValue ?? 0) << 8 | UInt64(budget) << 32
    }
}
