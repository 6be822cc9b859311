/// BLAKE2b with a 32-byte digest and no key (RFC 7693), the hash of the chain, of prefixes and of ids.
public enum Blake2b256 {
    /// Digest length in bytes.
    @inlinable public static var byteCount: Int { 32 }

    /// Hashes `count` bytes at `source` and writes 32 bytes to `destination`; no allocation, any alignment.
    ///
    /// The two ranges may not overlap.
    public static func hash(_ source: UnsafeRawPointer, count: Int, into destination: UnsafeMutableRawPointer) {
        assert(count >= 0)
        var state = Blake2bState()
        var offset = 0
        while count &- offset > Blake2bState.blockBytes {
            state.compress(
                source + offset, count: UInt64(truncatingIfNeeded: offset &+ Blake2bState.blockBytes), isLast: false)
            offset = offset &+ Blake2bState.blockBytes
        }
        finish(&state, source + offset, count &- offset, total: UInt64(truncatingIfNeeded: count))
        state.store(to: destination)
    }

    private typealias Eight = (UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64, UInt64)

    /// Takes the last block of a message, 0 to 128 bytes.
    private static func finish(_ state: inout Blake2bState, _ rest: UnsafeRawPointer, _ count: Int, total: UInt64) {
        if count == Blake2bState.blockBytes { return state.compress(rest, count: total, isLast: true) }
        // Zeros on the stack, whatever the optimisation level.
        let zeros: Eight = (0, 0, 0, 0, 0, 0, 0, 0)
        var block = (zeros, zeros)
        withUnsafeMutableBytes(of: &block) { bytes in
            bytes.baseAddress!.copyMemory(from: rest, byteCount: count)
            state.compress(bytes.baseAddress!, count: total, isLast: true)
        }
    }

    /// Hashes `count` bytes at `source`.
    public static func hash(_ source: UnsafeRawPointer, count: Int) -> Hash256 {
        var digest = Hash256.zero
        withUnsafeMutableBytes(of: &digest) { hash(source, count: count, into: $0.baseAddress!) }
        return digest
    }

    /// Hashes `bytes`, which may be empty.
    public static func hash(_ bytes: UnsafeRawBufferPointer) -> Hash256 {
        guard let source = bytes.baseAddress else {
            return withUnsafeBytes(of: UInt8(0)) { hash($0.baseAddress!, count: 0) }
        }
        return hash(source, count: bytes.count)
    }

    /// Hashes `bytes`.
    public static func hash(_ bytes: [UInt8]) -> Hash256 {
        bytes.withUnsafeBytes { hash($0) }
    }

    /// The hash of bytes that arrive in pieces. Its memory is allocated once; `reset()` begins the next message without
    /// another allocation.
    public struct Stream: ~Copyable, @unchecked Sendable {
        private var state = Blake2bState()
        /// The block that is being filled; it is taken when it is full and a byte follows it.
        private let block: UnsafeMutableRawPointer
        private var blockCount = 0
        /// Bytes of the message so far.
        private var total: UInt64 = 0

        /// Allocates its memory and begins a message.
        public init() { block = .allocate(byteCount: Blake2bState.blockBytes, alignment: 8) }

        deinit { block.deallocate() }

        /// Forgets what was added and begins a new message.
        public mutating func reset() {
            state = Blake2bState()
            (blockCount, total) = (0, 0)
        }

        /// Adds `count` bytes at `source`.
        public mutating func update(_ source: UnsafeRawPointer, count: Int) {
            assert(count >= 0)
            var offset = 0
            while offset < count {
                if blockCount == Blake2bState.blockBytes {
                    state.compress(block, count: total, isLast: false)
                    blockCount = 0
                }
                let piece = min(Blake2bState.blockBytes &- blockCount, count &- offset)
                (block + blockCount).copyMemory(from: source + offset, byteCount: piece)
                blockCount = blockCount &+ piece
                total = total &+ UInt64(truncatingIfNeeded: piece)
                offset = offset &+ piece
            }
        }

        /// Adds the bytes of `hash`.
        public mutating func update(_ hash: Hash256) {
            withUnsafeBytes(of: hash) { update($0.baseAddress!, count: Hash256.byteCount) }
        }

        /// Adds the eight bytes of `value`, little-endian.
        public mutating func update(littleEndian value: UInt64) {
            withUnsafeBytes(of: value.littleEndian) { update($0.baseAddress!, count: 8) }
        }

        /// Writes the digest of what was added and begins a new message.
        public mutating func finish(into destination: UnsafeMutableRawPointer) {
            Blake2b256.finish(&state, block, blockCount, total: total)
            state.store(to: destination)
            reset()
        }

        /// The digest of what was added; begins a new message.
        public mutating func finish() -> Hash256 {
            var digest = Hash256.zero
            withUnsafeMutableBytes(of: &digest) { finish(into: $0.baseAddress!) }
            return digest
        }
    }
}
