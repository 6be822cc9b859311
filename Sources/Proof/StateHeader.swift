import Cryptography

/// What a state root is the hash of.
public struct StateHeader: Equatable, Sendable {
    /// Version of the root.
    public static let version: UInt32 = 1
    /// Bytes that are hashed: tag, version, venue id, sequence, five hashes.
    static let hashedBytes = 1 + 4 + 32 + 8 + 5 * 32

    /// The venue's id.
    public var venueId: Hash256
    /// Sequence of the last record that made the state.
    public var through: UInt64
    /// SHA-256 of the parts `genesis` and `venue`.
    public var venuePart: Hash256
    /// Roots of the trees.
    public var assets: Hash256
    public var accounts: Hash256
    public var instruments: Hash256
    public var references: Hash256

    /// SHA-256(04 ‖ version u32 LE ‖ venue id ‖ through u64 LE ‖ the five hashes): the state root.
    public var root: Hash256 {
        withUnsafeTemporaryAllocation(byteCount: Self.hashedBytes, alignment: 8) { bytes in
            let base = bytes.baseAddress!
            bytes[0] = 4
            base.storeBytes(of: Self.version.littleEndian, toByteOffset: 1, as: UInt32.self)
            venueId.store(to: base + 5)
            base.storeBytes(of: through.littleEndian, toByteOffset: 37, as: UInt64.self)
            for (index, hash) in [venuePart, assets, accounts, instruments, references].enumerated() {
                hash.store(to: base + 45 + 32 * index)
            }
            return Sha256.hash(UnsafeRawBufferPointer(bytes))
        }
    }
}
