/// 32 bytes: a BLAKE2b-256 hash, a venue id, a nonce of the genesis record.
///
/// Held as four words whose memory is the 32 bytes in order, so that it is copied, compared and stored without a
/// loop and without allocation. The order of `<` is the lexicographic order of the bytes.
@frozen
public struct Hash256: Hashable, Comparable, Sendable, BitwiseCopyable {
    /// Length in bytes.
    @inlinable public static var byteCount: Int { 32 }
    /// 32 zero bytes: the previous hash of the first record.
    @inlinable public static var zero: Hash256 { Hash256(word0: 0, word1: 0, word2: 0, word3: 0) }

    @usableFromInline let word0: UInt64
    @usableFromInline let word1: UInt64
    @usableFromInline let word2: UInt64
    @usableFromInline let word3: UInt64

    @inlinable
    init(word0: UInt64, word1: UInt64, word2: UInt64, word3: UInt64) {
        self.word0 = word0
        self.word1 = word1
        self.word2 = word2
        self.word3 = word3
    }

    /// Reads 32 bytes at any alignment.
    @inlinable
    public init(loading source: UnsafeRawPointer) {
        self.init(
            word0: source.loadUnaligned(fromByteOffset: 0, as: UInt64.self),
            word1: source.loadUnaligned(fromByteOffset: 8, as: UInt64.self),
            word2: source.loadUnaligned(fromByteOffset: 16, as: UInt64.self),
            word3: source.loadUnaligned(fromByteOffset: 24, as: UInt64.self))
    }

    /// Reads 64 hexadecimal digits, and nothing else.
    public init?(hexadecimal text: some StringProtocol) {
        var value = Hash256.zero
        guard withUnsafeMutableBytes(of: &value, { Hexadecimal.decode(text, into: $0) }) else { return nil }
        self = value
    }

    /// Writes the 32 bytes at any alignment.
    @inlinable
    public func store(to destination: UnsafeMutableRawPointer) {
        destination.storeBytes(of: word0, toByteOffset: 0, as: UInt64.self)
        destination.storeBytes(of: word1, toByteOffset: 8, as: UInt64.self)
        destination.storeBytes(of: word2, toByteOffset: 16, as: UInt64.self)
        destination.storeBytes(of: word3, toByteOffset: 24, as: UInt64.self)
    }

    /// Whether the 32 bytes at `source` are these.
    @inlinable
    public func matches(_ source: UnsafeRawPointer) -> Bool {
        self == Hash256(loading: source)
    }

    /// Calls `body` with the 32 bytes.
    @inlinable
    public func withUnsafeBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var outcome: Swift.Result<Result, Failure>?
        Swift.withUnsafeBytes(of: self) { bytes in
            do throws(Failure) { outcome = .success(try body(bytes)) } catch { outcome = .failure(error) }
        }
        return try outcome!.get()
    }

    /// 64 lower-case hexadecimal digits.
    public var hexadecimal: String { Swift.withUnsafeBytes(of: self) { Hexadecimal.encode($0) } }

    @inlinable
    public static func < (left: Hash256, right: Hash256) -> Bool {
        if left.word0 != right.word0 { return left.word0.bigEndian < right.word0.bigEndian }
        if left.word1 != right.word1 { return left.word1.bigEndian < right.word1.bigEndian }
        if left.word2 != right.word2 { return left.word2.bigEndian < right.word2.bigEndian }
        return left.word3.bigEndian < right.word3.bigEndian
    }
}

extension Hash256: CustomStringConvertible {
    public var description: String { hexadecimal }
}
