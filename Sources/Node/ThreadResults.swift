import Platform
import Synchronization

/// What the threads say of their start and of their end.
final class ThreadResults: Sendable {
    private struct State {
        var running = 0
        var failure: NodeError?
        var end: NodeEnd?
    }

    private let state = Mutex(State())

    /// A thread runs.
    func started() { state.withLock { $0.running += 1 } }

    /// The sequencer ended in order.
    func ended(_ end: NodeEnd) { state.withLock { $0.end = end } }

    /// What the sequencer left; nil when it did not end in order.
    var end: NodeEnd? { state.withLock { $0.end } }

    /// A thread cannot start, or did not end in order.
    func failed(_ error: NodeError) {
        state.withLock { if $0.failure == nil { $0.failure = error } }
    }

    /// Waits until so many threads run, or one cannot.
    func waitForStart(_ count: Int) throws(NodeError) {
        while true {
            let (running, failure) = state.withLock { ($0.running, $0.failure) }
            if let failure { throw failure }
            if running == count { return }
            SystemClock.sleep(nanoseconds: 200_000)
        }
    }

    /// Throws the first failure, if there was one.
    func throwFirst() throws(NodeError) {
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }
}
