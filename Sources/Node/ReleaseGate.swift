import CPlatform

/// Journal before tell: the sequence up to which records may be answered, published, and served to those who ask.
///
/// At level `journaled` the last committed record, at `durable` the last one that an fdatasync covers. The sequencer
/// writes it; the agents behind it and the services read it, and none of them tells anything of a record above it.
/// A handle: copies share the word, which lives as long as the process.
struct ReleaseGate: @unchecked Sendable {
    private let word: UnsafeMutableRawPointer

    init() {
        word = .allocate(byteCount: 128, alignment: 128)
        word.initializeMemory(as: UInt8.self, repeating: 0, count: 128)
    }

    /// Last sequence that may be told of.
    @inline(__always)
    var released: UInt64 { platform_load_acquire_u64(word) }

    /// Releases everything up to a sequence; the sequencer's.
    @inline(__always)
    func release(through sequence: UInt64) {
        assert(sequence >= released, "what was told stays told")
        platform_store_release_u64(word, sequence)
    }
}
