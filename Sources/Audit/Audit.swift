import Cryptography
import Platform
import Wire

/// An audit of a whole history, from its first record to its last.
public struct Audit: Sendable {
    /// Where the records are.
    public enum Source: Sendable, Equatable {
        /// A node's journal directory.
        case journal(String)
    }

    /// What to check.
    public struct Options: Sendable {
        /// Where the records are.
        public var source: Source
        /// Hash of the genesis body, from outside; nil checks nothing about whose history it is, and says so.
        public var venueId: Hash256?
        /// Whether signatures are verified.
        public var checksSignatures = true
        /// Worker threads, at least 1.
        public var workers = 1

        public init(source: Source) { self.source = source }
    }

    private let options: Options

    public init(_ options: Options) { self.options = options }

    /// Checks everything that was asked for.
    public func run() -> AuditReport {
        var run = AuditRun(options)
        return run.run()
    }
}
