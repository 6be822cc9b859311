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
        self.synchronizer = synchronizer
        self.scale = scale
        self.duration = duration
        intervalTicks = UInt64(intervalMicroseconds) * scale.ticksPerSecond / 1_000_000
    }

    /// Sequence up to which the journal is durable.
    var durableSequence: UInt64 { synchronizer.durableSequence }

    mutating func start() { startedTicks = TimestampCounter.now() }

    /// Submits an fdatasync when records wait for one, none is in flight, and the interval is over.
    mutating func submitIfDue(_ io: inout IOUring, lastSequence: UInt64) {
        if synchronizer.durableSequence == lastSequence { return }
        if waiting != nil { return submit(&io) }
        if synchronizer.isInFlight { return }
        let now = TimestampCounter.now()
        guard now &- startedTicks >= intervalTicks, let request = synchronizer.next() else { return }
        startedTicks = now
        waiting = request.descriptor
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
    }

    /// Makes everything durable with blocking calls; for an orderly end, when no request is in flight.
    mutating func finish() throws(JournalError) { try synchronizer.synchronizeBlocking() }

    /// Whether an fdatasync is in flight.
    var isInFlight: Bool { synchronizer.isInFlight }
}

/// Exit statuses that no `NodeError` carries.
enum ExitStatus {
    /// An fdatasync failed, or a segment could not be given its name, while the node ran.
    static let synchronizationFailed: Int32 = 10
    /// The kernel lost completions.
    static let completionsLost: Int32 = 11
}
