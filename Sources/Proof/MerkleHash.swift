import Cryptography

/// The hashes of RFC 6962, section 2.1, with SHA-256.
public enum MerkleHash {
    /// The root of a tree without leaves: SHA-256 of nothing.
    public static let empty = Sha256.hash([])

    /// SHA-256(00 ‖ entry).
    public static func leaf(_ entry: UnsafeRawBufferPointer) -> Hash256 {
        var stream = Sha256.Stream()
        withUnsafeBytes(of: UInt8(0)) { stream.update($0) }
        stream.update(entry)
        return stream.finish()
    }

    /// SHA-256(00 ‖ entry).
    public static func leaf(_ entry: [UInt8]) -> Hash256 { entry.withUnsafeBytes { leaf($0) } }

    /// SHA-256(01 ‖ left ‖ right).
    public static func node(_ left: Hash256, _ right: Hash256) -> Hash256 {
        withUnsafeTemporaryAllocation(byteCount: 65, alignment: 8) { bytes in
            bytes[0] = 1
            left.store(to: bytes.baseAddress! + 1)
            right.store(to: bytes.baseAddress! + 33)
            return Sha256.hash(UnsafeRawBufferPointer(bytes))
        }
    }
}
