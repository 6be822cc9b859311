import Glibc
import Journal
import Platform
import Ring

/// What one thread runs: its share of the stages, composed, and the one `IOUring` that they share.
///
/// Stages that run elsewhere are nil. The calls are static: a turn is one function to the compiler. With all stages on
/// one thread, a message that arrived runs to completion in one turn, and the turn enters the kernel once: for the
/// packets, the replies and the next completions together.
struct NodeThread: ~Copyable, Agent {
    private var io: IOUring
    private var orderEntry: OrderEntryAgent?
    private var verify: VerifyAgent?
    private var sequence: SequenceAgent?
    private var publish: PublishAgent?
    private let wakers: WakerSet
    private let phase: NodePhase
    private var isStopping = false

    init(
        io: consuming IOUring, orderEntry: consuming OrderEntryAgent?, verify: consuming VerifyAgent?,
        sequence: consuming SequenceAgent?, publish: consuming PublishAgent?, wakers: WakerSet, phase: NodePhase
    ) {
        self.io = io
        self.orderEntry = orderEntry
        self.verify = verify
        self.sequence = sequence
        self.publish = publish
        self.wakers = wakers
        self.phase = phase
    }

    /// On the thread itself, before the first turn.
    mutating func start() throws(PlatformError) {
        try io.start()
        orderEntry?.start(&io)
        sequence?.start()
        publish?.start(&io)
        if let own = wakers.own { watch(own) }
        io.submitIfNeeded()
    }

    mutating func doWork() -> Int {
        var work = takeCompletions()
        work &+= orderEntry?.receive(&io) ?? 0
        work &+= verify?.doWork() ?? 0
        work &+= sequence?.doWork(&io) ?? 0
        work &+= publish?.doWork(&io) ?? 0
        work &+= orderEntry?.reply(&io) ?? 0
        io.submitIfNeeded()
        if work > 0 { wakers.wakeOthers() }
        if phase.isStopping { stopIntake() }
        return work
    }

    mutating func park(microseconds: UInt32) {
        guard let own = wakers.own else {
            io.wait(nanoseconds: UInt64(microseconds) * 1000)
            return
        }
        own.prepareToPark()
        if doWork() == 0 { io.wait(nanoseconds: UInt64(microseconds) * 1000) }
        own.cancelPark()
    }

    /// After the last turn: what the stages leave in order behind them.
    mutating func finish() throws(JournalError) -> NodeEnd? {
        guard sequence != nil else { return nil }
        while sequence?.isSynchronizing ?? false {
            io.wait(nanoseconds: 1_000_000)
            _ = takeCompletions()
        }
        return try sequence?.finish()
    }

    private mutating func takeCompletions() -> Int {
        var count = 0
        while let completion = io.nextCompletion() {
            count &+= 1
            switch CompletionTag.of(completion) {
            case .orderEntry: orderEntry?.complete(completion, &io)
            case .sequence: sequence?.complete(completion)
            case .publish: publish?.complete(completion, &io)
            case .waker: takeWakeUp(completion)
            case nil: break
            }
        }
        if count > 0, io.completionsLost != 0 { die("the kernel lost completions", ExitStatus.completionsLost) }
        return count
    }

    /// Order entry takes nothing in any more; when everything that it took is answered, the threads may end.
    private mutating func stopIntake() {
        if orderEntry == nil { return }
        if !isStopping {
            isStopping = true
            orderEntry?.beginStopping(&io)
        }
        if orderEntry?.isQuiet() ?? true { phase.setQuiet() }
    }

    private mutating func watch(_ waker: Waker) {
        _ = io.pollReadableMultishot(waker.descriptor, userData: CompletionTag.waker.userData(0))
    }

    private mutating func takeWakeUp(_ completion: Completion) {
        guard let own = wakers.own else { return }
        own.drain()
        if !completion.hasMore { watch(own) }
    }
}

/// Ends the process at once, with a line on standard error: for what must not be survived by half.
func die(_ text: String, _ status: Int32) -> Never {
    let line = "execution-plane: \(text); stopping, nothing more is acknowledged\n"
    _ = Array(line.utf8).withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
    _exit(status)
}
