internal import CSodium

/// BLAKE2b with a 32-byte digest and no key (RFC 7693), the hash of the chain, of prefixes and of ids.
public enum Blake2b256 {
    /// Digest length in bytes.
    @inlinable public static var byteCount: Int { 32 }

    /// Hashes `count` bytes at `source` and writes 32 bytes to `destination`; no allocation, any alignment.
    ///
    /// The two ranges may not overlap. `Sodium.initialize()` has to have been called, or a slower implementation
    /// (with the same result) is used.
    public static func hash(_ source: UnsafeRawPointer, count: Int, into destination: UnsafeMutableRawPointer) {
        assert(count >= 0)
        let status = crypto_generichash_blake2b(
            destination.assumingMemoryBound(to: UInt8.self), 32,
            source.assumingMemoryBound(to: UInt8.self), UInt64(truncatingIfNeeded: count), nil, 0)
        assert(status == 0)
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

    /// The hash of bytes that arrive in pieces. Its state is allocated once; `reset()` begins the next message
    /// without another allocation.
    public struct Stream: ~Copyable, @unchecked Sendable {
        private let state: OpaquePointer
        private let memory: UnsafeMutableRawPointer

        /// Allocates the state and begins a message.
        public init() {
            Sodium.initialize()
            memory = .allocate(byteCount: crypto_generichash_blake2b_statebytes(), alignment: 64)
            state = OpaquePointer(memory)
            reset()
        }

        deinit {
            memory.deallocate()
        }

        /// Forgets what was added and begins a new message.
        public mutating func reset() {
            let status = crypto_generichash_blake2b_init(state, nil, 0, 32)
            assert(status == 0)
        }

        /// Adds `count` bytes at `source`.
        public mutating func update(_ source: UnsafeRawPointer, count: Int) {
            assert(count >= 0)
            let status = crypto_generichash_blake2b_update(
                state, source.assumingMemoryBound(to: UInt8.self), UInt64(truncatingIfNeeded: count))
            assert(status == 0)
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
            let status = crypto_generichash_blake2b_final(state, destination.assumingMemoryBound(to: UInt8.self), 32)
            assert(status == 0)
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
