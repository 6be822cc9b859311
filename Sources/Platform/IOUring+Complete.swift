import CPlatform

/// Completions, and the two ways into the kernel: without waiting, and waiting.
extension IOUring {
    /// Takes the oldest completion, if there is one in memory. Never enters the kernel.
    @inlinable
    public mutating func nextCompletion() -> Completion? {
        guard let entry = platform_uring_peek(&ring) else { return nil }
        let completion = Completion(
            userData: entry.pointee.user_data, result: entry.pointee.result, flags: entry.pointee.flags)
        platform_uring_seen(&ring)
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
        if platform_uring_unsubmitted(&ring) == 0 && platform_uring_has_kernel_work(&ring) == 0 { return 0 }
        return enter()
    }

    /// Submits what is prepared and waits until a completion is in memory or the time is over.
    ///
    /// For threads that park: it costs two context switches.
    /// - Returns: whether a completion is there to take.
    @discardableResult
    public mutating func wait(nanoseconds: UInt64) -> Bool {
        if platform_uring_peek(&ring) != nil && platform_uring_unsubmitted(&ring) == 0 { return true }
        counts.enters &+= 1
        _ = platform_uring_submit_and_wait(&ring, nanoseconds)
        return platform_uring_peek(&ring) != nil
    }

    @usableFromInline
    mutating func enter() -> Int32 {
        counts.enters &+= 1
        if platform_uring_has_overflown(&ring) != 0 { counts.completionOverflows &+= 1 }
        return platform_uring_submit_and_get_events(&ring)
    }
}
