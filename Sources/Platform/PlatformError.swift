/// What can go wrong between this module and the system. Closed: a `switch` over it is total.
public enum PlatformError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A system call failed: its name, what it was about (a path, an address; may be empty) and its error number.
    case systemCall(String, subject: String, Errno)

    /// A value was refused before any system call: which one and what was expected.
    case invalidArgument(String)

    /// A file is not what its reader expects: which file, what was expected and what was found.
    case wrongFormat(String)

    /// The kernel lacks something that nothing can stand in for: what, and since which version it exists.
    case unsupported(String)

    public var description: String {
        switch self {
        case .systemCall(let name, let subject, let errno):
            subject.isEmpty ? "\(name): \(errno)" : "\(name) \(subject): \(errno)"
        case .invalidArgument(let text): "invalid argument: \(text)"
        case .wrongFormat(let text): "wrong format: \(text)"
        case .unsupported(let text): "unsupported by this kernel: \(text)"
        }
    }

    /// The error number, where a system call gave one.
    public var errno: Errno? {
        guard case .systemCall(_, _, let errno) = self else { return nil }
        return errno
    }
}

/// Calls `body` again as long as a signal interrupts it; its value when it is not -1.
@inline(__always)
func retrying<Value: SignedInteger>(
    _ name: String, _ subject: @autoclosure () -> String = "", _ body: () -> Value
) throws(PlatformError) -> Value {
    while true {
        let value = body()
        if value != -1 { return value }
        let errno = Errno.current
        if errno != .interrupted { throw .systemCall(name, subject: subject(), errno) }
    }
}
