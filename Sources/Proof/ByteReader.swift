import Cryptography

/// Reads the fields of a file from bytes that nobody vouches for: every read is checked, and nothing is allocated
/// beyond what the bytes hold. Integers are little-endian.
struct ByteReader<Failure: Error> {
    private let source: [UInt8]
    /// What is thrown when the bytes end before a field does.
    private let truncated: Failure
    /// Where the next read begins.
    private(set) var offset: Int

    /// - Parameter truncated: what is thrown when the bytes end before a field does.
    init(_ bytes: [UInt8], at offset: Int = 0, truncated: Failure) {
        precondition((0...bytes.count).contains(offset), "a place in the bytes")
        (source, self.offset, self.truncated) = (bytes, offset, truncated)
    }

    /// Bytes that were not read.
    var remaining: Int { source.count - offset }

    /// An integer.
    mutating func integer<Value: FixedWidthInteger>(_ type: Value.Type) throws(Failure) -> Value {
        try take(MemoryLayout<Value>.size) { Value(littleEndian: $0.loadUnaligned(as: Value.self)) }
    }

    /// 32 bytes.
    mutating func hash() throws(Failure) -> Hash256 { try take(Hash256.byteCount) { Hash256(loading: $0) } }

    /// 64 bytes.
    mutating func signature() throws(Failure) -> Signature { try take(Signature.byteCount) { Signature(loading: $0) } }

    /// So many bytes.
    mutating func bytes(_ count: Int) throws(Failure) -> [UInt8] {
        let start = offset
        try skip(count)
        return Array(source[start..<offset])
    }

    /// Passes over so many bytes.
    mutating func skip(_ count: Int) throws(Failure) {
        guard count >= 0, count <= remaining else { throw truncated }
        offset += count
    }

    private mutating func take<Value>(_ count: Int, _ load: (UnsafeRawPointer) -> Value) throws(Failure) -> Value {
        let start = offset
        try skip(count)
        return source.withUnsafeBytes { load($0.baseAddress! + start) }
    }
}

extension ByteReader<ReceiptError> {
    /// Reads a receipt, or a part of one.
    init(_ bytes: [UInt8], at offset: Int = 0) { self.init(bytes, at: offset, truncated: .truncated) }
}

extension ByteReader<EvidenceError> {
    /// Reads evidence, or a section of it.
    init(_ bytes: [UInt8]) { self.init(bytes, truncated: .truncated) }

    /// A list of hashes: u16 count, at most `max`, then 32 bytes each.
    mutating func hashes(max: Int) throws(EvidenceError) -> [Hash256] {
        let count = Int(try integer(UInt16.self))
        guard count <= max else { throw .field }
        var hashes: [Hash256] = []
        for _ in 0..<count { hashes.append(try hash()) }
        return hashes
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

    /// Appends a list of hashes: u16 count, then 32 bytes each.
    mutating func append(counted hashes: [Hash256]) {
        append(littleEndian: UInt16(hashes.count))
        for hash in hashes { append(hash) }
    }
}
