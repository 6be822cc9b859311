import Platform

/// What is wrong with files, notes or proofs of a log.
public enum LogError: Error, Equatable, Sendable, CustomStringConvertible {
    /// A file that has to be there is not.
    case missing(String)
    /// Bytes that do not have their format: what, and what was expected.
    case malformed(String, expected: String)
    /// A checkpoint of another log than the one that is asked about.
    case otherLog(found: String, expected: String)
    /// Bytes that contradict a hash: what.
    case mismatch(String)
    /// A signature that has to be there is missing or does not hold: of whom, or by which key.
    case signature(String)
    /// The operating system refused.
    case system(PlatformError)
    /// Another machine did not answer as it should.
    case unreachable(String)

    public var description: String {
        switch self {
        case .missing(let what): "\(what) is missing"
        case .malformed(let what, let expected): "\(what) is malformed: expected \(expected)"
        case .otherLog(let found, let expected): "the checkpoint is of log \(found), the anchors name \(expected)"
        case .mismatch(let what): "\(what) contradicts its hash"
        case .signature(let what): "no valid signature: \(what)"
        case .system(let error): "\(error)"
        case .unreachable(let what): what
        }
    }
}
