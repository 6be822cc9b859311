import Cryptography
import Wire

/// BLAKE2b-256 of a venue's canonical state (rule STA-1).
public struct StateHash: ~Copyable, StateSink {
    private var stream = Blake2b256.Stream()

    public init() {}

    public mutating func write(_ bytes: UnsafeRawBufferPointer) {
        if let base = bytes.baseAddress { stream.update(base, count: bytes.count) }
    }

    /// The hash of what was written.
    public mutating func finish() -> Hash256 { stream.finish() }

    /// The state hash of a venue.
    public static func of<V: ReplayVenue & ~Copyable>(_ venue: borrowing V) -> Hash256 {
        var hash = StateHash()
        venue.writeState(into: &hash)
        return hash.finish()
    }
}
