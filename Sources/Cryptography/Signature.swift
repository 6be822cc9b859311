/// An Ed25519 signature: 64 bytes, R then S, as encoded by RFC 8032.
@frozen
public struct Signature: Hashable, Sendable, BitwiseCopyable {
    /// Length in bytes.
    @inlinable public static var byteCount: Int { 64 }
    /// 64 zero bytes; no message has this signature.
    @inlinable public static var zero: Signature { Signature(r: .zero, s: .zero) }

    /// The first half: the commitment, a point.
    public let r: Hash256
    /// The second half: the response, a scalar, little-endian.
    public let s: Hash256

    /// The signature with these halves.
    @inlinable
    public init(r: Hash256, s: Hash256) {
        self.r = r
        self.s = s
    }

    /// Reads 64 bytes at any alignment.
    @inlinable
    public init(loading source: UnsafeRawPointer) {
        self.init(r: Hash256(loading: source), s: Hash256(loading: source + 32))
    }

    /// Reads 128 hexadecimal digits, and nothing else.
    public init?(hexadecimal text: some StringProtocol) {
        var value = Signature.zero
        guard withUnsafeMutableBytes(of: &value, { Hexadecimal.decode(text, into: $0) }) else { return nil }
        self = value
    }

    /// Writes the 64 bytes at any alignment.
    @inlinable
    public func store(to destination: UnsafeMutableRawPointer) {
        r.store(to: destination)
        s.store(to: destination + 32)
    }

    /// 128 lower-case hexadecimal digits.
    public var hexadecimal: String { withUnsafeBytes(of: self) { Hexadecimal.encode($0) } }
}

extension Signature: CustomStringConvertible {
    public var description: String { hexadecimal }
}
