import Glibc

/// An error number of the system, as `<errno.h>` names it.
@frozen
public struct Errno: RawRepresentable, Equatable, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: Int32

    @inlinable
    public init(rawValue: Int32) { self.rawValue = rawValue }

    /// The calling thread's `errno`: to be read at once after the call that failed.
    public static var current: Errno { Errno(rawValue: errno) }

    public static let wouldBlock = Errno(rawValue: EAGAIN)
    public static let interrupted = Errno(rawValue: EINTR)
    public static let invalidArgument = Errno(rawValue: EINVAL)
    public static let noBuffers = Errno(rawValue: ENOBUFS)
    public static let noSpace = Errno(rawValue: ENOSPC)
    public static let noEntry = Errno(rawValue: ENOENT)
    public static let canceled = Errno(rawValue: ECANCELED)
    public static let timedOut = Errno(rawValue: ETIMEDOUT)
    public static let timerExpired = Errno(rawValue: ETIME)
    public static let busy = Errno(rawValue: EBUSY)
    public static let connectionRefused = Errno(rawValue: ECONNREFUSED)
    public static let connectionReset = Errno(rawValue: ECONNRESET)
    public static let brokenPipe = Errno(rawValue: EPIPE)
    public static let addressInUse = Errno(rawValue: EADDRINUSE)
    public static let inProgress = Errno(rawValue: EINPROGRESS)

    /// The C library's line for this number, and the number itself.
    public var description: String {
        var text = [UInt8](repeating: 0, count: 128)
        let found = text.withUnsafeMutableBytes { bytes in
            strerror_r(rawValue, bytes.baseAddress!.assumingMemoryBound(to: CChar.self), bytes.count) == 0
        }
        guard found else { return "errno \(rawValue)" }
        return "\(String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)) (errno \(rawValue))"
    }
}
