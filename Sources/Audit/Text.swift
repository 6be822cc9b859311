import Cryptography
import Wire

/// 64 lower-case hexadecimal digits.
func hexadecimal(_ bytes: Bytes32) -> String { withUnsafeBytes(of: bytes) { Hexadecimal.encode($0) } }

extension Bytes32 {
    /// The same bytes.
    init(_ hash: Hash256) { self = hash.withUnsafeBytes { Bytes32(from: $0.baseAddress!) } }
}
