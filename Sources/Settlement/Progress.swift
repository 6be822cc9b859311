import Cryptography
import Synchronization

/// How far data availability is. Only what was read back and hashed again counts.
public final class DataProgress: Sendable {
    /// Last sequence that is available, and digest of the batch that ends there; 0 and zeros before the first.
    public struct Mark: Equatable, Sendable {
        public var through: UInt64
        public var digest: Hash256

        public init(through: UInt64, digest: Hash256) {
            self.through = through
            self.digest = digest
        }
    }

    private let state = Mutex(Mark(through: 0, digest: .zero))

    public init() {}

    /// The mark in force.
    public var mark: Mark { state.withLock { $0 } }

    /// Moves the mark on; it never goes back.
    public func advance(through: UInt64, digest: Hash256) {
        state.withLock { if through > $0.through { $0 = Mark(through: through, digest: digest) } }
    }
}

/// The last checkpoint that was signed by this process or the one before it.
public final class CheckpointProgress: Sendable {
    /// A signed head.
    public struct Head: Equatable, Sendable {
        /// Tree size: records 1 to `size`.
        public var size: UInt64
        /// RFC 6962 root of them.
        public var root: Hash256
        /// When it was signed, ns since 1970 UTC.
        public var time: UInt64
    }

    private let state = Mutex<Head?>(nil)
    private let final = Atomic<Bool>(false)

    public init() {}

    /// Whether the log has ended: there will be no other head.
    public var isFinal: Bool { final.load(ordering: .acquiring) }

    func end() { final.store(true, ordering: .releasing) }

    /// The last head; nil before the first.
    public var head: Head? { state.withLock { $0 } }

    func advance(to head: Head) {
        state.withLock { if head.size > ($0?.size ?? 0) { $0 = head } }
    }
}
