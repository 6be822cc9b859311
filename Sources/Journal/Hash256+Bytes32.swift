import Cryptography
import Wire

extension Hash256 {
    /// The same 32 bytes: a field of a record or of a message, as the hash that it holds.
    @inlinable
    public init(_ bytes: Bytes32) { self = Swift.withUnsafeBytes(of: bytes) { Hash256(loading: $0.baseAddress!) } }
}
