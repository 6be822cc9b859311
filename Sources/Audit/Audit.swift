import Cryptography
import Proof
import Wire

/// An audit of a history, from its first record, or from a state that it commits to, to its last.
public struct Audit: Sendable {
    /// Where the records are.
    public enum Source: Sendable, Equatable {
        /// A node's journal directory.
        case journal(String)
        /// Entry bundles and tiles, below a directory or a URL.
        case tiles(String)
        /// Batches of the data-availability layer, alone: a directory, or the URL of a proxy.
        case batches(String)
    }

    /// What to check, and what to trust.
    public struct Options: Sendable {
        /// Where the records are.
        public var source: Source
        /// What is trusted, from outside.
        public var anchors: Anchors
        /// Where checkpoints are, a directory or a URL; nil: beside the tiles, or else nowhere.
        public var published: String?
        /// Size of the kept checkpoint at which tiles are read; nil: the newest whose entries are published.
        public var size: UInt64?
        /// A data-availability layer whose bytes are compared with the log: a directory, or the URL of a proxy; nil:
        /// only certificates are. Not for a source of batches.
        public var data: String?
        /// A capture of market data, classic pcap; nil: none is compared.
        public var feed: String?
        /// A snapshot behind whose record the audit begins, a file or a URL; nil: it begins with record 1. For a
        /// journal or tiles, without a capture of market data.
        public var snapshot: String?
        /// A file for the state at the last commitment, written when all that was asked for holds; nil: none.
        public var saveSnapshot: String?
        /// Whether signatures are verified.
        public var checksSignatures = true
        /// Whether checkpoints are asked for.
        public var checksCheckpoints = true
        /// Seconds that clocks of venue and witnesses may differ.
        public var skewSeconds: UInt64 = 10
        /// Worker threads, at least 1.
        public var workers = 1
        /// Told of progress about twice a second, on the thread that runs.
        public var progress: (@Sendable (AuditProgress) -> Void)?

        public init(source: Source, anchors: Anchors) {
            self.source = source
            self.anchors = anchors
        }

        /// Where checkpoints are.
        var checkpointPlace: String? {
            guard checksCheckpoints else { return nil }
            if case .tiles(let place) = source { return published ?? place }
            return published
        }

        /// Where tiles are read.
        var tilesPlace: String? { if case .tiles(let place) = source { place } else { nil } }

        /// Where certificates of batches are.
        var dataPlace: String? {
            switch source {
            case .tiles(let place): published ?? place
            case .journal: published
            case .batches: nil
            }
        }
    }

    private let options: Options

    public init(_ options: Options) { self.options = options }

    /// Checks everything that was asked for. Never traps, whatever the source holds.
    public func run() -> AuditReport {
        var run = AuditRun(options)
        return run.run()
    }
}
