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

    init(
        io: consuming IOUring, orderEntry: consuming OrderEntryAgent?, verify: consuming VerifyAgent?,
        sequence: consuming SequenceAgent?, publish: consuming PublishAgent?
    ) {
        self.io = io
        self.orderEntry = orderEntry
        self.verify = verify
        self.sequence = sequence
        self.publish = publish
    }

    /// On the thread itself, before the first turn.
    mutating func start() throws(PlatformError) {
        try io.start()
        orderEntry?.start(&io)
        sequence?.start(&io)
        publish?.start(&io)
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
        return work
    }

    mutating func park(microseconds: UInt32) { _ = io.wait(nanoseconds: UInt64(microseconds) * 1000) }

    private mutating func takeCompletions() -> Int {
        var count = 0
        while let completion = io.nextCompletion() {
            count &+= 1
            switch CompletionTag.of(completion) {
            case .orderEntry: orderEntry?.complete(completion, &io)
            case .sequence: sequence?.complete(completion, &io)
            case .publish: publish?.complete(completion, &io)
            case .waker, nil: break
            }
        }
        return count
    }
}
