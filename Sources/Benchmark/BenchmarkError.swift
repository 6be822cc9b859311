import Platform
import Wire

/// Why a benchmark came to no figure.
public enum BenchmarkError: Error, CustomStringConvertible {
    /// The operating system refused something.
    case platform(PlatformError)
    /// The node could not be started, or ended.
    case node(String)
    /// The node refused a command of the preparation, or of a run in which none may be refused.
    case refused(template: UInt16, reason: Reason?, expected: UInt64)
    /// The session ended; the reason when the node gave one.
    case sessionEnded(TerminationReason?)
    /// The challenge names another venue than the one that is expected.
    case otherVenue
    /// Nothing came for so long.
    case silence(String)
    /// A file, or a configuration, is not what it has to be.
    case input(String)
    /// What came back is not what the protocol says.
    case unexpected(String)

    public var description: String {
        switch self {
        case .platform(let error): "\(error)"
        case .node(let text): "node: \(text)"
        case .refused(let template, let reason, let expected):
            "the node refused a command of template \(template): "
                + "\(reason.map { "\($0), \($0.text)" } ?? "unknown reason") Expected: \(expected)."
        case .sessionEnded(let reason):
            "the node ended the session\(reason.map { ": \($0)" } ?? " without a word")"
        case .otherVenue: "the node that answers is of another venue"
        case .silence(let text): "nothing came in time: \(text)"
        case .input(let text): text
        case .unexpected(let text): "unexpected: \(text)"
        }
    }
}

/// Runs what throws `PlatformError` where `BenchmarkError` is thrown.
@inline(__always)
func system<Value: ~Copyable>(_ body: () throws(PlatformError) -> Value) throws(BenchmarkError) -> Value {
    do throws(PlatformError) { return try body() } catch { throw .platform(error) }
}
