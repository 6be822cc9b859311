import CPlatform
import Glibc
import Platform

/// Wakes a parked thread: an eventfd, and a word that says whether anyone is parked on it, so that waking a thread
/// that is awake costs a fence and a load.
///
/// The parking thread says so first and looks for work once more after it; the waking thread publishes work first and
/// looks for a parked thread after it. With a full fence between on both sides, one of the two sees the other. The
/// parked time is bounded all the same.
///
///     // parking thread                         // waking thread
///     waker.prepareToPark()                     producer.publish()
///     if doWork() == 0 { waker.park(…) }        waker.wake()
///     else { waker.cancelPark() }
///
/// A thread that owns an `IOUring` parks in it: it watches `descriptor` with `pollReadableMultishot`, and calls
/// `cancelPark` and `drain` when it is back.
public final class Waker: Sendable {
    private let event: Descriptor
    private let parked: ParkedWord

    public init() throws(PlatformError) {
        let raw = platform_eventfd()
        guard raw >= 0 else { throw .systemCall("eventfd", subject: "", .current) }
        event = Descriptor(owning: raw)
        parked = ParkedWord()
    }

    /// Becomes readable when the thread is woken.
    public var descriptor: Int32 { event.raw }

    /// Says that the calling thread is about to park. Look for work once more after this.
    public func prepareToPark() {
        platform_store_relaxed_u32(parked.word, 1)
        platform_fence()
    }

    /// Says that the calling thread is awake.
    public func cancelPark() { platform_store_relaxed_u32(parked.word, 0) }

    /// Waits until woken or until the time is over; after `prepareToPark`. The thread counts as awake when it returns.
    /// - Returns: whether it was woken.
    @discardableResult
    public func park(microseconds: UInt32) -> Bool {
        let isReadable = platform_wait_readable(event.raw, UInt64(microseconds) * 1000) > 0
        cancelPark()
        if isReadable { drain() }
        return isReadable
    }

    /// Makes `descriptor` unreadable again.
    public func drain() {
        var count: UInt64 = 0
        _ = read(event.raw, &count, MemoryLayout<UInt64>.size)
    }

    /// Wakes the thread if it is parked. Call after the work is published.
    /// - Returns: whether it was parked.
    @discardableResult
    public func wake() -> Bool {
        platform_fence()
        guard platform_load_relaxed_u32(parked.word) != 0 else { return false }
        // Of several that wake at once, one pays for the system call.
        guard platform_exchange_u32(parked.word, 0) != 0 else { return false }
        var one: UInt64 = 1
        _ = write(event.raw, &one, MemoryLayout<UInt64>.size)
        return true
    }
}

/// A word on cache lines of its own.
private struct ParkedWord: ~Copyable, @unchecked Sendable {
    let word: UnsafeMutableRawPointer

    init() {
        word = .allocate(byteCount: 128, alignment: 128)
        word.initializeMemory(as: UInt8.self, repeating: 0, count: 128)
    }

    deinit { word.deallocate() }
}
