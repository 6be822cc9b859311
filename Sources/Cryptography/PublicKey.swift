/// An Ed25519 public key: 32 bytes, as encoded by RFC 8032. Any bytes; `isValid` says whether they are a key that
/// the venue registers.
@frozen
public struct PublicKey: Hashable, Sendable, BitwiseCopyable {
    /// Length in bytes.
    @inlinable public static var byteCount: Int { 32 }

    /// The bytes.
    public let bytes: Hash256

    /// The key with these bytes.
    @inlinable
    public init(_ bytes: Hash256) {
        self.bytes = bytes
    }

    /// Reads 32 bytes at any alignment.
    @inlinable
    public init(loading source: UnsafeRawPointer) {
        bytes = Hash256(loading: source)
    }

    /// Reads 64 hexadecimal digits, and nothing else.
    public init?(hexadecimal text: some StringProtocol) {
        guard let bytes = Hash256(hexadecimal: text) else { return nil }
        self.bytes = bytes
    }

    /// Writes the 32 bytes at any alignment.
    @inlinable
    public func store(to destination: UnsafeMutableRawPointer) {
        bytes.store(to: destination)
    }

    /// Whether this is the canonical encoding of a point of prime order (`Ed25519.isValidPublicKey`).
    public var isValid: Bool {
        withUnsafeBytes(of: self) { Ed25519.isValidPublicKey($0.baseAddress!) }
    }

    /// 64 lower-case hexadecimal digits.
    public var hexadecimal: String { bytes.hexadecimal }
}

extension PublicKey: CustomStringConvertible {
    public var description: String { hexadecimal }
}
