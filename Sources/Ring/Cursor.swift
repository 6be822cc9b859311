import CPlatform

/// A stage's progress: a count that only its stage writes and others read, alone on its cache lines.
///
/// Two lines apart, because processors fetch lines in pairs: two cursors on one pair would slow each other down.
@usableFromInline
@frozen
struct Cursor: @unchecked Sendable {
    @usableFromInline
    let word: UnsafeMutableRawPointer

    /// Bytes that one cursor takes.
    @usableFromInline
    static var size: Int { 128 }

    @inlinable
    init(word: UnsafeMutableRawPointer) { self.word = word }

    /// The count; what its stage wrote before is visible to the caller.
    @inlinable @inline(__always)
    func load() -> UInt64 { platform_load_acquire_u64(word) }

    /// Publishes a count, and with it everything that was written before.
    @inlinable @inline(__always)
    func store(_ value: UInt64) { platform_store_release_u64(word, value) }
}
