import Platform

/// Whose a completion is. All agents of a thread share its one `IOUring`, so that a turn enters the kernel once; the
/// highest byte of a request's user data says who made it, the other seven are that agent's own.
enum CompletionTag: UInt8 {
    case orderEntry = 1
    case sequence = 2
    case publish = 3
    case waker = 4

    /// User data of a request: `detail` below 2^56.
    func userData(_ detail: UInt64) -> UInt64 {
        assert(detail >> 56 == 0, "seven bytes of detail")
        return UInt64(rawValue) << 56 | detail
    }

    /// Whose it is.
    static func of(_ completion: Completion) -> CompletionTag? {
        CompletionTag(rawValue: UInt8(truncatingIfNeeded: completion.userData >> 56))
    }

    /// The agent's own seven bytes.
    static func detail(_ completion: Completion) -> UInt64 { completion.userData & (1 << 56 - 1) }
}
