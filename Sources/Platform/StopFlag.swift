import Synchronization

/// Asks threads to end: set once, by anyone, also from a signal handler's thread.
///
/// A thread reads it once per turn of its loop; the line stays shared in every cache until it is set.
public final class StopFlag: Sendable {
    @usableFromInline
    let stopped = Atomic<Bool>(false)

    public init() {}

    /// Asks to stop. What was written before is visible to whoever sees the request.
    public func stop() { stopped.store(true, ordering: .releasing) }

    /// Whether someone asked to stop.
    @inlinable
    public var isStopped: Bool { stopped.load(ordering: .acquiring) }
}
