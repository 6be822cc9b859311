import Cryptography

/// Reads the fields of receipts from bytes that nobody vouches for: every read is checked, nothing is allocated
/// beyond what the bytes hold.
struct ReceiptReader {
    private let bytes: [UInt8]
    private(set) var offset: Int

    init(_ bytes: [UInt8], at offset: Int = 0) {
        self.bytes = bytes
        self.offset = offset
    }

    /// Bytes that were not read.
    var remaining: Int { bytes.count - offset }

    mutating func hash() throws(ReceiptError) -> Hash256 { try take(32) { Hash256(loading: $0) } }

    mutating func signature() throws(ReceiptError) -> Signature { try take(64) { Signature(loading: $0) } }

    mutating func u32() throws(ReceiptError) -> UInt32 {
        try take(4) { UInt32(littleEndian: $0.loadUnaligned(as: UInt32.self)) }
    }

    mutating func u64() throws(ReceiptError) -> UInt64 {
        try take(8) { UInt64(littleEndian: $0.loadUnaligned(as: UInt64.self)) }
    }

    mutating func bytes(_ count: Int) throws(ReceiptError) -> [UInt8] {
        guard count >= 0, count <= remaining else { throw .truncated }
        defer { offset += count }
        return Array(bytes[offset..<offset + count])
    }

    mutating func skip(_ count: Int) throws(ReceiptError) {
        guard count >= 0, count <= remaining else { throw .truncated }
        offset += count
    }

    private mutating func take<Value>(_ count: Int, _ load: (UnsafeRawPointer) -> Value) throws(ReceiptError) -> Value {
        guard count <= remaining else { throw .truncated }
        defer { offset += count }
        return bytes.withUnsafeBytes { load($0.baseAddress! + offset) }
    }
}

extension [UInt8] {
    /// Appends the 32 bytes of a hash.
    mutating func append(_ hash: Hash256) { hash.withUnsafeBytes { append(contentsOf: $0) } }

    /// Appends the 64 bytes of a signature.
    mutating func append(_ signature: Signature) { Swift.withUnsafeBytes(of: signature) { append(contentsOf: $0) } }

    /// Appends an integer, little-endian.
    mutating func append<Value: FixedWidthInteger>(littleEndian value: Value) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }
}
