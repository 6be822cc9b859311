import Glibc
import Platform
import Synchronization

/// Asks the helper thread to end, also while it pauses.
final class HelperStop: @unchecked Sendable {
    private let stopped = Atomic<Bool>(false)
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
        pthread_mutex_init(mutex, nil)
        // The monotonic clock: a wall clock that is set back must not lengthen a pause.
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(condition)
        pthread_mutex_destroy(mutex)
        condition.deallocate()
        mutex.deallocate()
    }

    var isStopped: Bool { stopped.load(ordering: .acquiring) }

    func stop() {
        pthread_mutex_lock(mutex)
        stopped.store(true, ordering: .releasing)
        pthread_cond_signal(condition)
        pthread_mutex_unlock(mutex)
    }

    /// Waits that long, or until someone asks to stop.
    func wait(nanoseconds: UInt64) {
        let end = SystemClock.monotonicNanoseconds() + nanoseconds
        var time = timespec(tv_sec: Int(end / 1_000_000_000), tv_nsec: Int(end % 1_000_000_000))
        pthread_mutex_lock(mutex)
        if !isStopped { pthread_cond_timedwait(condition, mutex, &time) }
        pthread_mutex_unlock(mutex)
    }
}
