import Cryptography
import Wire

/// 64 lower-case hexadecimal digits.
func hexadecimal(_ bytes: Bytes32) -> String { withUnsafeBytes(of: bytes) { Hexadecimal.encode($0) } }

extension Hash256 {
    /// The same bytes.
    init(_ bytes: Bytes32) { self = Swift.withUnsafeBytes(of: bytes) { Hash256(loading: $0.baseAddress!) } }
}

extension Bytes32 {
    /// The same bytes.
    init(_ hash: Hash256) { self = hash.withUnsafeBytes { Bytes32(from: $0.baseAddress!) } }
}
