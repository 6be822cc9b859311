/// The fixed-size messages that are signed outside the order-entry protocol's own framing, prefix included.
extension Prefixes {
    /// Length in bytes of `possessionMessage`: prefix 32, account 4, key 32.
    @inlinable public static var possessionByteCount: Int { 68 }
    /// Length in bytes of `rotationMessage`: prefix 32, purpose 1, key 32.
    @inlinable public static var rotationByteCount: Int { 65 }

    /// Writes what the owner of `key` signs so that it may be registered for `account`:
    /// prefix("possession") ‖ account u32 little-endian ‖ key. 68 bytes, any alignment, no allocation.
    @inlinable
    public func writePossessionMessage(
        account: UInt32, key: UnsafeRawPointer, to destination: UnsafeMutableRawPointer
    ) {
        possession.store(to: destination)
        destination.storeBytes(of: account.littleEndian, toByteOffset: 32, as: UInt32.self)
        Hash256(loading: key).store(to: destination + 36)
    }

    /// Writes what the old and the new key both sign when one of the venue's own keys changes:
    /// prefix("rotation") ‖ which of the venue's keys, u8 ‖ new key. 65 bytes, any alignment, no allocation.
    @inlinable
    public func writeRotationMessage(
        venueKey: UInt8, newKey: UnsafeRawPointer, to destination: UnsafeMutableRawPointer
    ) {
        rotation.store(to: destination)
        destination.storeBytes(of: venueKey, toByteOffset: 32, as: UInt8.self)
        Hash256(loading: newKey).store(to: destination + 33)
    }

    /// `writePossessionMessage` as an array.
    public func possessionMessage(account: UInt32, key: PublicKey) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Self.possessionByteCount) { buffer, count in
            withUnsafeBytes(of: key) {
                writePossessionMessage(
                    account: account, key: $0.baseAddress!, to: UnsafeMutableRawPointer(buffer.baseAddress!))
            }
            count = Self.possessionByteCount
        }
    }

    /// `writeRotationMessage` as an array.
    public func rotationMessage(venueKey: UInt8, newKey: PublicKey) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Self.rotationByteCount) { buffer, count in
            withUnsafeBytes(of: newKey) {
                writeRotationMessage(
                    venueKey: venueKey, newKey: $0.baseAddress!, to: UnsafeMutableRawPointer(buffer.baseAddress!))
            }
            count = Self.rotationByteCount
        }
    }

    /// Signs the proof of possession of `key` for `account`.
    public func signPossession(account: UInt32, key: SigningKey) -> Signature {
        possessionMessage(account: account, key: key.publicKey).withUnsafeBytes { key.sign($0) }
    }

    /// Whether `signature` proves possession of `publicKey` for `account`, and the key is one that may be registered.
    /// No allocation.
    public func verifyPossession(account: UInt32, publicKey: UnsafeRawPointer, signature: UnsafeRawPointer) -> Bool {
        withUnsafeTemporaryAllocation(byteCount: Self.possessionByteCount, alignment: 8) { buffer in
            let message = buffer.baseAddress!
            writePossessionMessage(account: account, key: publicKey, to: message)
            return Ed25519.isValidPublicKey(publicKey)
                && Ed25519.verify(
                    signature: signature, message: message, count: Self.possessionByteCount, publicKey: publicKey)
        }
    }
}
