import CLiburing
import Glibc

/// Completions, and the two ways into the kernel: without waiting, and waiting.
extension IOUring {
    /// Takes the oldest completion, if there is one in memory. Never enters the kernel.
    @inlinable
    public mutating func nextCompletion() -> Completion? {
        guard let entry = uring_peek(ring) else { return nil }
        let completion = Completion(
            userData: entry.pointee.user_data, result: entry.pointee.res, flags: entry.pointee.flags)
        uring_seen(ring)
        return completion
    }

    /// The bytes that a receive's completion brought. Valid until the buffer is returned.
    @inlinable
    public func bytes(of completion: Completion) -> UnsafeRawBufferPointer {
        assert(completion.hasBuffer && completion.result >= 0, "a completion that used a buffer")
        let address = buffers.unsafelyUnwrapped.address(completion.bufferIdentifier)
        return UnsafeRawBufferPointer(start: address, count: Int(completion.result))
    }

    /// Gives a receive buffer back to the kernel. Exactly once per completion with `hasBuffer`.
    @inlinable
    public func returnBuffer(_ identifier: UInt16) {
        buffers.unsafelyUnwrapped.give(identifier)
    }

    /// Enters the kernel if there is something to submit, or if completions wait there; at most once, never waiting.
    ///
    /// - Returns: requests submitted, or a negated error number: `EBUSY` and `EAGAIN` mean that the kernel takes
    ///   nothing until completions are consumed; the requests stay prepared.
    @inlinable
    @discardableResult
    public mutating func submitIfNeeded() -> Int32 {
        if uring_unsubmitted(ring) == 0 && uring_kernel_has_completions(ring) == 0 { return 0 }
        return enter()
    }

    /// Submits what is prepared and waits until a completion is in memory or the time is over.
    ///
    /// For threads that park: it costs two context switches.
    /// - Returns: whether a completion is there to take.
    @discardableResult
    public mutating func wait(nanoseconds: UInt64) -> Bool {
        if uring_peek(ring) != nil && uring_unsubmitted(ring) == 0 { return true }
        counts.enters &+= 1
        var time = __kernel_timespec()
        time.tv_sec = Int64(nanoseconds / 1_000_000_000)
        time.tv_nsec = numericCast(nanoseconds % 1_000_000_000)
        var entry: UnsafeMutablePointer<io_uring_cqe>?
        _ = io_uring_submit_and_wait_timeout(ring, &entry, 1, &time, nil)
        return uring_peek(ring) != nil
    }

    @usableFromInline
    mutating func enter() -> Int32 {
        counts.enters &+= 1
        if uring_completions_overflow(ring) != 0 { counts.completionOverflows &+= 1 }
        return io_uring_submit_and_get_events(ring)
    }
}
