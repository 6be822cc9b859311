import Journal
import Platform

/// fdatasync of the journal through the sequence thread's `IOUring`: one at a time, at most one per interval, always.
///
/// Its failure ends the process at once: nothing is known about what reached the disk, so nothing more may be told.
/// The next start recovers from the file.
struct GroupCommit: ~Copyable {
    private var synchronizer: JournalSynchronizer
    private let intervalTicks: UInt64
    private let scale: TimestampCounter.Scale
    private let duration: CounterHistogram
    private var startedTicks: UInt64 = 0
    /// File of a request that the submission queue has not taken yet.
    private var waiting: Int32?

    init(
        synchronizer: consuming JournalSynchronizer, intervalMicroseconds: Int, scale: TimestampCounter.Scale,
        duration: CounterHistogram
    ) {
        durableSequence = synchronizer.durableSequence
        self.synchronizer = synchronizer
        self.scale = scale
        self.duration = duration
        intervalTicks = UInt64(intervalMicroseconds) * scale.ticksPerSecond / 1_000_000
    }

    /// Sequence up to which the journal is durable.
    private(set) var durableSequence: UInt64
    /// Whether an fdatasync is in flight.
    private(set) var isInFlight = false

    mutating func start() { startedTicks = TimestampCounter.now() }

    /// Whether records wait for an fdatasync, none is in flight, and the interval is over.
    mutating func isDue(lastSequence: UInt64) -> Bool {
        if durableSequence == lastSequence { return false }
        if waiting != nil { return true }
        return !isInFlight && TimestampCounter.now() &- startedTicks >= intervalTicks
    }

    /// Submits an fdatasync that is due. Nothing is done when a segment has no name yet: it is due again next turn.
    mutating func begin(_ io: inout IOUring) {
        if waiting == nil {
            guard let request = synchronizer.next() else { return }
            isInFlight = true
            startedTicks = TimestampCounter.now()
            waiting = request.descriptor
        }
        submit(&io)
    }

    /// A queue that takes nothing now takes it in a later turn.
    private mutating func submit(_ io: inout IOUring) {
        guard let descriptor = waiting else { return }
        if io.dataSync(descriptor, userData: CompletionTag.sequence.userData(0)) { waiting = nil }
    }

    /// Takes the result.
    mutating func complete(_ completion: Completion) {
        duration.record(scale.nanoseconds(from: startedTicks, to: TimestampCounter.now()))
        do throws(JournalError) { try synchronizer.completed(completion.result) } catch {
            die("\(error)", ExitStatus.synchronizationFailed)
        }
        isInFlight = false
        durableSequence = synchronizer.durableSequence
    }

    /// Makes everything durable with blocking calls; for an orderly end, when no request is in flight.
    mutating func finish() throws(JournalError) { try synchronizer.synchronizeBlocking() }
}

/// Exit statuses that no `NodeError` carries.
enum ExitStatus {
    /// An fdatasync failed, or a segment could not be given its name, while the node ran.
    static let synchronizationFailed: Int32 = 10
    /// The kernel lost completions.
    static let completionsLost: Int32 = 11
}
