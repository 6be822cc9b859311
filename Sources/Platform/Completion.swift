import CPlatform

/// One finished (or, for multishot requests, continuing) request of an `IOUring`.
@frozen
public struct Completion: Sendable, Equatable {
    /// The tag that the request was submitted with.
    public let userData: UInt64

    /// What the system call would have returned: a count, a descriptor, or a negated error number.
    public let result: Int32

    /// The kernel's flags (`IORING_CQE_F_*`).
    public let flags: UInt32

    @inlinable
    init(userData: UInt64, result: Int32, flags: UInt32) {
        self.userData = userData
        self.result = result
        self.flags = flags
    }

    /// Whether the request failed.
    @inlinable
    public var isError: Bool { result < 0 }

    /// Why it failed; meaningful only when `isError`.
    @inlinable
    public var errno: Errno { Errno(rawValue: -result) }

    /// Whether a multishot request goes on. When false it has ended, for whatever reason (no buffers, a full
    /// completion queue, an error), and must be submitted again if it is still wanted.
    @inlinable
    public var hasMore: Bool { flags & PLATFORM_URING_COMPLETION_MORE != 0 }

    /// Whether a provided buffer was used; it stays the caller's until it is returned.
    @inlinable
    public var hasBuffer: Bool { flags & PLATFORM_URING_COMPLETION_BUFFER != 0 }

    /// The provided buffer that was used; meaningful only when `hasBuffer`.
    @inlinable
    public var bufferIdentifier: UInt16 {
        UInt16(truncatingIfNeeded: flags &>> UInt32(PLATFORM_URING_COMPLETION_BUFFER_SHIFT))
    }
}
