import CPlatform

/// How far a node is on its way to its end: asked to stop, then quiet, then ended thread by thread.
///
/// A handle: copies share the words, which live as long as the process. Read once a turn, so it costs no reference
/// count.
struct NodePhase: @unchecked Sendable {
    private let words: UnsafeMutableRawPointer
    private static let stopping = 0, quiet = 128

    init() {
        words = .allocate(byteCount: 256, alignment: 128)
        words.initializeMemory(as: UInt8.self, repeating: 0, count: 256)
    }

    /// Whether the node takes nothing in any more.
    @inline(__always)
    var isStopping: Bool { platform_load_relaxed_u32(words + Self.stopping) != 0 }

    /// Whether everything that it took in before is answered.
    var isQuiet: Bool { platform_load_acquire_u64(words + Self.quiet) != 0 }

    func stop() { platform_store_relaxed_u32(words + Self.stopping, 1) }

    func setQuiet() { platform_store_release_u64(words + Self.quiet, 1) }
}
