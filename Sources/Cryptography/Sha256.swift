internal import Crypto

/// SHA-256 (FIPS 180-4), the hash of the transparency log, of the state's trees and of what is published.
public enum Sha256 {
    /// Hashes `count` bytes at `source`; no allocation that outlives the call, any alignment.
    public static func hash(_ source: UnsafeRawPointer, count: Int) -> Hash256 {
        hash(UnsafeRawBufferPointer(start: source, count: count))
    }

    /// Hashes `bytes`, which may be empty.
    public static func hash(_ bytes: UnsafeRawBufferPointer) -> Hash256 {
        SHA256.hash(data: bytes).withUnsafeBytes { Hash256(loading: $0.baseAddress!) }
    }

    /// Hashes `bytes`.
    public static func hash(_ bytes: [UInt8]) -> Hash256 {
        bytes.withUnsafeBytes { hash($0) }
    }

    /// The hash of bytes that arrive in pieces.
    public struct Stream {
        private var state = SHA256()

        /// Begins a message.
        public init() {}

        /// Adds `bytes`.
        public mutating func update(_ bytes: UnsafeRawBufferPointer) { state.update(bufferPointer: bytes) }

        /// Adds `bytes`.
        public mutating func update(_ bytes: [UInt8]) { bytes.withUnsafeBytes { update($0) } }

        /// Adds the bytes of `hash`.
        public mutating func update(_ hash: Hash256) { withUnsafeBytes(of: hash) { update($0) } }

        /// The digest of what was added.
        public func finish() -> Hash256 { state.finalize().withUnsafeBytes { Hash256(loading: $0.baseAddress!) } }
    }
}
